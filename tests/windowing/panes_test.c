#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "tests/windowing/panes_world.h"
#include <stdlib.h>
#include <string.h>

#define SEEDS 4
#define LETTERS_MAX 8192

/* What is said of a stream when now one partition tells how far it is, and now another. */
static void
stream_tell(uint64_t seed, int32_t count, bool few, struct told *told)
{
	struct parts *parts = tide_parts_new(seed, count, few);
	struct record *records = tide_parts_records(parts);

	tide_parts_told(told);
	for (size_t i = 0; i < RECORDS; i++) {
		(void) tide_parts_add(parts, &records[i].event);
		if (tide_parts_chosen(parts, 4))
			continue;
		int32_t partition = (int32_t) tide_parts_chosen(parts, (uint64_t) count);
		assert_int_equal(tide_parts_take(parts, partition), TIDE_PANES_OK);
		tide_parts_tell(parts, told);
	}
	tide_parts_end(parts);
	tide_parts_take_all(parts);
	tide_parts_tell(parts, told);
	assert_true(tide_panes_oldest(parts->world.panes) == INT64_MAX);
	tide_parts_assert_nothing_is_lost(parts, told);
	free(records);
	tide_parts_free(parts);
}

static void
several_partitions_say_what_one_says(void **state)
{
	(void) state;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		for (int32_t count = 2; count <= PARTS_MAX; count += 3) {
			struct told one, several;
			stream_tell(seed, 1, seed % 2, &one);
			stream_tell(seed, count, seed % 2, &several);
			tide_parts_assert_same(&one, &several);
		}
	}
}

static void
nothing_leaves_before_every_partition_has_told(void **state)
{
	struct parts *parts = tide_parts_new(1, 3, false);
	struct record *records = tide_parts_records(parts);
	struct tide_evidence evidence;

	(void) state;
	for (size_t i = 0; i < RECORDS; i++)
		(void) tide_parts_add(parts, &records[i].event);
	tide_parts_end(parts);
	for (int32_t i = 0; i < 3; i++) {
		assert_int_equal(tide_panes_close(parts->world.panes, &evidence), TIDE_PANES_NONE);
		assert_true(tide_panes_clock(parts->world.panes) == TIDE_NO_TIME);
		assert_int_equal(tide_parts_take(parts, i), TIDE_PANES_OK);
	}
	assert_int_equal(tide_panes_close(parts->world.panes, &evidence), TIDE_PANES_OK);
	assert_true(tide_panes_clock(parts->world.panes) == TIDE_CLOCK_END);
	free(records);
	tide_parts_free(parts);
}

static void
evidence_comes_by_trigger_time_then_key_then_side(void **state)
{
	(void) state;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct parts *parts = tide_parts_new(seed, 2, true);
		struct record *records = tide_parts_records(parts);
		struct tide_evidence now, before = {.trigger_ms = INT64_MIN};
		char model[32], version[32], value[32];
		size_t count = 0;
		for (size_t i = 0; i < RECORDS; i++)
			(void) tide_parts_add(parts, &records[i].event);
		tide_parts_end(parts);
		tide_parts_take_all(parts);
		while (tide_panes_close(parts->world.panes, &now) == TIDE_PANES_OK &&
		       now.side != TIDE_SIDE_INPUT) {
			int order = count ? tide_cell_key_compare(&before.key, &now.key) : -1;
			assert_true(before.trigger_ms <= now.trigger_ms);
			if (before.trigger_ms == now.trigger_ms)
				assert_true(order < 0 || (order == 0 && before.side < now.side) ||
				            (order == 0 && before.side == now.side &&
				             before.start_ms < now.start_ms));
			before = now;
			before.key.model.bytes = memcpy(model, now.key.model.bytes,
			                                now.key.model.length);
			before.key.version.bytes = memcpy(version, now.key.version.bytes,
			                                  now.key.version.length);
			if (now.key.value.bytes)
				before.key.value.bytes = memcpy(value, now.key.value.bytes,
				                                now.key.value.length);
			count++;
		}
		assert_true(count > 50);
		free(records);
		tide_parts_free(parts);
	}
}

/* What a partition has, as it would cross a topic. */
struct letter {
	uint8_t *bytes;
	size_t size;
	int32_t partition;
};

static size_t
letters_take(struct parts *parts, struct letter *letters, size_t count)
{
	for (int32_t i = 0; i < parts->count; i++) {
		struct tide_window_round round;
		struct tide_partial partial;
		(void) tide_parts_round(parts, i, &round);
		while (tide_window_close(parts->windows[i], &round, &partial) ==
		       TIDE_CLOSED_PARTIAL) {
			struct tide_buffer bytes;
			tide_text_buffer_init(&bytes, 64 << 20);
			tide_window_close_save(parts->windows[i], &partial, &bytes);
			assert_true(!bytes.failed && count < LETTERS_MAX);
			letters[count++] =
			        (struct letter){(uint8_t *) bytes.bytes, bytes.length, i};
		}
	}
	return count;
}

static void
letters_shuffle(struct parts *parts, struct letter *letters, size_t count)
{
	for (size_t i = count; i > 1; i--) {
		size_t other = tide_parts_chosen(parts, i);
		struct letter letter = letters[i - 1];
		letters[i - 1] = letters[other];
		letters[other] = letter;
	}
}

/* What new panes say when all letters have come. */
static void
letters_tell(struct parts *parts, const struct letter *letters, size_t count, struct told *told)
{
	const struct tide_progress end = {TIDE_CLOCK_END, TIDE_CLOCK_END, TIDE_CLOCK_END, false};
	struct tide_panes *panes = parts->world.panes;

	tide_parts_told(told);
	parts->world.panes = tide_panes_new(&parts->world.setup, &parts->world.panes_pool);
	assert_non_null(parts->world.panes);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(tide_panes_put(parts->world.panes, letters[i].partition,
		                                letters[i].bytes, letters[i].size, 0),
		                 TIDE_PANES_OK);
	for (int32_t i = 0; i < parts->count; i++)
		assert_int_equal(tide_panes_tell(parts->world.panes, i, parts->count, &end),
		                 TIDE_PANES_OK);
	tide_parts_tell(parts, told);
	tide_panes_free(parts->world.panes);
	parts->world.panes = panes;
}

/* Where `early`, what the partitions had shortly before the end is there, too, and first. */
static void
shuffled_tell(uint64_t seed, bool early, uint64_t shuffles, struct told *told)
{
	static struct letter letters[LETTERS_MAX];
	struct parts *parts = tide_parts_new(seed, 3, !early && seed % 2);
	struct record *records = tide_parts_records(parts);
	size_t first = 0;

	for (size_t i = 0; i < RECORDS; i++) {
		(void) tide_parts_add(parts, &records[i].event);
		if (!early || i != RECORDS - 20)
			continue;
		memset(parts->idle, true, sizeof parts->idle);
		first = letters_take(parts, letters, 0);
		assert_true(first > 20);
		memset(parts->idle, false, sizeof parts->idle);
	}
	tide_parts_end(parts);
	size_t count = letters_take(parts, letters, first);
	while (shuffles--)
		letters_shuffle(parts, letters + first, count - first);
	letters_tell(parts, letters, count, told);
	for (size_t i = 0; i < count; i++)
		free(letters[i].bytes);
	free(records);
	tide_parts_free(parts);
}

static void
partials_may_come_in_any_order(void **state)
{
	(void) state;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		for (uint64_t shuffles = 1; shuffles < 2; shuffles++) {
			struct told one, other;
			shuffled_tell(seed, false, 0, &one);
			shuffled_tell(seed, false, shuffles, &other);
			tide_parts_assert_same(&one, &other);
		}
	}
}

static void
a_partial_takes_the_place_of_the_one_before(void **state)
{
	(void) state;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct told one, other;
		shuffled_tell(2 * seed, false, 0, &one);
		shuffled_tell(2 * seed, true, 1, &other);
		tide_parts_assert_same(&one, &other);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(several_partitions_say_what_one_says),
	        cmocka_unit_test(nothing_leaves_before_every_partition_has_told),
	        cmocka_unit_test(evidence_comes_by_trigger_time_then_key_then_side),
	        cmocka_unit_test(partials_may_come_in_any_order),
	        cmocka_unit_test(a_partial_takes_the_place_of_the_one_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
