#include "tests/app/config_fixture.h"

#define PLAIN "name: bike\nproblem_type: regression\n" \
	"inputs:\n  predictions: {topic: p, map: {id: i, timestamp: ts, season: s}}\n" \
	"  labels: {topic: l, map: {id: i, target: t}}\n" \
	"window: {size: 1d, label_horizon: 1d}\n"
#define BINARY "name: loan\nproblem_type: classification_binary\n" \
	"inputs:\n  predictions: {topic: p, map: {id: i, timestamp: ts, proba: s}}\n" \
	"  labels: {topic: l, map: {id: i, target: t}}\n" \
	"window: {size: 1d, label_horizon: 1d}\n"

static void
a_rule_may_have_two_levels_and_a_pace(void **state)
{
	struct tide_config *config = load(PLAIN
		"rules: [{name: a, metric: mae, above: 2x reference, critical: 3x reference, remind: 2d}]\n");

	(void) state;
	assert_string_equal(error.text, "");
	assert_non_null(config);
	assert_true(config->rules[0].has_critical);
	assert_int_equal(config->rules[0].critical_side, TIDE_RULE_TIMES_REFERENCE);
	assert_true(config->rules[0].critical_number == 3);
	assert_int_equal(config->rules[0].remind_ms, 2 * 86400000);
	tide_config_free(config);
}

static void
levels_that_contradict_each_other_are_refused(void **state)
{
	static const char *const refusals[][2] = {
		{PLAIN "rules: [{name: a, metric: drift, columns: all, critical: 1}]\n",
			":7:9: rule `a` is judged by its test, which has no `critical`"},
		{PLAIN "rules: [{name: a, metric: mae, above: 5, critical: 5}]\n",
			":7:52: rule `a`: `critical` should lie beyond the level"},
		{PLAIN "rules: [{name: a, metric: r2, below: 0.5, critical: 0.6}]\n",
			":7:53: rule `a`: `critical` should lie beyond the level"},
		{PLAIN "rules: [{name: a, metric: mae, above: 5, critical: 9, severity: critical}]\n",
			":7:52: rule `a` is critical from its first level on"},
		{PLAIN "rules: [{name: a, metric: mae, above: 5, clear: 6}]\n",
			":7:49: rule `a`: `clear` lies beyond the level"},
		{PLAIN "rules: [{name: a, metric: r2, below: 0.5, clear: 0.4}]\n",
			":7:50: rule `a`: `clear` lies beyond the level"},
		{PLAIN "rules: [{name: a, metric: mae, above: 5, remind: soon}]\n",
			":7:50: expected a duration"},
		{BINARY "rules: [{name: a, metric: estimated_roc_auc, below: 0.7, critical: 0.6}]\n",
			":7:68: `estimated_roc_auc` knows no labels and cannot be critical"},
	};

	(void) state;
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		assert_null(load(refusals[i][0]));
		if (!strstr(error.text, refusals[i][1]))
			fail_msg("case %zu: %s", i, error.text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_may_have_two_levels_and_a_pace),
		cmocka_unit_test(levels_that_contradict_each_other_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
