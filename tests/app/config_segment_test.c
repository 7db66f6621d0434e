#include "app/config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#define PLAIN "name: a\nproblem_type: classification_binary\n" \
	"inputs:\n  predictions: {topic: p, map: {id: i, timestamp: ts, \"a:b\": x, b: y}}\n" \
	"  labels: {topic: l, map: {id: i, target: t}}\n" \
	"window: {size: 1h, label_horizon: 1h}\n"

static struct tide_error error;

static struct tide_config *
load(const char *text)
{
	char path[] = "/tmp/tide-config-XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");
	struct tide_config *config = NULL;

	assert_non_null(file);
	(void) fputs(text, file);
	(void) fclose(file);
	if (tide_config_load(path, &config, &error))
		config = NULL;
	(void) unlink(path);
	return config;
}

static void
a_list_in_the_list_crosses_segments_that_stand_before_it(void **state)
{
	struct tide_config *config = load(PLAIN "segments: [a, b, c, [a, b], [c, b, a]]\n"
		"rules: [{name: r, metric: accuracy, below: .5, segments: [\"a:b\"]}]\n");

	(void) state;
	assert_non_null(config);
	assert_int_equal(config->segment_count, 5);
	assert_int_equal(config->segments[0].part_count, 0);
	assert_int_equal(config->segments[1].field, 1);
	assert_string_equal(config->segments[3].name, "a:b");
	assert_int_equal(config->segments[3].field, -1); /* though a field has that name */
	assert_string_equal(config->segments[4].name, "c:b:a");
	assert_int_equal(config->segments[4].part_count, 3);
	assert_int_equal(config->segments[4].parts[0], 2);
	assert_int_equal(config->segments[4].parts[2], 0);
	tide_config_free(config);
}

static void
what_crosses_nothing_that_is_declared_is_refused_where_it_stands(void **state)
{
	static const char *const cases[][2] = {
		{"segments: []\n", ":7:11: expected a list of names"},
		{"segments: a\n", ":7:11: expected a list of names"},
		{"segments: [a, a]\n", ":7:15: segment `a` stands twice"},
		{"segments: [a, [a]]\n", ":7:15: a crossed segment has 2 to 4 parts"},
		{"segments: [[a, b], a, b]\n", ":7:13: `a` is no segment that stands before"},
		{"segments: [a, b, [a, b], [a, b]]\n", ":7:26: segment `a:b` stands twice"},
		{"segments: [a, b, [a, b], [\"a:b\", b]]\n",
			":7:27: `a:b` is no segment that stands before"},
		{"segments: [a, b, [a, {c: d}]]\n", ":7:22: expected a text"},
		{"fairness: {min_n: 0}\n", ":7:19: `min_n` is how many labelled rows"},
		{"fairness: {n: 3}\n", ":7:12: "},
		{"rules: [{name: r, metric: disparate_impact, below: .8}]\n",
			":7:9: `demographic_parity_ratio` is measured segment by segment"},
	};
	char text[1024];

	(void) state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		(void) snprintf(text, sizeof text, PLAIN "%s", cases[i][0]);
		assert_null(load(text));
		if (strstr(error.text, cases[i][1]) == NULL)
			fail_msg("%s: %s", cases[i][0], error.text);
	}
}

static void
hashes_know_crossed_segments_and_how_many_rows_a_group_needs(void **state)
{
	struct tide_config *plain = load(PLAIN "segments: [a, b]\n");
	struct tide_config *few = load(PLAIN "segments: [a, b]\nfairness: {min_n: 5}\n");
	struct tide_config *thirty = load(PLAIN "segments: [a, b]\nfairness: {min_n: 30}\n");
	struct tide_config *crossed = load(PLAIN "segments: [a, b, [a, b]]\n");
	struct tide_config *field = load(PLAIN "segments: [a, b, \"a:b\"]\n");

	(void) state;
	assert_int_equal(few->group_min_n, 5);
	assert_string_equal(plain->hash, thirty->hash);
	assert_string_not_equal(plain->hash, few->hash);
	assert_string_equal(plain->state_hash, few->state_hash);
	assert_string_not_equal(crossed->state_hash, plain->state_hash);
	assert_string_not_equal(crossed->state_hash, field->state_hash);
	tide_config_free(plain);
	tide_config_free(few);
	tide_config_free(thirty);
	tide_config_free(crossed);
	tide_config_free(field);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_in_the_list_crosses_segments_that_stand_before_it),
		cmocka_unit_test(what_crosses_nothing_that_is_declared_is_refused_where_it_stands),
		cmocka_unit_test(hashes_know_crossed_segments_and_how_many_rows_a_group_needs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
