#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "tests/windowing/panes_world.h"
#include "tests/windowing/telling.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_MS 1000
#define STEP_MS 3
#define JITTER_MS 40
#define DISORDER_MS 50
#define ROOMY ((size_t) 256 << 20)

struct parts *
tide_parts_new(uint64_t seed, int32_t count, bool few)
{
	struct parts *parts = malloc(sizeof *parts);

	TIDE_ASSERT(parts);
	*parts = (struct parts){.count = count, .few = few, .random = seed + 1};
	TIDE_ASSERT(tide_world_open(&parts->world, seed, 0, ROOMY));
	tide_window_free(parts->world.windows);
	tide_panes_free(parts->world.panes);
	parts->world.windows = NULL;
	parts->world.setup.values_max = few ? 3 : 0;
	parts->world.panes = tide_panes_new(&parts->world.setup, &parts->world.panes_pool);
	TIDE_ASSERT(parts->world.panes);
	for (int32_t i = 0; i < count; i++) {
		parts->windows[i] = tide_window_new(&parts->world.setup, &parts->world.pool);
		TIDE_ASSERT(parts->windows[i]);
	}
	for (size_t i = 0; i < 2 * PARTS_MAX; i++)
		parts->watermarks_ms[i / 2][i % 2] = TIDE_NO_TIME;
	return parts;
}

void
tide_parts_free(struct parts *parts)
{
	for (int32_t i = 0; i < parts->count; i++)
		tide_window_free(parts->windows[i]);
	tide_world_close(&parts->world);
	free(parts);
}

uint64_t
tide_parts_chosen(struct parts *parts, uint64_t end)
{
	parts->random = parts->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (parts->random >> 33) % end;
}

/* A new one, or an earlier one said again. */
static uint64_t
prediction_id(struct parts *parts, const struct tide_event *event)
{
	uint64_t id = parts->predictions;

	if (id > RECENT && tide_parts_chosen(parts, 20) == 0)
		return id - 1 - tide_parts_chosen(parts, RECENT);
	parts->recent[id % RECENT].id = id;
	parts->recent[id % RECENT].model = event->model;
	parts->predictions++;
	return id;
}

/* Of a prediction not long ago, or of one to come. */
static uint64_t
label_id(struct parts *parts, struct tide_event *event)
{
	size_t which = tide_parts_chosen(parts, RECENT);

	if (parts->predictions < RECENT || tide_parts_chosen(parts, 6) == 0) {
		event->model = (struct tide_text){0};
		return parts->predictions + tide_parts_chosen(parts, 4);
	}
	if (event->model.length)
		event->model = parts->recent[which].model;
	return parts->recent[which].id;
}

/* The next event; the same for every count of partitions, but for its own. */
static void
event_fill(struct parts *parts, uint64_t number, struct said *said, struct tide_event *event)
{
	tide_world_event(&parts->world, number, said, event);
	if (parts->few && tide_text_is(event->model, "none"))
		event->model = TIDE_TEXT("m0");
	uint64_t id = event->role == TIDE_PREDICTIONS ? prediction_id(parts, event)
	                                              : label_id(parts, event);
	snprintf(said->id, sizeof said->id, "id-%llu", (unsigned long long) id);
	event->key = tide_hash_keyed(tide_text_of(said->id), 7);
	event->partition = (int32_t) (id % (uint64_t) parts->count);
	event->time_ms = START_MS + (int64_t) number * STEP_MS -
	                 (int64_t) tide_parts_chosen(parts, JITTER_MS);
}

enum tide_outcome
tide_parts_add(struct parts *parts, const struct tide_event *event)
{
	struct tide_windows *windows = parts->windows[event->partition];
	int64_t *watermark_ms = &parts->watermarks_ms[event->partition][event->role];

	TIDE_ASSERT(tide_window_has_room(windows));
	enum tide_outcome became = tide_window_add(windows, event, *watermark_ms);
	parts->outcomes[event->role][became]++;
	tide_clock_raise(watermark_ms, event->time_ms - DISORDER_MS);
	return became;
}

bool
tide_parts_round(const struct parts *parts, int32_t partition, struct tide_window_round *round)
{
	bool awake = false;

	*round = (struct tide_window_round){TIDE_CLOCK_END, TIDE_CLOCK_END, TIDE_CLOCK_END};
	for (size_t role = 0; role < 2; role++) {
		int64_t watermark_ms = parts->watermarks_ms[partition][role];
		tide_clock_lower(&round->whole_ms, watermark_ms);
		if (parts->idle[partition][role])
			continue;
		awake = true;
		tide_clock_lower(&round->clock_ms, watermark_ms);
		if (role == TIDE_PREDICTIONS)
			round->prediction_ms = watermark_ms;
	}
	if (parts->idle[partition][TIDE_PREDICTIONS])
		round->prediction_ms = awake ? round->clock_ms : TIDE_NO_TIME;
	return !awake;
}

enum tide_panes_answer
tide_parts_take(struct parts *parts, int32_t partition)
{
	struct tide_window_round round;
	struct tide_buffer room;
	bool idle = tide_parts_round(parts, partition, &round);

	tide_text_buffer_init(&room, 64 << 20);
	enum tide_panes_answer answer =
	        tide_panes_take(parts->world.panes, partition, parts->count,
	                        parts->windows[partition], &round, idle, &room);
	tide_text_buffer_fini(&room);
	return answer;
}

void
tide_parts_end(struct parts *parts)
{
	for (size_t i = 0; i < 2 * PARTS_MAX; i++) {
		parts->watermarks_ms[i / 2][i % 2] = TIDE_CLOCK_END;
		parts->idle[i / 2][i % 2] = false;
	}
}

struct record *
tide_parts_records(struct parts *parts)
{
	struct record *records = calloc(RECORDS, sizeof *records);

	assert_non_null(records);
	for (uint64_t i = 0; i < RECORDS; i++)
		event_fill(parts, i, &records[i].said, &records[i].event);
	return records;
}

void
tide_parts_told(struct told *told)
{
	*told = (struct told){.input_ms = INT64_MIN};
	tide_text_buffer_init(&told->lines, 64 << 20);
}

/* An input record is of a window behind that of the one before. */
static void
input_tell(const struct tide_evidence *evidence, struct told *told)
{
	assert_true(evidence->start_ms > told->input_ms);
	told->input_ms = evidence->start_ms;
	told->inputs++;
	for (size_t i = 0; i < 2 * TIDE_OUTCOMES; i++)
		told->counts.outcomes[i / TIDE_OUTCOMES][i % TIDE_OUTCOMES] +=
		        evidence->counts->outcomes[i / TIDE_OUTCOMES][i % TIDE_OUTCOMES];
}

void
tide_parts_tell(struct parts *parts, struct told *told)
{
	enum tide_panes_answer answer;
	struct tide_evidence evidence;

	while ((answer = tide_panes_close(parts->world.panes, &evidence)) == TIDE_PANES_OK) {
		if (evidence.side == TIDE_SIDE_INPUT)
			input_tell(&evidence, told);
		else
			telling_write(&parts->world.setup, &evidence, &told->lines);
	}
	assert_int_equal(answer, TIDE_PANES_NONE);
	assert_false(told->lines.failed);
}

void
tide_parts_take_all(struct parts *parts)
{
	for (int32_t i = 0; i < parts->count; i++)
		assert_int_equal(tide_parts_take(parts, i), TIDE_PANES_OK);
}

/* A label that waits is in the input record as unmatched, or as what a prediction made of it. */
void
tide_parts_assert_nothing_is_lost(const struct parts *parts, const struct told *told)
{
	for (size_t role = 0; role < 2; role++) {
		uint64_t read = 0, said = 0;
		for (size_t i = 0; i < TIDE_OUTCOMES; i++) {
			read += parts->outcomes[role][i];
			said += told->counts.outcomes[role][i];
		}
		assert_int_equal(said, read);
		assert_int_equal(told->counts.outcomes[role][TIDE_WAITING], 0);
	}
	assert_int_equal(told->counts.outcomes[0][TIDE_ACCEPTED],
	                 parts->outcomes[0][TIDE_ACCEPTED]);
}

static void
assert_same_text(const char *a, const char *b)
{
	while (*a && *b) {
		size_t x = strcspn(a, "\n"), y = strcspn(b, "\n");
		if (x != y || memcmp(a, b, x) != 0) {
			fprintf(stderr, "%.*s\n%.*s\n", (int) x, a, (int) y, b);
			fail();
		}
		a += x + 1;
		b += y + 1;
	}
	assert_true(*a == *b);
}

void
tide_parts_assert_same(struct told *a, struct told *b)
{
	tide_text_put(&a->lines, "", 1);
	tide_text_put(&b->lines, "", 1);
	assert_true(a->lines.length > 1000 && !a->lines.failed && !b->lines.failed);
	assert_same_text(a->lines.bytes, b->lines.bytes);
	tide_text_buffer_fini(&a->lines);
	tide_text_buffer_fini(&b->lines);
}
