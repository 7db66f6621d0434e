#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "tests/windowing/save_world.h"
#include "tests/windowing/telling.h"
#include "windowing/window_save.h"
#include <stdlib.h>
#include <string.h>

#define STEPS 600u
#define ROOMY ((size_t) 256 << 20)
#define PORTIONS_MAX 64
#define CHECK_BYTES 8

struct snapshot {
	struct tide_buffer portions[PORTIONS_MAX];
	size_t count;
};

static void
snapshot_free(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->count; i++)
		tide_text_buffer_fini(&snapshot->portions[i]);
	snapshot->count = 0;
}

static void
snapshot_take(struct snapshot *snapshot, const struct tide_windows *windows)
{
	struct tide_window_cursor cursor = {0};

	for (snapshot->count = 0;; snapshot->count++) {
		assert_true(snapshot->count < PORTIONS_MAX);
		struct tide_buffer *portion = &snapshot->portions[snapshot->count];
		tide_text_buffer_init(portion, 16 << 20);
		if (!tide_window_save(windows, &cursor, portion))
			break;
		assert_false(portion->failed);
		assert_true(portion->length > CHECK_BYTES);
	}
	tide_text_buffer_fini(&snapshot->portions[snapshot->count]);
	assert_true(snapshot->count > 0);
}

static enum tide_window_load
portion_load(struct tide_windows *windows, const struct tide_buffer *portion)
{
	return tide_window_load(windows, (const uint8_t *) portion->bytes, portion->length);
}

static enum tide_window_load
snapshot_load(const struct snapshot *snapshot, struct tide_windows *windows)
{
	enum tide_window_load result = TIDE_WINDOW_LOAD_OK;

	for (size_t i = 0; i < snapshot->count && result == TIDE_WINDOW_LOAD_OK; i++)
		result = portion_load(windows, &snapshot->portions[i]);
	return result == TIDE_WINDOW_LOAD_OK ? tide_window_load_end(windows) : result;
}

static struct world *
world_new(uint64_t seed, size_t names_first)
{
	struct world *world = malloc(sizeof *world);

	assert_non_null(world);
	assert_true(tide_world_open(world, seed, names_first, ROOMY));
	return world;
}

static void
world_free(struct world *world)
{
	tide_world_close(world);
	free(world);
}

static bool
partial_move(void *closure, const uint8_t *bytes, size_t size)
{
	return tide_panes_put(closure, 0, bytes, size, INT64_MAX) == TIDE_PANES_OK;
}

/* What the windows have left goes to the panes of the process that goes on. */
static void
panes_move(struct tide_panes *to, const struct tide_panes *from)
{
	struct tide_buffer state;

	tide_text_buffer_init(&state, 1 << 20);
	tide_panes_state_save(from, &state);
	assert_false(state.failed);
	tide_panes_resume(to, tide_panes_clock(from), tide_panes_input(from), false);
	assert_int_equal(tide_panes_state_load(to, (const uint8_t *) state.bytes, state.length),
	                 TIDE_PANES_OK);
	assert_true(tide_panes_state_walk(from, 0, partial_move, to));
	tide_text_buffer_fini(&state);
}

/* The windows go on in a process that has met other columns first. */
static struct world *
restarted(struct world *world, size_t names_first)
{
	struct snapshot snapshot;
	struct world *next = world_new(world->seed, names_first);

	memcpy(next->watermarks_ms, world->watermarks_ms, sizeof next->watermarks_ms);
	snapshot_take(&snapshot, world->windows);
	assert_int_equal(snapshot_load(&snapshot, next->windows), TIDE_WINDOW_LOAD_OK);
	assert_true(tide_window_pending(next->windows) == tide_window_pending(world->windows));
	assert_true(tide_window_close_oldest(next->windows) ==
	            tide_window_close_oldest(world->windows));
	panes_move(next->panes, world->panes);
	snapshot_free(&snapshot);
	world_free(world);
	return next;
}

/* All that the panes say which are due, with every detector's word. */
static void
panes_tell(struct world *world, bool end, struct tide_buffer *out)
{
	struct tide_evidence evidence;

	while (tide_world_next(world, end, &evidence))
		telling_write(&world->setup, &evidence, out);
}

/* Everything that can be seen of a stream, with restarts at some `often` of its steps. */
static void
stream_tell(uint64_t seed, uint64_t often, struct tide_buffer *out)
{
	struct world *world = world_new(seed, 0);
	size_t restarts = 0;

	tide_text_buffer_init(out, 64 << 20);
	for (uint64_t i = 0; i < STEPS; i++) {
		int outcome = (int) tide_world_step(world, i);
		if (i % 20 == 0)
			panes_tell(world, false, out);
		tide_text_put_format(out, "outcome %d, pending %d\n", outcome,
		                     (int) tide_window_pending(world->windows));
		if (often && (i * 7 + seed) % often == 0)
			world = restarted(world, restarts++ % 2 ? 0 : 4);
	}
	panes_tell(world, true, out);
	assert_true(tide_window_pending(world->windows) == 0);
	world_free(world);
	assert_false(out->failed);
	tide_text_put(out, "", 1);
}

static void
assert_same_text(const char *a, const char *b)
{
	while (*a && *b) {
		size_t x = strcspn(a, "\n"), y = strcspn(b, "\n");
		if (x != y || memcmp(a, b, x) != 0)
			fail_msg("%.*s\n%.*s", (int) x, a, (int) y, b);
		a += x + 1;
		b += y + 1;
	}
	assert_true(*a == *b);
}

static void
what_was_loaded_goes_on_as_if_nothing_had_happened(void **state)
{
	(void) state;
	for (uint64_t seed = 0; seed < 12; seed++) {
		struct tide_buffer straight, broken;
		stream_tell(seed, 0, &straight);
		stream_tell(seed, seed % 2 ? 29 : 211, &broken);
		assert_same_text(straight.bytes, broken.bytes);
		tide_text_buffer_fini(&straight);
		tide_text_buffer_fini(&broken);
	}
}

/* A world in the middle of its stream. */
static struct world *
world_of(uint64_t seed, uint64_t steps)
{
	struct world *world = world_new(seed, 0);
	struct tide_evidence evidence;

	for (uint64_t i = 0; i < steps; i++) {
		(void) tide_world_step(world, i);
		while (i + 200 < steps && tide_world_next(world, false, &evidence))
			;
	}
	while (tide_world_next(world, false, &evidence))
		;
	return world;
}

/* Loads what is known of `from` now. */
static void
state_move(struct tide_panes *to, const struct tide_panes *from)
{
	struct tide_buffer state;

	tide_text_buffer_init(&state, 1 << 20);
	tide_panes_state_save(from, &state);
	assert_int_equal(tide_panes_state_load(to, (const uint8_t *) state.bytes, state.length),
	                 TIDE_PANES_OK);
	tide_text_buffer_fini(&state);
}

/* Partition 0 has left all of its panes when the snapshot is taken; partition 1 says so later, or
 * is idle until they are forgotten. A log that was not compacted holds an older record of the
 * stage, the snapshot, and a newer one. */
static void
left_since(bool idle)
{
	const int64_t end_ms = INT64_MAX / 4, none_ms = TIDE_NO_TIME;
	const struct tide_window_round round = {end_ms, end_ms, end_ms};
	const struct tide_progress later = {idle ? none_ms : end_ms, idle ? none_ms : end_ms,
	                                    idle ? none_ms : end_ms, idle};
	struct world *world = world_new(1, 0);
	struct tide_panes *next = tide_panes_new(&world->setup, &world->panes_pool);
	struct tide_evidence evidence;
	struct tide_buffer room;

	assert_non_null(next);
	tide_text_buffer_init(&room, 64 << 20);
	for (uint64_t i = 0; i < 300; i++)
		(void) tide_world_step(world, i);
	enum tide_panes_answer answer =
	        tide_panes_take(world->panes, 0, 2, world->windows, &round, false, &room);
	assert_int_equal(answer, TIDE_PANES_OK);
	state_move(next, world->panes);
	assert_true(tide_panes_state_walk(world->panes, 0, partial_move, next));
	assert_true(tide_panes_oldest(next) < INT64_MAX);
	assert_int_equal(tide_panes_tell(world->panes, 1, 2, &later), TIDE_PANES_OK);
	while (tide_panes_close(world->panes, &evidence) == TIDE_PANES_OK)
		;
	assert_true(tide_panes_oldest(world->panes) == INT64_MAX);
	state_move(next, world->panes);
	assert_int_equal(tide_panes_close(next, &evidence), TIDE_PANES_NONE);
	assert_true(tide_panes_oldest(next) == INT64_MAX);
	tide_text_buffer_fini(&room);
	tide_panes_free(next);
	world_free(world);
}

static void
partials_of_a_snapshot_that_have_left_since_do_not_leave_again(void **state)
{
	(void) state;
	left_since(false);
	left_since(true);
}

static void
nothing_at_all_is_a_snapshot_too(void **state)
{
	struct world *world = world_new(1, 0);

	(void) state;
	assert_int_equal(tide_window_load_end(world->windows), TIDE_WINDOW_LOAD_STRANGE);
	world = restarted(world, 0);
	assert_true(tide_window_close_oldest(world->windows) == INT64_MAX);
	world_free(world);
}

/* More than two portions: nothing has closed. */
static void
portions_are_loaded_in_their_order_and_all_of_them(void **state)
{
	struct world *world = world_new(3, 0), *next;
	struct snapshot snapshot;

	(void) state;
	for (uint64_t i = 0; i < 3000; i++)
		(void) tide_world_step(world, i);
	snapshot_take(&snapshot, world->windows);
	assert_true(snapshot.count > 2);
	for (size_t i = 0; i + 1 < snapshot.count; i++)
		assert_true(snapshot.portions[i].length >= TIDE_WINDOW_PORTION);
	for (size_t missing = 0; missing < snapshot.count; missing++) {
		enum tide_window_load result = TIDE_WINDOW_LOAD_OK;
		next = world_new(3, 0);
		for (size_t i = 0; i < snapshot.count && result == TIDE_WINDOW_LOAD_OK; i++)
			if (i != missing)
				result = portion_load(next->windows, &snapshot.portions[i]);
		if (result == TIDE_WINDOW_LOAD_OK)
			result = tide_window_load_end(next->windows);
		assert_int_equal(result, TIDE_WINDOW_LOAD_STRANGE);
		world_free(next);
	}
	next = world_new(3, 0);
	assert_int_equal(portion_load(next->windows, &snapshot.portions[1]),
	                 TIDE_WINDOW_LOAD_STRANGE);
	world_free(next);
	next = world_new(3, 0);
	assert_int_equal(snapshot_load(&snapshot, next->windows), TIDE_WINDOW_LOAD_OK);
	world_free(next);
	snapshot_free(&snapshot);
	world_free(world);
}

static void
windows_of_another_layout_are_strange(void **state)
{
	static const uint64_t others[] = {1 ^ 2, 1 ^ 16, 1 ^ 64}; /* panes, segments, weights */
	struct world *world = world_of(1, 300);
	struct snapshot snapshot;

	(void) state;
	snapshot_take(&snapshot, world->windows);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		struct world *other = world_new(others[i], 0);
		assert_int_equal(snapshot_load(&snapshot, other->windows),
		                 TIDE_WINDOW_LOAD_STRANGE);
		world_free(other);
	}
	snapshot_free(&snapshot);
	world_free(world);
}

static uint64_t
number_next(uint64_t *number)
{
	*number = *number * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *number >> 33;
}

static void
every_damaged_byte_is_found(void **state)
{
	struct world *world = world_of(5, 400);
	struct snapshot snapshot;
	uint64_t number = 1;

	(void) state;
	snapshot_take(&snapshot, world->windows);
	struct tide_buffer *portion = &snapshot.portions[0];
	for (int i = 0; i < 100; i++) {
		char *byte = &portion->bytes[number_next(&number) % portion->length];
		struct world *next = world_new(5, 0);
		*byte = (char) (*byte ^ 1 << i % 8);
		assert_int_equal(portion_load(next->windows, portion), TIDE_WINDOW_LOAD_STRANGE);
		*byte = (char) (*byte ^ 1 << i % 8);
		world_free(next);
	}
	snapshot_free(&snapshot);
	world_free(world);
}

/* Loads the bytes with a hash that is right; what comes of it may be anything but a crash. */
static enum tide_window_load
forged_load(uint64_t seed, const char *bytes, size_t length, size_t cap_bytes)
{
	enum tide_window_load result = TIDE_WINDOW_LOAD_NO_MEMORY;
	uint64_t hash = tide_hash_plain((struct tide_text){bytes, length});
	uint8_t *own = malloc(length + CHECK_BYTES); /* one byte more is one too many */
	struct world *world = malloc(sizeof *world);

	assert_true(own && world);
	memcpy(own, bytes, length);
	for (size_t i = 0; i < CHECK_BYTES; i++)
		own[length + i] = (uint8_t) (hash >> 8 * i);
	if (tide_world_open(world, seed, 0, cap_bytes)) {
		result = tide_window_load(world->windows, own, length + CHECK_BYTES);
		if (result == TIDE_WINDOW_LOAD_OK)
			result = tide_window_load_end(world->windows);
	}
	world_free(world);
	free(own);
	return result;
}

static void
forged_bytes_lead_nowhere(void **state)
{
	uint64_t number = 1;
	size_t strange = 0;

	(void) state;
	for (uint64_t seed = 0; seed < 5; seed++) {
		struct world *world = world_of(seed * 9 + 1, 200);
		struct snapshot snapshot;
		snapshot_take(&snapshot, world->windows);
		const struct tide_buffer *portion = &snapshot.portions[0];
		size_t length = portion->length - CHECK_BYTES;
		for (size_t i = 0; i < 80; i++) {
			size_t end = number_next(&number) % length;
			assert_int_equal(forged_load(world->seed, portion->bytes, end, ROOMY),
			                 TIDE_WINDOW_LOAD_STRANGE);
		}
		for (size_t i = 0; i < 300; i++) {
			/* the head and what stands at the end are smaller than the cells */
			size_t at = number_next(&number) % (i % 2 ? length : 2000);
			char *byte = &portion->bytes[i % 3 ? at % length : length - 1 - at % length];
			char old = *byte;
			*byte = (char) number_next(&number);
			strange += forged_load(world->seed, portion->bytes, length, ROOMY) !=
			           TIDE_WINDOW_LOAD_OK;
			*byte = old;
		}
		snapshot_free(&snapshot);
		world_free(world);
	}
	assert_true(strange > 500);
}

static void
a_load_without_memory_says_so_and_leaves_nothing_behind(void **state)
{
	size_t refused = 0;

	(void) state;
	for (uint64_t seed = 1; seed < 80; seed += 13) {
		struct world *world = world_of(seed, 400);
		struct snapshot snapshot;
		enum tide_window_load result = TIDE_WINDOW_LOAD_NO_MEMORY;
		snapshot_take(&snapshot, world->windows);
		size_t length = snapshot.portions[0].length - CHECK_BYTES, cap_bytes = 30000;
		assert_int_equal(snapshot.count, 1);
		for (; result == TIDE_WINDOW_LOAD_NO_MEMORY; cap_bytes += cap_bytes / 5) {
			assert_true(cap_bytes < ROOMY);
			result = forged_load(seed, snapshot.portions[0].bytes, length, cap_bytes);
			refused += result == TIDE_WINDOW_LOAD_NO_MEMORY;
		}
		assert_int_equal(result, TIDE_WINDOW_LOAD_OK);
		snapshot_free(&snapshot);
		world_free(world);
	}
	assert_true(refused > 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_was_loaded_goes_on_as_if_nothing_had_happened),
	        cmocka_unit_test(partials_of_a_snapshot_that_have_left_since_do_not_leave_again),
	        cmocka_unit_test(nothing_at_all_is_a_snapshot_too),
	        cmocka_unit_test(portions_are_loaded_in_their_order_and_all_of_them),
	        cmocka_unit_test(windows_of_another_layout_are_strange),
	        cmocka_unit_test(every_damaged_byte_is_found),
	        cmocka_unit_test(forged_bytes_lead_nowhere),
	        cmocka_unit_test(a_load_without_memory_says_so_and_leaves_nothing_behind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
