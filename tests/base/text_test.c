#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "base/text.h"
#include <math.h>
#include <string.h>

static void
a_number_prints_in_its_shortest_form_and_reads_back(void **state)
{
	static const struct {
		double number;
		const char *text;
	} cases[] = {{0.1, "0.1"},   {-0.0, "0"},          {1e15, "1e+15"},
	             {36.5062, "36.5062"}, {1.0 / 3, "0.3333333333333333"}, {-12, "-12"}};
	char text[TIDE_TEXT_NUMBER_SIZE];

	(void) state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		double back;
		size_t length = tide_text_number(cases[i].number, text);
		assert_string_equal(text, cases[i].text);
		assert_int_equal(length, strlen(text));
		assert_true(tide_text_read_number(tide_text_of(text), &back));
		assert_true(back == cases[i].number);
	}
}

static void
what_is_not_a_whole_number_is_refused(void **state)
{
	static const char *const cases[] = {"", " 1", "1 ", "0x10", "nan", "inf", "1e999", "--1", "1,5"};
	double number;

	(void) state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_false(tide_text_read_number(tide_text_of(cases[i]), &number));
}

static void
json_places_its_own_commas_and_escapes(void **state)
{
	struct tide_buffer buffer;

	(void) state;
	tide_text_buffer_init(&buffer, 4096);
	tide_text_json_open(&buffer, '{');
	tide_text_json_key(&buffer, "a\"\n");
	tide_text_json_number(&buffer, NAN);
	tide_text_json_key(&buffer, "b");
	tide_text_json_open(&buffer, '[');
	tide_text_json_integer(&buffer, -7);
	tide_text_json_bool(&buffer, true);
	tide_text_json_string(&buffer, "{");
	tide_text_json_string(&buffer, NULL);
	tide_text_json_close(&buffer, ']');
	tide_text_json_close(&buffer, '}');
	assert_false(buffer.failed);
	assert_string_equal(buffer.bytes, "{\"a\\\"\\u000a\":null,\"b\":[-7,true,\"{\",null]}");
	tide_text_buffer_fini(&buffer);
}

static void
a_full_buffer_remembers_that_it_failed(void **state)
{
	struct tide_buffer buffer;

	(void) state;
	tide_text_buffer_init(&buffer, 300);
	for (int i = 0; i < 100; i++)
		tide_text_put_string(&buffer, "0123456789");
	assert_true(buffer.failed);
	assert_true(buffer.length < 300);
	tide_text_buffer_fini(&buffer);
}

static void
a_glob_matches_runs_and_single_bytes(void **state)
{
	(void) state;
	assert_true(tide_text_matches(TIDE_TEXT("fraud-card"), "fraud-*"));
	assert_true(tide_text_matches(TIDE_TEXT("abc"), "*"));
	assert_true(tide_text_matches(TIDE_TEXT("abcabd"), "*ab?"));
	assert_false(tide_text_matches(TIDE_TEXT("abc"), "ab"));
	assert_false(tide_text_matches(TIDE_TEXT(""), "?"));
	assert_false(tide_text_matches(TIDE_TEXT("ab\0c"), "ab"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_number_prints_in_its_shortest_form_and_reads_back),
	        cmocka_unit_test(what_is_not_a_whole_number_is_refused),
	        cmocka_unit_test(json_places_its_own_commas_and_escapes),
	        cmocka_unit_test(a_full_buffer_remembers_that_it_failed),
	        cmocka_unit_test(a_glob_matches_runs_and_single_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
