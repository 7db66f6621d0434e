#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "consumer/throttle.h"
#include <string.h>

static void
a_rate_is_of_records_or_of_bytes(void **state)
{
	static const struct {
		const char *text;
		bool bytes;
		int64_t rate;
	} cases[] = {{"1/s", false, 1},
	             {"5000/s", false, 5000},
	             {"1000000000000/s", false, 1000000000000},
	             {"10B/s", true, 10},
	             {"10MB/s", true, 10000000},
	             {"512KiB/s", true, 524288},
	             {"1GiB/s", true, 1073741824}};
	static const char *const wrong[] = {"",      "/s",    "0/s",   "5000",
	                                    "1.5/s", "-1/s",  "5/m",   "10mb/s",
	                                    "5/s ",  "MB/s",  "1000000000001/s",
	                                    "1001GB/s", "99999999999999999999/s"};
	struct tide_throttle throttle;

	(void) state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_true(tide_throttle_read(cases[i].text, &throttle));
		assert_true(throttle.bytes == cases[i].bytes && throttle.rate == cases[i].rate);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (tide_throttle_read(wrong[i], &throttle))
			fail_msg("taken: \"%s\"", wrong[i]);
}

static uint64_t seed = 1;

static uint64_t
next_number(uint64_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (seed >> 33) % below;
}

/* Steps of the clock and sizes of all kinds; demand never ends. */
static void
no_stretch_of_time_gives_more_than_its_rate_and_a_second_of_it(void **state)
{
	enum { STEPS = 400 };
	static const char *const rates[] = {"1/s", "7/s", "5000/s", "100B/s", "64KiB/s", "1GB/s"};
	static int64_t at_ms[STEPS + 1], taken[STEPS + 1];

	(void) state;
	for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
		struct tide_throttle throttle;
		int64_t size_max = 0, now_ms = 1000;
		assert_true(tide_throttle_read(rates[r], &throttle));
		memset(taken, 0, sizeof taken);
		for (size_t step = 0; step < STEPS; step++) {
			now_ms += (int64_t) next_number(next_number(10) ? 50 : 5000);
			at_ms[step] = now_ms;
			tide_throttle_fill(&throttle, now_ms);
			taken[step + 1] = taken[step];
			for (size_t tries = 0; tries < 20000; tries++) {
				size_t size = next_number(next_number(50) ? 500 : 1 << 20);
				int64_t cost = throttle.bytes ? (int64_t) size : 1;
				if (!tide_throttle_take(&throttle, size))
					break;
				taken[step + 1] += cost;
				size_max = cost > size_max ? cost : size_max;
			}
		}
		assert_true(taken[STEPS] > 0);
		for (size_t a = 0; a < STEPS; a++)
			for (size_t b = a; b < STEPS; b++)
				assert_true(1000 * (taken[b + 1] - taken[a] - size_max) <=
				            throttle.rate * (at_ms[b] - at_ms[a] + 1000));
	}
}

static void
a_rate_that_is_wanted_is_reached(void **state)
{
	struct tide_throttle throttle;
	int64_t taken = 0;

	(void) state;
	assert_true(tide_throttle_read("700/s", &throttle));
	for (int64_t now_ms = 0; now_ms <= 60000; now_ms += 3) {
		tide_throttle_fill(&throttle, now_ms);
		while (tide_throttle_take(&throttle, 1))
			taken++;
	}
	assert_int_equal(taken, 700 * 60);
	tide_throttle_fill(&throttle, 1); /* a clock that goes back stands */
	assert_false(tide_throttle_take(&throttle, 1));
}

static void
time_that_nobody_used_fills_one_second_and_a_debt_is_paid_first(void **state)
{
	struct tide_throttle throttle;
	int64_t taken = 0;

	(void) state;
	assert_true(tide_throttle_read("1000000000000/s", &throttle));
	tide_throttle_fill(&throttle, INT64_MIN / 2);
	tide_throttle_fill(&throttle, INT64_MAX / 4);
	assert_true(throttle.thousandths == 1000 * throttle.rate);
	assert_true(tide_throttle_read("10/s", &throttle));
	tide_throttle_fill(&throttle, 0);
	tide_throttle_fill(&throttle, 1000000);
	while (tide_throttle_take(&throttle, 1))
		taken++;
	assert_int_equal(taken, 10);
	assert_true(tide_throttle_read("100B/s", &throttle));
	tide_throttle_fill(&throttle, 0);
	tide_throttle_fill(&throttle, 1);
	assert_true(tide_throttle_take(&throttle, 1000));
	tide_throttle_fill(&throttle, 10000);
	assert_false(tide_throttle_take(&throttle, 1));
	tide_throttle_fill(&throttle, 10001);
	assert_true(tide_throttle_take(&throttle, 1));
}

/* Two queues of 5 and 3 records, in batches of at most 3. */
struct script {
	struct tide_source base;
	size_t given[2];
	struct tide_record records[2][3];
	bool closed;
	int64_t now_ms;
};

static int
script_take(struct tide_source *base, size_t queue, struct tide_batch *batch,
            enum tide_supply *supply, struct tide_error *error)
{
	struct script *script = (struct script *) base;
	size_t left = (queue == 0 ? 5 : 3) - script->given[queue];

	(void) error;
	batch->records = script->records[queue];
	batch->count = left > 3 ? 3 : left;
	for (size_t i = 0; i < batch->count; i++)
		script->records[queue][i] = (struct tide_record){
		        .offset = (int64_t) (script->given[queue] + i), .value_size = 10};
	script->given[queue] += batch->count;
	*supply = batch->count ? TIDE_SUPPLY_RECORDS : TIDE_SUPPLY_END;
	return 0;
}

static size_t
script_queues(struct tide_source *base, const struct tide_queue **queues)
{
	static const struct tide_queue two[2];

	(void) base;
	*queues = two;
	return 2;
}

static void
script_close(struct tide_source *base)
{
	((struct script *) base)->closed = true;
}

static int64_t
script_now(void *closure)
{
	return ((struct script *) closure)->now_ms;
}

static void
every_record_comes_once_in_order_and_not_before_its_time(void **state)
{
	static const struct tide_source_ops ops = {
	        .take = script_take, .queues = script_queues, .close = script_close};
	struct script script = {.base = {&ops}};
	struct tide_source *source = &script.base;
	struct tide_throttle throttle;
	struct tide_error error;
	int64_t taken = 0, next[2] = {0};
	bool ended[2] = {false};

	(void) state;
	assert_true(tide_throttle_read("2/s", &throttle));
	assert_int_equal(tide_throttle_wrap(&source, &throttle, script_now, &script, &error), 0);
	for (; script.now_ms < 10000; script.now_ms += 100)
		for (size_t queue = 0; queue < 2; queue++) {
			enum tide_supply supply;
			struct tide_batch batch;
			if (ended[queue])
				continue;
			assert_int_equal(source->ops->take(source, queue, &batch, &supply, &error), 0);
			for (size_t i = 0; i < batch.count; i++)
				assert_true(batch.records[i].offset == next[queue]++);
			taken += (int64_t) batch.count;
			assert_true(1000 * (taken - 1) <= 2 * script.now_ms);
			assert_true(batch.count ? supply == TIDE_SUPPLY_RECORDS
			                        : supply != TIDE_SUPPLY_RECORDS);
			ended[queue] = supply == TIDE_SUPPLY_END;
		}
	assert_true(next[0] == 5 && next[1] == 3 && ended[0] && ended[1]);
	source->ops->close(source);
	assert_true(script.closed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_rate_is_of_records_or_of_bytes),
	        cmocka_unit_test(no_stretch_of_time_gives_more_than_its_rate_and_a_second_of_it),
	        cmocka_unit_test(a_rate_that_is_wanted_is_reached),
	        cmocka_unit_test(time_that_nobody_used_fills_one_second_and_a_debt_is_paid_first),
	        cmocka_unit_test(every_record_comes_once_in_order_and_not_before_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
