#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "app/range.h"
#include <stdio.h>
#include <string.h>

#define DAY     INT64_C(86400000)
#define HOUR    INT64_C(3600000)
#define OPEN    INT64_MIN
#define FOREVER INT64_MAX
#define MARCH   INT64_C(1772323200000) /* date -u -d 2026-03-01 +%s */
#define LAST    (MARCH + 10 * DAY)

static void
times_are_read_in_every_spelling(void **state)
{
	static const struct {
		const char *text;
		int64_t from_ms, until_ms;
	} cases[] = {
	        {"2026-03-01..2026-03-02", MARCH, MARCH + DAY},
	        {"@2026-03-01:2026-03-02", MARCH, MARCH + DAY},
	        {"@2026-03-01..@2026-03-02", MARCH, MARCH + DAY},
	        {"@2026-03-01T00:00:00Z:2026-03-01T01:00:00Z", MARCH, MARCH + HOUR},
	        {"@2026-03-01T00:00:00Z:1h", MARCH, MARCH + HOUR},
	        {"@2026-03-01T01:00:00+01:00:1h", MARCH, MARCH + HOUR},
	        {"2026-03-01T00:00:00.250Z..1772323201000", MARCH + 250, MARCH + 1000},
	        {"1772323200..+1h30m", MARCH, MARCH + HOUR + HOUR / 2},
	        {"@1772323200000:1m3ms", MARCH, MARCH + 60003},
	        {"2026-03-01..", MARCH, FOREVER},
	        {"@2026-03-01", MARCH, FOREVER},
	        {"@2026-03-01:", MARCH, FOREVER},
	        {"@2026-03-01T00:00:00Z", MARCH, FOREVER},
	        {"2026-03-01..end", MARCH, FOREVER},
	        {"..2026-03-01", OPEN, MARCH},
	        {"@:2026-03-01", OPEN, MARCH},
	        {"start..2026-03-01", OPEN, MARCH},
	        {"..", OPEN, FOREVER},
	        {"@:", OPEN, FOREVER},
	        {"-2h", LAST - 2 * HOUR, FOREVER},
	        {"-2h..", LAST - 2 * HOUR, FOREVER},
	        {"@-2h", LAST - 2 * HOUR, FOREVER},
	        {"@-1m:end", LAST - 60000, FOREVER},
	        {"@-48h:-24h", LAST - 2 * DAY, LAST - DAY},
	        {"-2d..1d", LAST - 2 * DAY, LAST - DAY},
	        {"@:-1h", OPEN, LAST - HOUR},
	        {"-99999d..", OPEN, FOREVER},
	        {"0..1", 0, 1},
	};

	(void) state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tide_range range;
		struct tide_error error;
		int64_t from_ms, until_ms;
		if (tide_range_read(cases[i].text, &range, &error) ||
		    tide_range_times(&range, LAST, &from_ms, &until_ms, &error))
			fail_msg("%s: %s", cases[i].text, error.text);
		assert_false(range.offsets);
		assert_true(tide_range_needs_last(&range) == (strchr(cases[i].text, '-') &&
		                                              !strstr(cases[i].text, "2026")));
		if (from_ms != cases[i].from_ms || until_ms != cases[i].until_ms)
			fail_msg("%s: [%lld,%lld)", cases[i].text, (long long) from_ms,
			         (long long) until_ms);
	}
}

static void
offsets_are_read_as_rpk_spells_them(void **state)
{
	static const struct {
		const char *text;
		struct tide_range_end from, until;
	} cases[] = {
	        {"100:200", {TIDE_RANGE_AT, 100}, {TIDE_RANGE_AT, 200}},
	        {"100", {TIDE_RANGE_AT, 100}, {TIDE_RANGE_END, 0}},
	        {"100:", {TIDE_RANGE_AT, 100}, {TIDE_RANGE_END, 0}},
	        {"100:end", {TIDE_RANGE_AT, 100}, {TIDE_RANGE_END, 0}},
	        {":200", {TIDE_RANGE_START, 0}, {TIDE_RANGE_AT, 200}},
	        {":end", {TIDE_RANGE_START, 0}, {TIDE_RANGE_END, 0}},
	        {"start", {TIDE_RANGE_START, 0}, {TIDE_RANGE_END, 0}},
	        {"+100", {TIDE_RANGE_START, 100}, {TIDE_RANGE_END, 0}},
	        {"-100", {TIDE_RANGE_END, -100}, {TIDE_RANGE_END, 0}},
	        {"-100:-50", {TIDE_RANGE_END, -100}, {TIDE_RANGE_END, -50}},
	        {"0:9223372036854775807", {TIDE_RANGE_AT, 0}, {TIDE_RANGE_AT, INT64_MAX}},
	};

	(void) state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tide_range range;
		struct tide_error error;
		if (tide_range_read(cases[i].text, &range, &error))
			fail_msg("%s: %s", cases[i].text, error.text);
		assert_true(range.offsets && !tide_range_needs_last(&range));
		assert_int_equal(range.from.anchor, cases[i].from.anchor);
		assert_true(range.from.by == cases[i].from.by);
		assert_int_equal(range.until.anchor, cases[i].until.anchor);
		assert_true(range.until.by == cases[i].until.by);
	}
}

static void
what_is_no_range_is_refused_and_quoted(void **state)
{
	static const char *const wrong[] = {
	        "",          "x..y",     "2026-03-01", "2026-03-02..2026-03-01",
	        "1..1",      "@",        "@x",         "100:100",
	        "200:100",   "end",      "1:2:3",      "-24h..-48h",
	        ":0", "..0",  "..1h",      "2h",       "..+1h",      "2026-02-30..",
	        "-h..",      "-2y..",    "5:+5",       "-0",
	        "1e3..2e3",  "@1..2..3", "-1.5.2h..",  "99999999999999999999:",
	        "253402300800000..", "2026-03-01..0h"};

	(void) state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct tide_range range;
		struct tide_error error;
		if (!tide_range_read(wrong[i], &range, &error))
			fail_msg("taken: \"%s\"", wrong[i]);
		assert_int_equal(error.code, TIDE_ERROR_USAGE);
		assert_non_null(strstr(error.text, "--range is"));
		assert_non_null(strstr(error.text, wrong[i]));
	}
}

static void
a_range_that_ends_before_it_begins_in_this_topic_is_refused(void **state)
{
	static const char *const wrong[] = {"-1h..2026-03-01", "2026-03-11..-1ms", "@:-99999d"};

	(void) state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct tide_range range;
		struct tide_error error;
		int64_t from_ms, until_ms;
		assert_int_equal(tide_range_read(wrong[i], &range, &error), 0);
		assert_int_equal(tide_range_times(&range, LAST, &from_ms, &until_ms, &error), -1);
		assert_int_equal(error.code, TIDE_ERROR_USAGE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(times_are_read_in_every_spelling),
	        cmocka_unit_test(offsets_are_read_as_rpk_spells_them),
	        cmocka_unit_test(what_is_no_range_is_refused_and_quoted),
	        cmocka_unit_test(a_range_that_ends_before_it_begins_in_this_topic_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
