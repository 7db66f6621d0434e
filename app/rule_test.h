#ifndef TIDE_APP_RULE_TEST_H
#define TIDE_APP_RULE_TEST_H
#include "app/worker.h"
/*
 * Tests of rules: series of findings in, the alerts that a person expects out.
 *
 *  (1) A file names a config and its tests; each test begins with rules that remember nothing.
 *  (2) A series is what one metric says window by window: `40x5` is 40 and five times more,
 *      `40+2x5` goes up by 2 five times, `_` is a window without a value and `_x5` are five: as
 *      in promtool's tests.
 *  (3) The alerts of a test are compared as a whole: what was not expected is a failure too.
 */
#define TIDE_RULE_TEST_WINDOWS_MAX 10000

struct tide_rule_series {
	const char *metric; /* `f1_score`, `drift[age]`, or a business measure */
	const struct tide_detector *detector;
	struct tide_text column;
	double *values, *p_values, *lower, *upper; /* a number a window; NaN: none */
	double reference, n;
};

struct tide_rule_expected {
	double window; /* from 0 */
	const char *rule, *state, *severity, *column; /* NULL: any */
	int line;
	bool found;
};

struct tide_rule_test {
	const char *name, *model;
	int64_t start_ms;
	double n;
	struct tide_rule_series *series;
	size_t series_count;
	struct tide_rule_expected *expected;
	size_t expected_count, windows;
	int line;
};

struct tide_rule_file {
	const char *config_path;
	struct tide_config *config, *texts; /* texts: keeps what tests name */
	struct tide_rule_test *tests;
	size_t test_count;
};

/** Errors: TIDE_ERROR_CONFIG, TIDE_ERROR_NO_INPUT. The caller frees it also on failure. */
int tide_rule_file_load(struct tide_rule_file *file, const char *path,
                        struct tide_error *error) TIDE_MUSTCHECK;
void tide_rule_file_free(struct tide_rule_file *file);
/** Runs one test; what differs is put into `diff`, a line each, and how many they are is returned;
 *  -1: out of memory. */
int tide_rule_test_run(struct tide_rule_test *test, const struct tide_worker_setup *setup,
                       struct tide_buffer *diff);
#endif
