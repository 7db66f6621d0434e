#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "base/text.h"
#include "detectors/concept/risk.h"
#include "detectors/detector.h"
#include "tests/golden/risk_table.h"
#include <math.h>
#include <string.h>

#define HOUR_MS INT64_C(3600000)
#define STREAMS 200
#define LABELS  20000
#define HALF    120 /* labels of half a day */
#define A_DAY   (2 * HALF)

static void
assert_close(double value, double expected, double tolerance)
{
	if (!(fabs(value - expected) <= tolerance * fmax(1, fabs(expected))))
		fail_msg("%.17g is not %.17g", value, expected);
}

static void
levels_and_steps_are_those_of_the_table(void **state)
{
	(void) state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tide_risk risk = {0};
		double level = tide_risk_level(cases[i].mean, cases[i].n, cases[i].shares);
		assert_close(level, cases[i].level, 1e-10);
		for (size_t at = cases[i].first; at < cases[i].first + cases[i].count; at++) {
			int64_t start_ms = steps[at].start * cases[i].hours * HOUR_MS;
			struct tide_risk_window window = {
			        start_ms, start_ms + cases[i].hours * HOUR_MS, steps[at].rows,
			        steps[at].losses};
			struct tide_risk_estimate got;
			assert_true(tide_risk_take(&risk, &window, level, &got));
			assert_true(got.rows == steps[at].n);
			assert_close(got.mean, steps[at].mean, 1e-14);
			assert_close(got.lower, steps[at].lower, 1e-10);
			assert_close(got.upper, steps[at].upper, 1e-10);
			assert_close(got.e_log, steps[at].e_log, 1e-9);
		}
	}
}

static void
a_window_that_was_there_before_changes_nothing(void **state)
{
	struct tide_risk_window window = {48 * HOUR_MS, 49 * HOUR_MS, 10, 3};
	struct tide_risk risk = {0}, before;
	struct tide_risk_estimate estimate;

	(void) state;
	assert_true(tide_risk_take(&risk, &window, .2, &estimate));
	memcpy(&before, &risk, sizeof risk);
	assert_false(tide_risk_take(&risk, &window, .2, &estimate));
	window.start_ms -= HOUR_MS;
	assert_false(tide_risk_take(&risk, &window, .2, &estimate));
	assert_memory_equal(&before, &risk, sizeof risk);
}

static void
a_state_that_was_saved_goes_on_as_it_would_have(void **state)
{
	const struct tide_follower *follower = tide_detector_find("risk")->follower;
	struct tide_risk risk = {0}, again;
	struct tide_buffer bytes;

	(void) state;
	tide_text_buffer_init(&bytes, 4096);
	for (size_t at = 0; at < cases[0].count; at++) {
		struct tide_risk_window window = {steps[at].start * 6 * HOUR_MS,
		                                  (steps[at].start + 1) * 6 * HOUR_MS,
		                                  steps[at].rows, steps[at].losses};
		struct tide_risk_estimate estimate;
		tide_text_buffer_reset(&bytes);
		follower->save(&risk, &bytes);
		struct tide_reader reader = {(const uint8_t *) bytes.bytes,
		                             (const uint8_t *) bytes.bytes + bytes.length, false};
		memset(&again, 0, sizeof again);
		assert_true(follower->load(&again, &reader));
		assert_ptr_equal(reader.at, reader.end);
		risk = again;
		assert_true(tide_risk_take(&risk, &window, cases[0].level, &estimate));
		assert_close(estimate.e_log, steps[at].e_log, 1e-9);
	}
	struct tide_reader cut = {(const uint8_t *) bytes.bytes,
	                          (const uint8_t *) bytes.bytes + bytes.length - 1, false};
	assert_false(follower->load(&again, &cut));
	risk.losses = risk.rows + 1;
	tide_text_buffer_reset(&bytes);
	follower->save(&risk, &bytes);
	struct tide_reader more = {(const uint8_t *) bytes.bytes,
	                           (const uint8_t *) bytes.bytes + bytes.length, false};
	assert_false(follower->load(&again, &more));
	tide_text_buffer_fini(&bytes);
}

/* splitmix64, of known seeds. */
static uint64_t
draw(uint64_t *seed)
{
	uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* How many of n rows err at that rate. */
static double
errors(uint64_t *seed, int n, double rate)
{
	int count = 0;

	for (int i = 0; i < n; i++)
		count += (double) (draw(seed) >> 11) * 0x1p-53 < rate;
	return count;
}

/* Labels until p falls below alpha, 0: it does not. Days of 240 labels, in two windows of which the
 * rates are one `swing` above and below. */
static int
labels_until(uint64_t seed, double rate, double swing, double level, double alpha)
{
	struct tide_risk risk = {0};

	for (int half = 0; half < LABELS / HALF; half++) {
		int64_t start_ms = half * 12 * HOUR_MS;
		double now = half % 2 ? rate - swing : rate + swing;
		struct tide_risk_window window = {start_ms, start_ms + 12 * HOUR_MS, HALF,
		                                  errors(&seed, HALF, now)};
		struct tide_risk_estimate estimate;
		assert_true(tide_risk_take(&risk, &window, level, &estimate));
		if (exp(-estimate.e_log) < alpha)
			return HALF * (half + 1);
	}
	return 0;
}

/* 20,000 labels are 83 days: the promise is .01 incidents a stream, 2 in all of them. */
static void
a_stream_at_the_very_level_alarms_no_more_than_promised(void **state)
{
	int alarms = 0;

	(void) state;
	for (uint64_t seed = 0; seed < STREAMS; seed++)
		alarms += labels_until(seed, .1, 0, .1, .01 * A_DAY / LABELS) > 0;
	assert_in_range(alarms, 0, 6); /* the .995 quantile of Poisson(2) */
}

static void
a_baseline_that_was_estimated_from_300_labels_alarms_in_no_stream(void **state)
{
	int alarms = 0;

	(void) state;
	for (uint64_t seed = 0; seed < STREAMS; seed++) {
		uint64_t of = ~seed;
		double mean = errors(&of, 300, .1) / 300;
		alarms += labels_until(seed, .1, 0, tide_risk_level(mean, 300, true), .002) > 0;
	}
	assert_int_equal(alarms, 0);
}

static void
a_day_that_is_worse_than_its_night_is_no_alarm(void **state)
{
	int alarms = 0;

	(void) state;
	for (uint64_t seed = 0; seed < STREAMS; seed++)
		alarms += labels_until(seed, .1, .05, .1, .01 * A_DAY / LABELS) > 0;
	assert_in_range(alarms, 0, 6);
}

static void
an_error_of_15_in_100_is_found_where_10_were_usual(void **state)
{
	double level = tide_risk_level(.1, 20000, true);
	int found = 0, most = 0;
	double sum = 0;

	(void) state;
	for (uint64_t seed = 0; seed < STREAMS; seed++) {
		int labels = labels_until(seed, .15, 0, level, 1e-3);
		found += labels > 0;
		sum += labels;
		most = labels > most ? labels : most;
	}
	print_message("level %.4f: found in %d of %d, mean %.0f labels, most %d\n", level, found,
	              STREAMS, sum / found, most);
	assert_int_equal(found, STREAMS);
	assert_true(sum / STREAMS < 5000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(levels_and_steps_are_those_of_the_table),
	        cmocka_unit_test(a_window_that_was_there_before_changes_nothing),
	        cmocka_unit_test(a_state_that_was_saved_goes_on_as_it_would_have),
	        cmocka_unit_test(a_stream_at_the_very_level_alarms_no_more_than_promised),
	        cmocka_unit_test(a_baseline_that_was_estimated_from_300_labels_alarms_in_no_stream),
	        cmocka_unit_test(a_day_that_is_worse_than_its_night_is_no_alarm),
	        cmocka_unit_test(an_error_of_15_in_100_is_found_where_10_were_usual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
