#include "app/repartition.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define QUEUES       3 /* predictions 0 and 1, labels 0 */
#define RECORDS      16
#define RECORD_BYTES 256
#define LETTERS      64
#define PARTITIONS   4
#define IDLE_MS      1000

/* Kafka's own table of murmur2 (its UtilsTest), sign cut off, modulo 4. */
#define ID_IN_0 "a-little-bit-long-string"                         /* -985981536 */
#define ID_IN_1 "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8" /* -58897971 */
#define ID_IN_2 "foobar"                                           /* -790332482 */
#define ID_IN_3 "abc"                                              /* 479470107 */

struct letter {
	enum tide_letter_kind kind;
	int32_t partition;
	int64_t offset, time_ms;
	char value[RECORD_BYTES], key[8];
	bool has_value;
};

struct world;
typedef void turn_fn(struct world *world, unsigned turn);

/* A broker that a test plays: each turn of the loop may bring records, time, or the end. */
struct world {
	struct tide_source source;
	struct tide_sink sink;
	struct tide_queue queues[QUEUES];
	struct tide_record records[QUEUES][RECORDS];
	char bytes[QUEUES][RECORDS][RECORD_BYTES];
	size_t counts[QUEUES], taken[QUEUES];
	bool waits[QUEUES]; /* more is known to be there */
	struct letter held[LETTERS], letters[LETTERS];
	size_t held_count, count;
	struct tide_position positions[QUEUES];
	char note[64];
	unsigned commits, turn;
	turn_fn *play;
	bool changed;
	int64_t now_ms;
	volatile sig_atomic_t stop;
	struct tide_config config;
	struct tide_repartition_setup setup;
	struct tide_repartition_summary summary;
	struct tide_error error;
};

static void
arrive(struct world *world, size_t queue, int64_t time_ms, const char *value)
{
	size_t at = world->counts[queue]++;

	assert_true(at < RECORDS && (!value || strlen(value) + 64 < RECORD_BYTES));
	if (value)
		memcpy(world->bytes[queue][at], value, strlen(value) + 1);
	world->records[queue][at] = (struct tide_record){
		.key = (const uint8_t *) "key", .key_size = 3,
		.value = value ? (const uint8_t *) world->bytes[queue][at] : NULL,
		.value_size = value ? strlen(value) : 0,
		.offset = world->queues[queue].start_offset + (int64_t) at * 2,
		.time_ms = time_ms};
}

/* A record of this id and event time, whose record time is the same. */
static void
arrive_event(struct world *world, size_t queue, int64_t time_ms, const char *id)
{
	char value[RECORD_BYTES];

	(void) snprintf(value, sizeof(value), "{\"i\":\"%s\",\"t\":%lld,\"y\":1}", id,
		(long long) time_ms);
	arrive(world, queue, time_ms, value);
}

static int
world_poll(struct tide_source *base, int wait_ms, bool *changed, struct tide_error *error)
{
	struct world *world = (struct world *) base;

	(void) wait_ms, (void) error;
	world->play(world, world->turn++);
	assert_true(world->turn < 1000);
	*changed = world->changed;
	world->changed = false;
	return 0;
}

static size_t
world_queues(struct tide_source *base, const struct tide_queue **queues)
{
	*queues = ((struct world *) base)->queues;
	return QUEUES;
}

static int
world_take(struct tide_source *base, size_t queue, struct tide_batch *batch,
           enum tide_supply *supply, struct tide_error *error)
{
	struct world *world = (struct world *) base;

	(void) error;
	*batch = (struct tide_batch){world->records[queue] + world->taken[queue],
		world->counts[queue] - world->taken[queue]};
	world->taken[queue] = world->counts[queue];
	*supply = batch->count ? TIDE_SUPPLY_RECORDS
		: world->waits[queue] ? TIDE_SUPPLY_WAIT : TIDE_SUPPLY_DRAINED;
	return 0;
}

static int
world_give(struct tide_sink *base, const struct tide_letter *given, struct tide_error *error)
{
	struct world *world = (struct world *) ((char *) base - offsetof(struct world, sink));
	struct letter *letter = &world->held[world->held_count++];

	(void) error;
	assert_true(world->held_count <= LETTERS && given->is_placed);
	*letter = (struct letter){given->kind, given->partition, -1, given->time_ms, "", "",
		given->value != NULL};
	(void) snprintf(letter->value, sizeof(letter->value), "%.*s", (int) given->value_size,
		given->value ? (const char *) given->value : "");
	(void) snprintf(letter->key, sizeof(letter->key), "%.*s", (int) given->key_size,
		(const char *) given->key);
	assert_int_equal(given->header_count, 3);
	assert_string_equal(given->headers[2].name, "__tidemark.origin.offset");
	letter->offset = strtoll(given->headers[2].value.bytes, NULL, 10);
	return 0;
}

static int
world_commit(struct tide_sink *base, const struct tide_position *positions, size_t count,
             struct tide_error *error)
{
	struct world *world = (struct world *) ((char *) base - offsetof(struct world, sink));

	(void) error;
	assert_int_equal(count, QUEUES);
	assert_true(world->count + world->held_count <= LETTERS);
	memcpy(world->letters + world->count, world->held,
		world->held_count * sizeof(*world->held));
	world->count += world->held_count;
	world->held_count = 0;
	memcpy(world->positions, positions, sizeof(world->positions));
	(void) snprintf(world->note, sizeof(world->note), "%s", positions[0].metadata);
	world->commits++;
	return 0;
}

static void
world_drop(struct tide_sink *base)
{
	((struct world *) ((char *) base - offsetof(struct world, sink)))->held_count = 0;
}

static int64_t
world_now(void *closure)
{
	return ((struct world *) closure)->now_ms;
}

static const struct tide_source_ops source_ops = {.poll = world_poll, .queues = world_queues,
	.take = world_take};
static const struct tide_sink_ops sink_ops = {.give = world_give, .commit = world_commit,
	.drop = world_drop};

static void
world_open(struct world *world, turn_fn *play)
{
	static const struct tide_queue queues[QUEUES] = {{0, 0, 2, "p", 100, ""},
		{0, 1, 2, "p", 0, ""}, {1, 0, 1, "l", 7, ""}};

	memset(world, 0, sizeof(*world));
	world->source.ops = &source_ops;
	world->sink.ops = &sink_ops;
	memcpy(world->queues, queues, sizeof(queues));
	world->play = play;
	world->config.path = "c.yaml";
	world->config.window.idle_timeout_ms = IDLE_MS;
	world->config.window.max_future_skew_ms = 10;
	world->config.predictions.mapping = (struct tide_mapping){.role = TIDE_PREDICTIONS,
		.id = {"i"}, .id_count = 1, .timestamp = "t", .prediction = "y"};
	world->config.labels.mapping = (struct tide_mapping){.role = TIDE_LABELS,
		.id = {"i"}, .id_count = 1, .timestamp = "t", .target = "y"};
	world->setup = (struct tide_repartition_setup){.config = &world->config,
		.columns = tide_mapping_columns_new(), .source = &world->source,
		.sink = &world->sink, .partitions = PARTITIONS, .stop = &world->stop,
		.commit_interval_ms = 10, .now_ms = world_now, .closure = world};
}

/* Runs to its end, which is a stop unless something failed. */
static enum tide_error_code
run(struct world *world)
{
	assert_int_equal(tide_repartition_run(&world->setup, &world->summary, &world->error), -1);
	assert_null(world->setup.running);
	tide_mapping_columns_free(world->setup.columns);
	return world->error.code;
}

static void
stop_play(struct world *world, unsigned turn)
{
	(void) turn;
	world->stop = 1;
}

static void
records_are_put_by_their_ids_in_the_order_of_their_times(void **state)
{
	static const struct {
		int32_t partition;
		int64_t offset, time_ms;
	} wanted[] = {{3, 0, 1}, {0, 100, 2}, {1, 2, 3}, {2, 102, 3}, {2, 104, 1}, {3, 4, 4}};
	struct world world;
	size_t labels = 0, predictions = 0;

	(void) state;
	world_open(&world, stop_play);
	arrive_event(&world, 0, 2, ID_IN_0);
	arrive_event(&world, 0, 3, ID_IN_2);
	arrive_event(&world, 0, 1, ID_IN_2); /* behind its neighbour: a partition keeps its own order */
	arrive_event(&world, 1, 1, ID_IN_3);
	arrive_event(&world, 1, 3, ID_IN_1);
	arrive_event(&world, 1, 4, ID_IN_3);
	arrive_event(&world, 2, 9, ID_IN_1);
	world.queues[0].partition = 2; /* a tie goes to the smaller number */
	world.config.window.idle_timeout_ms = 0;
	assert_int_equal(run(&world), TIDE_ERROR_INTERRUPTED);
	for (size_t i = 0; i < world.count; i++) {
		const struct letter *letter = &world.letters[i];
		assert_string_equal(letter->key, "key");
		if (letter->kind == TIDE_LETTER_LABEL) {
			assert_int_equal(letter->partition, 1);
			assert_int_equal(letter->offset, 7);
			labels++;
			continue;
		}
		assert_int_equal(letter->kind, TIDE_LETTER_PREDICTION);
		assert_int_equal(letter->partition, wanted[predictions].partition);
		assert_int_equal(letter->offset, wanted[predictions].offset);
		assert_int_equal(letter->time_ms, wanted[predictions].time_ms);
		predictions++;
	}
	assert_int_equal(predictions, 6);
	assert_int_equal(labels, 1);
	assert_int_equal(world.summary.given[0] + world.summary.given[1], 7);
}

/* Nothing of partition 1 at first, then something earlier than what partition 0 had. */
static void
hold_play(struct world *world, unsigned turn)
{
	world->now_ms += 100;
	if (turn == 0)
		arrive_event(world, 0, 50, ID_IN_0);
	if (turn == 4) {
		assert_int_equal(world->count + world->held_count, 0);
		arrive_event(world, 1, 40, ID_IN_0);
	}
	if (turn == 6) {
		assert_int_equal(world->count, 1);
		assert_string_equal(world->letters[0].value, "{\"i\":\"" ID_IN_0 "\",\"t\":40,\"y\":1}");
		assert_int_equal(world->positions[0].offset, 100);
		assert_int_equal(world->positions[1].offset, 1);
		assert_int_equal(world->positions[2].offset, 7);
		assert_string_equal(world->note, "tr1;Q=4");
	}
	if (turn == 10) /* waited from turn 1 on */
		assert_int_equal(world->count, 1);
	if (turn == 12) {
		assert_int_equal(world->count, 2);
		assert_int_equal(world->positions[0].offset, 101);
	}
	if (turn == 30) /* partition 1 has been idle: it is waited for no longer */
		arrive_event(world, 0, 60, ID_IN_0);
	world->stop = turn == 32;
}

static void
a_record_waits_for_a_partition_that_may_have_an_earlier_one(void **state)
{
	struct world world;

	(void) state;
	world_open(&world, hold_play);
	assert_int_equal(run(&world), TIDE_ERROR_INTERRUPTED);
	assert_int_equal(world.count, 3);
	assert_int_equal(world.positions[0].offset, 103);
}

static void
wait_play(struct world *world, unsigned turn)
{
	world->now_ms += 10 * IDLE_MS;
	if (turn == 0) {
		world->waits[1] = true;
		arrive_event(world, 0, 50, ID_IN_0);
	}
	if (turn == 5)
		arrive_event(world, 1, 40, ID_IN_3);
	world->stop = turn == 6;
}

static void
a_partition_that_is_known_to_have_more_is_waited_for(void **state)
{
	struct world world;

	(void) state;
	world_open(&world, wait_play);
	assert_int_equal(run(&world), TIDE_ERROR_INTERRUPTED);
	assert_int_equal(world.count, 1);
	assert_int_equal(world.letters[0].partition, 3);
}

static void
what_a_worker_refuses_is_given_as_it_is(void **state)
{
	static const char *const values[] = {"no json", "{\"t\":5,\"y\":1,\"z\":2}", NULL,
		"{\"i\":\"" ID_IN_0 "\",\"t\":31,\"y\":1,\"z\":2}", "{\"i\":\"x\",\"t\":5,\"y\":{}}"};
	struct world world;

	(void) state;
	world_open(&world, stop_play);
	world.queues[1].partition = 5;
	for (size_t i = 0; i < 5; i++)
		arrive(&world, 1, 20, values[i]);
	/* nearly: 30 is not beyond 20 + 10, and another member is left out */
	arrive(&world, 1, 20, "{\"i\":\"" ID_IN_0 "\",\"t\":30,\"y\":1,\"z\":2}");
	world.config.window.idle_timeout_ms = 0;
	assert_int_equal(run(&world), TIDE_ERROR_INTERRUPTED);
	assert_int_equal(world.count, 6);
	assert_int_equal(world.summary.refused[0], 5);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(world.letters[i].partition, 5 % PARTITIONS);
		assert_int_equal(world.letters[i].has_value, values[i] != NULL);
		assert_string_equal(world.letters[i].value, values[i] ? values[i] : "");
	}
	assert_int_equal(world.letters[5].partition, 0);
	assert_string_equal(world.letters[5].value, "{\"i\":\"" ID_IN_0 "\",\"t\":30,\"y\":1}");
}

/* A rebalance after a commit in its callback, and one that nobody was asked about. */
static void
rebalance_play(struct world *world, unsigned turn)
{
	if (turn == 0) {
		arrive_event(world, 2, 1, ID_IN_0);
		arrive_event(world, 2, 2, ID_IN_0);
	} else if (turn == 1) {
		assert_int_equal(world->commits, 0);
		assert_int_equal(world->held_count, 2);
		tide_repartition_revoke(&world->setup);
		assert_int_equal(world->commits, 1);
		arrive_event(world, 2, 3, ID_IN_0);
	} else if (turn == 2) {
		assert_int_equal(world->held_count, 1);
		world->changed = true;
		world->taken[2] = 2; /* as the broker would: from the last commit on */
		world->queues[2].start_offset = world->positions[2].offset;
		world->queues[2].metadata = world->note;
	}
	world->stop = turn == 3;
}

static void
what_was_not_committed_before_a_rebalance_is_given_again(void **state)
{
	struct world world;

	(void) state;
	world_open(&world, rebalance_play);
	assert_int_equal(run(&world), TIDE_ERROR_INTERRUPTED);
	assert_int_equal(world.count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(world.letters[i].offset, 7 + 2 * (int64_t) i);
	assert_int_equal(world.positions[2].offset, 12);
}

/* The broker says latest: from here on nothing may be passed over. */
static void
where_a_group_begins_is_committed_before_anything_came(void **state)
{
	struct world world;

	(void) state;
	world_open(&world, stop_play);
	assert_int_equal(run(&world), TIDE_ERROR_INTERRUPTED);
	assert_int_equal(world.commits, 1);
	assert_int_equal(world.positions[0].offset, 100);
	for (size_t i = 0; i < QUEUES; i++)
		world.queues[i].metadata = "tr1;Q=4";
	world.stop = 0;
	world.setup.columns = tide_mapping_columns_new();
	assert_int_equal(run(&world), TIDE_ERROR_INTERRUPTED);
	assert_int_equal(world.commits, 1);
}

static void
other_partitions_and_other_programs_are_refused(void **state)
{
	static const struct {
		const char *note;
		enum tide_error_code code;
		const char *text;
	} cases[] = {{"tr1;Q=3", TIDE_ERROR_CONFIG, "into 3 partitions before and there are 4 now"},
		{"tm1;W=5", TIDE_ERROR_DATA, "\"tm1;W=5\", which is not of this program"}};
	struct world world;

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		world_open(&world, stop_play);
		world.queues[1].metadata = cases[i].note;
		assert_int_equal(run(&world), cases[i].code);
		assert_non_null(strstr(world.error.text, cases[i].text));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_put_by_their_ids_in_the_order_of_their_times),
		cmocka_unit_test(a_record_waits_for_a_partition_that_may_have_an_earlier_one),
		cmocka_unit_test(a_partition_that_is_known_to_have_more_is_waited_for),
		cmocka_unit_test(what_a_worker_refuses_is_given_as_it_is),
		cmocka_unit_test(what_was_not_committed_before_a_rebalance_is_given_again),
		cmocka_unit_test(where_a_group_begins_is_committed_before_anything_came),
		cmocka_unit_test(other_partitions_and_other_programs_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
