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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(state_has_a_topic_unless_told_and_partials_only_when_told),
		cmocka_unit_test(where_workers_meet_changes_no_answer_and_no_hash),
		cmocka_unit_test(partials_are_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
