#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "consumer/file_sink.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/tide_file_sink_XXXXXX";

static int
setup(void **state)
{
	int file = mkstemp(path);

	(void) state;
	return file < 0 ? -1 : close(file);
}

static int
teardown(void **state)
{
	(void) state;
	return unlink(path);
}

static void
expect_file(const char *text)
{
	char bytes[1024];
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	bytes[fread(bytes, 1, sizeof bytes - 1, file)] = 0;
	fclose(file);
	assert_string_equal(bytes, text);
}

static struct tide_sink *
opened(const char *results, const char *alerts, const char *dead)
{
	struct tide_sink *sink = NULL;
	struct tide_error error = {0};

	if (tide_file_sink_open(results, alerts, dead, &sink, &error))
		fail_msg("%s", error.text);
	return sink;
}

static struct tide_letter
letter_of(enum tide_letter_kind kind, const char *value)
{
	return (struct tide_letter){.kind = kind,
	                            .value = (const uint8_t *) value,
	                            .value_size = value ? strlen(value) : 0,
	                            .time_ms = INT64_MIN};
}

static void
results_and_alerts_are_lines_visible_after_commit(void **state)
{
	struct tide_letter result = letter_of(TIDE_LETTER_RESULT, "{\"r\":1}");
	struct tide_letter alert = letter_of(TIDE_LETTER_ALERT, "{\"a\":1}");
	struct tide_error error;

	(void) state;
	struct tide_sink *sink = opened(path, path, NULL);
	assert_int_equal(sink->ops->give(sink, &result, &error), 0);
	assert_int_equal(sink->ops->give(sink, &alert, &error), 0);
	assert_int_equal(sink->ops->give(sink, &result, &error), 0);
	expect_file("");
	assert_int_equal(sink->ops->commit(sink, NULL, 0, &error), 0);
	expect_file("{\"r\":1}\n{\"a\":1}\n{\"r\":1}\n");
	assert_int_equal(sink->given[TIDE_LETTER_RESULT], 2);
	assert_int_equal(sink->given[TIDE_LETTER_ALERT], 1);
	sink->ops->close(sink);
	sink = opened(path, NULL, NULL);
	sink->ops->close(sink);
	expect_file("");
}

static void
a_letter_without_a_place_is_counted(void **state)
{
	struct tide_letter dead = letter_of(TIDE_LETTER_DEAD, "x");
	struct tide_error error;

	(void) state;
	struct tide_sink *sink = opened(path, NULL, NULL);
	assert_int_equal(sink->ops->give(sink, &dead, &error), 0);
	assert_int_equal(sink->unplaced[TIDE_LETTER_DEAD], 1);
	assert_int_equal(sink->given[TIDE_LETTER_DEAD], 0);
	sink->ops->close(sink);
	expect_file("");
}

static void
a_dead_letter_is_json_whatever_its_bytes_are(void **state)
{
	const struct tide_header headers[] = {{"reason", TIDE_TEXT("no \"id\"")},
	                                      {"raw", TIDE_TEXT("\xed\xa0\x80")}};
	struct tide_letter dead = letter_of(TIDE_LETTER_DEAD, "a\xff\xc3\xa9\n");
	struct tide_error error;

	(void) state;
	dead.headers = headers;
	dead.header_count = 2;
	struct tide_sink *sink = opened(NULL, NULL, path);
	assert_int_equal(sink->ops->give(sink, &dead, &error), 0);
	dead = letter_of(TIDE_LETTER_DEAD, NULL);
	dead.key = (const uint8_t *) "k";
	dead.key_size = 1;
	assert_int_equal(sink->ops->give(sink, &dead, &error), 0);
	assert_int_equal(sink->ops->commit(sink, NULL, 0, &error), 0);
	expect_file("{\"key\":null,\"value\":\"a\xef\xbf\xbd\xc3\xa9\\u000a\",\"value_base64\":"
	            "\"Yf/DqQo=\",\"headers\":{\"reason\":\"no \\\"id\\\"\",\"raw\":"
	            "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"}}\n"
	            "{\"key\":\"k\",\"value\":null,\"headers\":{}}\n");
	sink->ops->close(sink);
}

static void
a_full_disk_is_a_write_error_that_stays(void **state)
{
	struct tide_letter result = letter_of(TIDE_LETTER_RESULT, "1");
	struct tide_error error = {0};

	(void) state;
	struct tide_sink *sink = opened("/dev/full", NULL, NULL);
	assert_int_equal(sink->ops->give(sink, &result, &error), 0);
	for (int i = 0; i < 2; i++) {
		error = (struct tide_error){0};
		assert_int_equal(sink->ops->commit(sink, NULL, 0, &error), -1);
		assert_int_equal(error.code, TIDE_ERROR_WRITE);
		assert_non_null(strstr(error.text, "/dev/full: cannot be written: No space left"));
	}
	sink->ops->close(sink);
}

static void
a_place_that_cannot_be_created_is_said(void **state)
{
	struct tide_sink *sink = NULL;
	struct tide_error error = {0};

	(void) state;
	assert_int_equal(tide_file_sink_open(path, NULL, "/nowhere/x", &sink, &error), -1);
	assert_int_equal(error.code, TIDE_ERROR_CREATE);
	assert_non_null(strstr(error.text, "/nowhere/x: cannot be created: No such file"));
	assert_null(sink);
}

static void
write_file(const char *text, size_t length)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, length, file), length);
	fclose(file);
}

/* Gives three results and an alert, all to the one file; -1 if a step fails. */
static int
resume(struct tide_error *error)
{
	static const char *const values[] = {"{\"r\":1}", "{\"r\":22}", "{}", "{\"r\":3}"};
	struct tide_sink *sink = NULL;
	int failed = tide_file_sink_resume(path, path, NULL, &sink, error);

	for (size_t i = 0; !failed && i < 4; i++) {
		struct tide_letter letter =
		        letter_of(i == 2 ? TIDE_LETTER_ALERT : TIDE_LETTER_RESULT, values[i]);
		failed = sink->ops->give(sink, &letter, error);
	}
	if (!failed)
		failed = sink->ops->commit(sink, NULL, 0, error);
	if (!failed)
		failed = tide_file_sink_end(sink, error);
	if (sink)
		sink->ops->close(sink);
	return failed;
}

static void
a_file_that_was_cut_anywhere_is_finished(void **state)
{
	static const char whole[] = "{\"r\":1}\n{\"r\":22}\n{}\n{\"r\":3}\n";
	struct tide_error error = {0};

	(void) state;
	for (size_t length = 0; length < sizeof whole; length++) {
		write_file(whole, length);
		if (resume(&error))
			fail_msg("cut at %zu: %s", length, error.text);
		expect_file(whole);
	}
	assert_int_equal(unlink(path), 0);
	assert_int_equal(resume(&error), 0);
	expect_file(whole);
}

static void
a_file_of_another_run_is_refused_and_left_as_it_is(void **state)
{
	static const struct {
		const char *text, *named;
	} cases[] = {{"{\"r\":2}\n", ": line 1 is"},
	             {"{\"r\":1}\n{\"r\":23", ": line 2 is"},
	             {"{\"r\":1}\n\n", ": line 2 is"},
	             {"{\"r\":1}\n{\"r\":22}\n{}\n{\"r\":3}\n{}\n", ": line 5 is"}};

	(void) state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tide_error error = {0};
		write_file(cases[i].text, strlen(cases[i].text));
		assert_int_equal(resume(&error), -1);
		assert_int_equal(error.code, TIDE_ERROR_DATA);
		if (!strstr(error.text, cases[i].named))
			fail_msg("%s", error.text);
		expect_file(cases[i].text);
	}
}

static void
stdout_cannot_be_resumed(void **state)
{
	struct tide_sink *sink = NULL;
	struct tide_error error = {0};

	(void) state;
	assert_int_equal(tide_file_sink_resume(path, "-", NULL, &sink, &error), -1);
	assert_int_equal(error.code, TIDE_ERROR_USAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(results_and_alerts_are_lines_visible_after_commit),
	        cmocka_unit_test(a_letter_without_a_place_is_counted),
	        cmocka_unit_test(a_dead_letter_is_json_whatever_its_bytes_are),
	        cmocka_unit_test(a_full_disk_is_a_write_error_that_stays),
	        cmocka_unit_test(a_place_that_cannot_be_created_is_said),
	        cmocka_unit_test(a_file_that_was_cut_anywhere_is_finished),
	        cmocka_unit_test(a_file_of_another_run_is_refused_and_left_as_it_is),
	        cmocka_unit_test(stdout_cannot_be_resumed),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
