#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "report/page.h"
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY_MS INT64_C(86400000)
#define HOSTILE "</title><script>alert(\"1\")</script>&amp;'\x01\xff\xed\xa0\x80\xc0\xbc"

static const struct tide_segment segments[] = {{.name = "<country>", .field = -1}};
static const struct tide_encode_context context = {HOSTILE, "00112233445566aa", "<ref>", segments,
                                                   1, NULL};
static const struct tide_rule rule = {.name = "\"><b>rule", .metric = "mae", .severity = "critical",
                                      .owner = "<owner>", .op = TIDE_RULE_ABOVE, .number = 1};

static struct tide_cell_key
key_of(const char *model, const char *value)
{
	return (struct tide_cell_key){.model = tide_text_of(model),
	                              .segment = value ? 0 : -1,
	                              .value = tide_text_of(value)};
}

static struct tide_evidence
pane(enum tide_side side, struct tide_cell_key key, int day)
{
	return (struct tide_evidence){.start_ms = day * DAY_MS,
	                              .end_ms = (day + 1) * DAY_MS,
	                              .age_ms = -1,
	                              .side = side,
	                              .timing = TIDE_TIMING_FINAL,
	                              .complete = true,
	                              .key = key,
	                              .predictions = 100,
	                              .labelled = 90};
}

static struct tide_finding
finding(const char *metric, const char *column, double value)
{
	const struct tide_detector *detector = tide_detector_find(metric);

	assert_non_null(detector);
	return (struct tide_finding){.detector = detector,
	                             .column = tide_text_of(column),
	                             .value = value,
	                             .reference = 1.5,
	                             .lower = value - 1,
	                             .upper = value + 1,
	                             .p_value = column ? 1e-5 : NAN,
	                             .log10_p = column ? -5 : NAN,
	                             .n = 90};
}

static void
alert(struct tide_page *page, enum tide_alert_state state, struct tide_cell_key key, int day)
{
	struct tide_finding cause = finding("mae", NULL, 7);
	struct tide_alert it = {.alert_id = "0123456789abcdef0123456789abcdef",
	                        .rule = &rule,
	                        .state = state,
	                        .kind = "performance",
	                        .key = key,
	                        .finding = &cause,
	                        .threshold = 3,
	                        .window_start_ms = day * DAY_MS,
	                        .window_end_ms = (day + 1) * DAY_MS,
	                        .first_window_start_ms = 2 * DAY_MS,
	                        .transition_ms = (day + 2) * DAY_MS};

	tide_page_alert(page, &it);
}

static void
day_add(struct tide_page *page, const char *model, const char *segment, int day, double value)
{
	struct tide_finding columns[] = {finding("drift", HOSTILE "column", value / 10),
	                                 finding("missing", HOSTILE "column", value / 100),
	                                 finding("drift", "plain", value / 20)};
	struct tide_finding own[] = {finding("mae", NULL, value), finding("r2", NULL, -value)};
	struct tide_evidence predictions = pane(TIDE_SIDE_PREDICTION, key_of(model, segment), day);
	struct tide_evidence labels = pane(TIDE_SIDE_LABEL, key_of(model, segment), day);

	tide_page_result(page, &predictions, columns, 3);
	tide_page_result(page, &labels, own, 2);
}

static struct tide_page *
hostile_page(void)
{
	struct tide_page *page = tide_page_new(&context);
	struct tide_input_counts counts = {.outcomes = {{[TIDE_ACCEPTED] = 400}}};
	struct tide_evidence inputs = pane(TIDE_SIDE_INPUT, key_of(NULL, NULL), 0);

	assert_non_null(page);
	inputs.counts = &counts;
	tide_page_result(page, &inputs, NULL, 0);
	for (int day = 0; day < 4; day++) {
		day_add(page, HOSTILE, NULL, day, 2 + day);
		day_add(page, HOSTILE, "a\"><i>", day, 3 + day);
	}
	alert(page, TIDE_ALERT_FIRING, key_of(HOSTILE, NULL), 3);
	return page;
}

static struct tide_buffer
printed(struct tide_page *page)
{
	struct tide_buffer buffer;

	tide_text_buffer_init(&buffer, 64u << 20);
	tide_page_print(page, &buffer);
	tide_text_put(&buffer, "", 1);
	assert_false(buffer.failed);
	return buffer;
}

static size_t
times(const struct tide_buffer *buffer, const char *words)
{
	size_t count = 0;

	for (const char *at = buffer->bytes; (at = strstr(at, words)); at += strlen(words))
		count++;
	return count;
}

static void
no_name_becomes_markup(void **state)
{
	(void) state;
	struct tide_page *page = hostile_page();
	struct tide_buffer html = printed(page);

	assert_int_equal(times(&html, "<script"), 0);
	assert_int_equal(times(&html, "<country>"), 0);
	assert_int_equal(times(&html, "<i>"), 0);
	assert_int_equal(times(&html, "<owner>"), 0);
	assert_int_equal(times(&html, "<ref>"), 0);
	assert_int_equal(times(&html, "\"><b>"), 0);
	assert_int_not_equal(times(&html, "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;"
	                                  "&amp;amp;&#39;\xef\xbf\xbd\xef\xbf\xbd"),
	                     0);
	tide_text_buffer_fini(&html);
	tide_page_free(page);
}

static void
an_incident_is_one_row_that_says_how_it_ended(void **state)
{
	(void) state;
	struct tide_page *page = hostile_page();
	struct tide_buffer open = printed(page);

	assert_int_equal(times(&open, ">firing</th>"), 1);
	assert_int_equal(times(&open, "<b class=\"bad\">1</b> incidents open"), 1);
	alert(page, TIDE_ALERT_RESOLVED, key_of(HOSTILE, NULL), 3);
	struct tide_buffer closed = printed(page);
	assert_int_equal(times(&closed, ">firing</th>"), 0);
	assert_int_equal(times(&closed, ">resolved</th>"), 1);
	assert_int_equal(times(&closed, "<b class=\"good\">0</b> incidents open"), 1);
	assert_int_equal(times(&closed, "class=\"alarm\""), 1);
	tide_text_buffer_fini(&open);
	tide_text_buffer_fini(&closed);
	tide_page_free(page);
}

static void
a_later_pane_of_a_window_replaces_the_earlier_one(void **state)
{
	(void) state;
	struct tide_page *page = tide_page_new(&context);
	struct tide_finding early = finding("mae", NULL, 111.25), final = finding("mae", NULL, 222.5);
	struct tide_evidence evidence = pane(TIDE_SIDE_LABEL, key_of("m", NULL), 0);

	evidence.timing = TIDE_TIMING_EARLY;
	tide_page_result(page, &evidence, &early, 1);
	struct tide_buffer before = printed(page);
	assert_int_equal(times(&before, "class=\"early\""), 1);
	assert_int_not_equal(times(&before, "111.2"), 0);
	evidence.timing = TIDE_TIMING_FINAL;
	tide_page_result(page, &evidence, &final, 1);
	struct tide_buffer after = printed(page);
	assert_int_equal(times(&after, "class=\"early\""), 0);
	assert_int_equal(times(&after, "111.2"), 0);
	assert_int_not_equal(times(&after, "222.5"), 0);
	tide_text_buffer_fini(&before);
	tide_text_buffer_fini(&after);
	tide_page_free(page);
}

static void
a_page_depends_on_what_happened_and_not_on_the_order_of_windows(void **state)
{
	(void) state;
	struct tide_page *one = tide_page_new(&context), *other = tide_page_new(&context);

	for (int day = 0; day < 9; day++) {
		day_add(one, day % 2 ? "b" : "a", NULL, day, day);
		day_add(other, day % 2 ? "a" : "b", NULL, 8 - day, 8 - day);
	}
	for (int day = 0; day < 9; day++) {
		day_add(one, day % 2 ? "a" : "b", NULL, day, day);
		day_add(other, day % 2 ? "b" : "a", NULL, 8 - day, 8 - day);
	}
	struct tide_buffer a = printed(one), b = printed(other);
	assert_int_equal(a.length, b.length);
	assert_memory_equal(a.bytes, b.bytes, a.length);
	tide_text_buffer_fini(&a);
	tide_text_buffer_fini(&b);
	tide_page_free(one);
	tide_page_free(other);
}

static void
memory_is_bounded_and_the_page_says_what_it_left_out(void **state)
{
	(void) state;
	struct tide_page *page = tide_page_new(&context);
	char *name = calloc(1, 40000);

	assert_non_null(name);
	memset(name, 'x', 39999);
	for (int model = 0; model < 2000; model++) {
		memcpy(name, "0000", 4);
		for (int i = 0, rest = model; i < 4; i++, rest /= 10)
			name[i] = (char) ('0' + rest % 10);
		day_add(page, name, NULL, 0, 1);
	}
	for (int day = 1; day < 400; day++)
		day_add(page, name, NULL, day, day);
	struct tide_buffer html = printed(page);
	assert_int_equal(times(&html, "panes of models, versions or segments"), 1);
	assert_in_range(times(&html, "<h2>Model "), 1500, 1700);
	assert_in_range(html.length, 1 << 20, 32 << 20);
	tide_text_buffer_fini(&html);
	tide_page_free(page);
	free(name);
}

static void
old_windows_leave_a_full_series(void **state)
{
	(void) state;
	struct tide_page *page = tide_page_new(&context);

	for (int day = 0; day < TIDE_PAGE_WINDOWS_MAX + 10; day++)
		day_add(page, "m", NULL, day, day);
	struct tide_buffer html = printed(page);
	assert_int_equal(times(&html, "values of windows long past"), 1);
	assert_int_equal(times(&html, "Mean absolute error over 256 windows: least 10, greatest 265"),
	                 1);
	tide_text_buffer_fini(&html);
	tide_page_free(page);
}

static void
numbers_at_the_ends_of_double_draw_no_nonsense(void **state)
{
	(void) state;
	const double values[] = {0, DBL_MAX, -DBL_MAX, DBL_MIN, 5e-324, NAN, 1e300, -1e-300};
	const size_t count = sizeof values / sizeof *values;

	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < count; k++) {
			struct tide_page *page = tide_page_new(&context);
			day_add(page, "m", NULL, 0, values[i]);
			day_add(page, "m", NULL, 1, values[k]);
			struct tide_buffer html = printed(page);
			assert_int_equal(times(&html, "nan"), 0);
			assert_int_equal(times(&html, "inf"), 0);
			tide_text_buffer_fini(&html);
			tide_page_free(page);
		}
	}
}

static void
a_page_without_results_is_still_a_page(void **state)
{
	(void) state;
	struct tide_page *page = tide_page_new(&context);
	struct tide_buffer html = printed(page);

	assert_int_equal(times(&html, "No rule has fired."), 1);
	assert_int_equal(times(&html, "</html>"), 1);
	tide_text_buffer_fini(&html);
	tide_page_free(page);
}

static void
a_file_is_written_whole_or_not_at_all(void **state)
{
	(void) state;
	struct tide_page *page = hostile_page();
	struct tide_error error = {0};
	char folder[] = "/tmp/tidemark-page.XXXXXX", path[64];

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/page.html", folder);
	assert_int_equal(tide_page_write(page, path, &error), 0);
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	struct tide_buffer html = printed(page);
	assert_int_equal(ftell(file), html.length - 1);
	fclose(file);
	unlink(path);
	assert_int_equal(rmdir(folder), 0);
	assert_int_equal(tide_page_write(page, path, &error), -1);
	assert_int_equal(error.code, TIDE_ERROR_CREATE);
	assert_non_null(strstr(error.text, folder));
	tide_text_buffer_fini(&html);
	tide_page_free(page);
}

/* With an argument the hostile page goes to standard output, for a parser to look at. */
int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(no_name_becomes_markup),
	        cmocka_unit_test(an_incident_is_one_row_that_says_how_it_ended),
	        cmocka_unit_test(a_later_pane_of_a_window_replaces_the_earlier_one),
	        cmocka_unit_test(a_page_depends_on_what_happened_and_not_on_the_order_of_windows),
	        cmocka_unit_test(memory_is_bounded_and_the_page_says_what_it_left_out),
	        cmocka_unit_test(old_windows_leave_a_full_series),
	        cmocka_unit_test(numbers_at_the_ends_of_double_draw_no_nonsense),
	        cmocka_unit_test(a_page_without_results_is_still_a_page),
	        cmocka_unit_test(a_file_is_written_whole_or_not_at_all),
	};

	(void) argv;
	if (argc > 1) {
		struct tide_page *page = hostile_page();
		struct tide_buffer html = printed(page);
		fwrite(html.bytes, 1, html.length - 1, stdout);
		tide_text_buffer_fini(&html);
		tide_page_free(page);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
