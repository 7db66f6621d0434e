#include "app/config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define PLAIN "name: a\nproblem_type: none\n" \
	"inputs: {predictions: {topic: p, map: {id: i, timestamp: ts}}}\nwindow: {size: 1h}\n"

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
state_has_a_topic_unless_told_and_partials_only_when_told(void **state)
{
	struct tide_config *plain = load(PLAIN);
	struct tide_config *group = load(PLAIN "kafka: {group.id: g}\n");
	struct tide_config *told =
		load(PLAIN "outputs: {state: {topic: s}, partials: {topic: q}}\n");

	(void) state;
	assert_string_equal(plain->state_topic, "tidemark-a-state");
	assert_null(plain->partials_topic);
	assert_string_equal(group->state_topic, "g-state");
	assert_string_equal(told->state_topic, "s");
	assert_string_equal(told->partials_topic, "q");
	tide_config_free(group);
	tide_config_free(told);
	tide_config_free(plain);
}

static void
where_workers_meet_changes_no_answer_and_no_hash(void **state)
{
	struct tide_config *plain = load(PLAIN);
	struct tide_config *told = load(PLAIN "outputs: {partials: {topic: q}}\n");

	(void) state;
	assert_string_equal(told->hash, plain->hash);
	assert_string_equal(told->state_hash, plain->state_hash);
	tide_config_free(told);
	tide_config_free(plain);
}

static void
partials_are_no_file(void **state)
{
	(void) state;
	assert_null(load(PLAIN "outputs: {partials: {file: f}}\n"));
	assert_int_equal(error.code, TIDE_ERROR_CONFIG);
	assert_non_null(strstr(error.text, ":5:22: `state` or `partials` has no key `file`"));
}

#define BOTH(more) "name: a\nproblem_type: none\nwindow: {size: 1h, label_horizon: 1d}\n" \
	"inputs: {predictions: {topic: p, map: {id: i, timestamp: ts}}, " \
	"labels: {topic: l, map: {id: i, target: y}}" more "}\n"

static void
what_is_repartitioned_is_read_from_topics_of_its_own(void **state)
{
	struct tide_config *plain = load(BOTH(", repartition: false"));
	struct tide_config *told = load(BOTH(", repartition: true"));
	struct tide_config *group = load(BOTH(", repartition: true") "kafka: {group.id: g}\n");

	(void) state;
	assert_false(plain->repartition);
	assert_string_equal(plain->predictions.topic, "p");
	assert_null(plain->predictions.origin_topic);
	assert_true(told->repartition);
	assert_string_equal(told->predictions.topic, "tidemark-a-predictions-by-id");
	assert_string_equal(told->labels.topic, "tidemark-a-labels-by-id");
	assert_string_equal(told->predictions.origin_topic, "p");
	assert_string_equal(told->labels.origin_topic, "l");
	assert_string_equal(group->labels.topic, "g-labels-by-id");
	assert_string_equal(told->hash, plain->hash);
	assert_string_equal(told->state_hash, plain->state_hash);
	tide_config_free(group);
	tide_config_free(told);
	tide_config_free(plain);
}

static void
what_cannot_be_repartitioned_is_refused(void **state)
{
	static const char *const cases[][2] = {
		{"inputs: {predictions: {topic: p, map: {id: i}}, repartition: true}\n",
			":1:62: `repartition` brings labels to their predictions"},
		{"inputs: {repartition: true, predictions: {topic: p, map: {timestamp: t}}, "
			"labels: {topic: l, map: {id: i, target: y}}}\n", ":1:23: `repartition` puts"},
		{"inputs: {repartition: true, predictions: {topic: p, map: {id: i}}, "
			"labels: {topic: p, map: {id: i, target: y}}}\n", "both inputs are in p"},
		{"inputs: {repartition: 4}\n", ":1:23: expected false or true"}};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_null(load(cases[i][0]));
		assert_int_equal(error.code, TIDE_ERROR_CONFIG);
		if (strstr(error.text, cases[i][1]) == NULL)
			fail_msg("case %zu: %s", i, error.text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(state_has_a_topic_unless_told_and_partials_only_when_told),
		cmocka_unit_test(where_workers_meet_changes_no_answer_and_no_hash),
		cmocka_unit_test(partials_are_no_file),
		cmocka_unit_test(what_is_repartitioned_is_read_from_topics_of_its_own),
		cmocka_unit_test(what_cannot_be_repartitioned_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
