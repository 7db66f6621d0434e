#include "app/command.h"
#include "app/rule_test.h"
#include <stdio.h>

#define DIFF_BYTES ((size_t) 16 << 20)

static int
tests_run(struct tide_rule_file *file, const struct tide_worker_setup *setup, size_t *failed,
          struct tide_error *error)
{
	struct tide_buffer diff;
	int differences = 0;

	tide_text_buffer_init(&diff, DIFF_BYTES);
	for (size_t i = 0; i < file->test_count && differences >= 0; i++) {
		struct tide_rule_test *test = &file->tests[i];
		tide_text_buffer_reset(&diff);
		differences = tide_rule_test_run(test, setup, &diff);
		printf("%-6s  %s\n", differences ? "FAILED" : "passed", test->name);
		if (differences > 0)
			printf("%.*s", (int) diff.length, diff.bytes);
		*failed += differences != 0;
	}
	tide_text_buffer_fini(&diff);
	if (differences < 0)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	printf("%zu passed, %zu failed\n", file->test_count - *failed, *failed);
	return 0;
}

static int
file_run(const char *path, size_t *failed, struct tide_error *error)
{
	struct tide_rule_file file = {0};
	struct tide_worker_setup setup = {0};
	int result = tide_rule_file_load(&file, path, error);

	if (!result)
		result = tide_command_prepare(file.config, &setup, error);
	if (!result)
		result = tests_run(&file, &setup, failed, error);
	tide_command_release(&setup);
	tide_rule_file_free(&file);
	return result;
}

const char tide_command_test_help[] =
        "usage: tidemark test FILE\n\n"
        "Runs tests of rules: series of metrics in, the alerts that they should make out.\n"
        "Exit 1 where an alert is missing, or is there and was not expected.\n\n"
        "  config: loan.yaml\n"
        "  tests:\n"
        "    - name: one bad week is no incident, two are\n"
        "      series:\n"
        "        accuracy_score: {values: 0.9x3 0.7 0.9 0.7x2, reference: 0.9}\n"
        "        drift[age]: {values: 0.01x7, p: 0.5x7}\n"
        "      expect:\n"
        "        - {window: 6, rule: accuracy-down, state: firing, severity: critical}\n\n"
        "Numbers of a series: 0.9x3 is 0.9 and three times more, 40+2x3 goes up by 2, _ is a\n"
        "window without a value, _x5 are five. docs/alerts.md says more.\n";

int
tide_command_test(int argc, char **argv)
{
	const struct tide_command_option options[] = {{0}};
	struct tide_error error = {0};
	const char *path = NULL;
	size_t failed = 0;

	if (!tide_command_options(argc, argv, options, &path, tide_command_test_help))
		return TIDE_ERROR_USAGE;
	if (file_run(path, &failed, &error))
		return tide_command_failure(&error);
	return failed ? 1 : 0;
}
