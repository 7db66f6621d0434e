#include "app/config.h"
#include "windowing/folds/operation.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define HEAD "name: bike\nproblem_type: regression\n"
#define INPUTS "inputs:\n  predictions: {topic: p, " \
	"map: {id: pid, timestamp: ts, model: model, season: s}}\n" \
	"  labels: {file: l.jsonl, map: {id: pid, target: label}}\n"
#define WINDOW "window: {size: 28d, label_horizon: 1d, early: [1h]}\n"
#define RULES "rules:\n  - {name: r, metric: mae, above: 2x reference, for: 2 of 3}\n" \
	"  - {name: s, metric: mae, below: -5% reference}\n"
#define GOOD HEAD INPUTS WINDOW RULES "segments: [season, other]\nkafka: {bootstrap.servers: h}\n"

static struct tide_error error;

static struct tide_config *
load(const char *text)
{
	char path[] = "/tmp/tide-config-XXXXXX";
	struct tide_config *config = NULL;
	int descriptor = mkstemp(path);
	FILE *file = fdopen(descriptor, "w");

	assert_non_null(file);
	(void) fputs(text, file);
	(void) fclose(file);
	memset(&error, 0, sizeof(error));
	if (tide_config_load(path, &config, &error) != 0)
		config = NULL;
	(void) unlink(path);
	return config;
}

static void
a_good_config_fills_the_structs(void **state)
{
	struct tide_config *config = load(GOOD);

	(void) state;
	assert_string_equal(error.text, "");
	assert_non_null(config);
	assert_int_equal(config->window.size_ms, INT64_C(28) * 86400000);
	assert_int_equal(config->window.max_future_skew_ms, 300000);
	assert_string_equal(config->labels.file, "/tmp/l.jsonl");
	assert_null(config->labels.mapping.model_name);
	assert_int_equal(config->labels.mapping.role, TIDE_LABELS);
	assert_int_equal(config->segments[0].field, 0);
	assert_int_equal(config->segments[1].field, -1);
	assert_int_equal(config->rules[0].side, TIDE_RULE_TIMES_REFERENCE);
	assert_int_equal(config->rules[0].for_n, 3);
	assert_true(config->rules[1].number == -0.05);
	assert_string_equal(config->kafka[0], "bootstrap.servers=h");
	assert_null(config->kafka[1]);
	tide_config_free(config);
}

static const char *const refusals[][2] = {
	{"nam: x\n", ":1:1: the config has no key `nam`; did you mean `name`?"},
	{"name: a\nname: b\n", ":2:1: `name` stands twice"},
	{"name: [a]\n", ":1:7: expected a text, but this is a list"},
	{"models: []\n", ":1:9: `models` should be a mapping"},
	{"models: {a: {window: 1h}}\n", ":1:14: `window` comes with a later release"},
	{"models: {a: {decision_threshold: 2}}\n", ":1:34: `decision_threshold` should be"},
	{"models: {a: {problem_type: clustering}}\n", ":1:28: expected none, class"},
	{"name: a\n" INPUTS WINDOW, ":1:1: `problem_type` is missing"},
	{"columns: {a: {weight: 2}}\n", ":1:15: `weight` comes with a later release"},
	{"columns: {a: {pii: true}}\n", ":1:15: `pii` comes with a later release"},
	{"columns: {a: {type: embedding}}\n", ":1:21: expected numeric or categorical"},
	{"columns: {a: {ignore: yes}}\n", ":1:23: expected false or true"},
	{"columns: {a: {min_effect: -1}}\n", ":1:27: `min_effect` is a PSI of 0 or more"},
	{"target: {pos_label: 1}\n", ":1:10: `pos_label` comes with a later release"},
	{"target: {values: [1]}\n", ":1:18: `target.values` should be a mapping"},
	{"inputs: {start: noon}\n", ":1:17: expected latest, earliest, @ms or"},
	{"inputs: {labels: {absent: {}}}\n", ":1:19: `absent` comes with a later release"},
	{"inputs: {labels: {eligible: x}}\n", ":1:19: `eligible` comes with a later"},
	{"inputs: {predictions: {map: {proba: {form: array, field: p}}}}\n",
		":1:44: an array of `proba` needs `classes`"},
	{"inputs: {predictions: {map: {proba: {form: number, field: p, classes: [a]}}}}\n",
		":1:44: `proba` is one number"},
	{"inputs: {predictions: {map: {proba: {classes: [a]}}}}\n",
		":1:37: `proba` needs `field`"},
	{"reference: {learn: 28d}\n", ":1:13: `learn` comes with a later release"},
	{"reference: {compare: fixed}\n", ":1:13: `compare` comes with a later release"},
	{"reference: {records: a, profile: b}\n", ":1:12: `reference` takes one of"},
	{"window: {size: 1h, idle_policy: advance}\n",
		":1:33: `advance` comes with a later release; say hold"},
	{"window: {size: 1h, slot: 1m}\n", ":1:20: `slot` comes with a later release"},
	{"window: {size: 5x}\n", ":1:16: expected a duration"},
	{"name: ${env:TIDE_NO_SUCH}\n", ":1:7: the environment has no `TIDE_NO_SUCH`"},
	{HEAD INPUTS "window: {size: 1h}\n", ":6:9: `window` needs `label_horizon`"},
	{"window: {size: 1h, label_horizon: 1h, early: [1h]}\n",
		":1:47: the early age `1h` is not below"},
	{"rules:\n  - {name: a, metric: m, above: 2x ref}\n", ":2:33: expected a number"},
	{HEAD INPUTS WINDOW "rules:\n  - {name: a, metric: brier_scor_loss, above: 1}\n",
		":8:23: no metric is named `brier_scor_loss`; did you mean `brier_score_loss`?"},
	{"rules: 3\n", ":1:8: `rules` should be a list of rules"},
	{"rules: {a: off}\n", ":1:9: no default rule is named `a`, so it cannot be off"},
	{"rules: {pack: mine}\n", ":1:15: expected none or default"},
	{"rules: {a: {name: b, metric: mae, above: 1}}\n", ":1:12: this rule has two names"},
	{"rules: [{name: a, metric: m, above: 1, below: 2}]\n",
		":1:47: a rule has one comparison"},
	{"rules: [{name: a, metric: m}, {name: a, metric: m}]\n",
		":1:31: two rules are named `a` (first on line 1)"},
	{"rules: [{metric: m}]\n", ":1:9: a rule needs a `name`"},
	{"rules: [{name: a}]\n", ":1:9: rule `a` needs a `metric`"},
	{"rules: [{name: a, metric: m, for: 4 of 3}]\n", ":1:35: expected M of N windows"},
	{"rules: [{name: a, metric: m, severity: bad}]\n",
		":1:40: expected info, warning or critical"},
	{HEAD INPUTS WINDOW "rules: [{name: a, metric: estimated_roc_auc, severity: critical}]\n",
		":7:56: `estimated_roc_auc` knows no labels and cannot be critical"},
	{"rules: [{name: a, metric: m, columns: temp}]\n", ":1:39: expected all or a list"},
	{"rules: [{name: a, metric: m, versions: all}]\n", ":1:40: expected each"},
	{"rules: [{name: a, metric: m, min_n: -1}]\n", ":1:37: `min_n` should be 0 or more"},
	{"rules: [{name: a, metric: m, certainty: 1}]\n", ":1:41: `certainty` should be"},
	{"rules: [{name: a, metric: m, clear: x}]\n", ":1:37: expected a number, `2x"},
	{"rules: [{name: a, metric: m, resolve_after: 0}]\n",
		":1:45: `resolve_after` is a number of windows"},
	{"rules: [{name: a, metric: m, pane: early}]\n", ":1:36: expected final or early@AGE"},
	{"rules: [{name: a, metric: m, over: 7d}]\n", ":1:30: `over` comes with a later"},
	{HEAD INPUTS WINDOW "rules: [{name: a, metric: rows_of_x, above: 1}]\n",
		":7:27: no metric is named `rows_of_x`; did you mean `"},
	{HEAD INPUTS WINDOW "rules: [{name: a, metric: psi, above: 1}]\n",
		":7:9: `psi` is measured column by column; say columns: all"},
	{HEAD INPUTS WINDOW "rules: [{name: a, metric: mae, above: 1, columns: [b]}]\n",
		":7:51: `mean_absolute_error` is a metric of the model as a whole"},
	{HEAD INPUTS WINDOW "rules: [{name: a, metric: mae}]\n",
		":7:9: rule `a` needs one of above, at_least, below and at_most; only drift"},
	{HEAD INPUTS WINDOW "rules: [{name: a, metric: drift, columns: all, versions: each}]\n",
		":7:9: rule `a` is judged by its test, which has no `versions`"},
	{HEAD INPUTS WINDOW "rules: [{name: a, metric: drift, columns: all, clear: 1}]\n",
		":7:9: rule `a` is judged by its test, which has no `clear`"},
	{HEAD INPUTS WINDOW "rules: [{name: a, metric: mae, above: 1, segments: [x]}]\n",
		":7:9: rule `a` names the segment `x`; add it to `segments`"},
	{HEAD INPUTS WINDOW "rules: [{name: a, metric: mae, above: 1, pane: early@2h}]\n",
		":7:48: no early pane has this age"},
	{HEAD INPUTS WINDOW
		"rules: [{name: a, metric: mae, above: 2x reference, pane: early@1h}]\n",
		":7:59: the reference has no pane of this age"},
	{HEAD INPUTS "window: {size: 1d, label_horizon: 1d, early: [1h], label_policy: last}\n"
		"rules: [{name: a, metric: mae, above: 1, pane: early@1h}]\n",
		":7:48: early panes do not know corrections"},
	{"alerting: {false_alarms: 1 a month}\n", ":1:26: expected a rate like `1 per 30d`"},
	{"alerting: {routes: {}}\n", ":1:12: `routes` comes with a later release"},
	{"name: {\n", "this is not YAML"},
};

static void
a_refusal_says_where_and_why(void **state)
{
	(void) state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		assert_null(load(refusals[i][0]));
		assert_int_equal(error.code, TIDE_ERROR_CONFIG);
		if (strstr(error.text, refusals[i][1]) == NULL)
			fail_msg("case %zu: %s", i, error.text);
	}
}

static void
models_follow_their_pattern_and_the_top_level(void **state)
{
	struct tide_config *config = load("name: bike\nproblem_type: classification_binary\n"
		"models:\n  '*': {problem_type: none}\n  fraud-*: {decision_threshold: 0.8}\n"
		"  demand: {problem_type: regression}\npositive_class: yes\n" INPUTS WINDOW);
	static const char *const patterns[] = {"fraud-*", "demand", "*"};
	static const enum tide_problem problems[] = {
		TIDE_PROBLEM_BINARY, TIDE_PROBLEM_REGRESSION, TIDE_PROBLEM_NONE};

	(void) state;
	assert_string_equal(error.text, "");
	assert_non_null(config);
	assert_int_equal(config->model_count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(config->models[i].pattern, patterns[i]);
		assert_int_equal(config->models[i].problem, problems[i]);
		assert_string_equal(config->models[i].positive_class, "yes");
	}
	assert_true(config->models[0].decision_threshold == 0.8);
	assert_true(config->models[1].decision_threshold == 0.5);
	assert_int_equal(config->problem, TIDE_PROBLEM_NONE);
	assert_int_equal(config->predictions.mapping.problem, TIDE_PROBLEM_NONE);
	tide_config_free(config);
}

static void
without_models_the_top_level_is_the_only_one(void **state)
{
	struct tide_config *config = load(GOOD);

	(void) state;
	assert_non_null(config);
	assert_int_equal(config->model_count, 1);
	assert_string_equal(config->models[0].pattern, "*");
	assert_int_equal(config->models[0].problem, TIDE_PROBLEM_REGRESSION);
	assert_int_equal(config->labels.mapping.problem, TIDE_PROBLEM_REGRESSION);
	tide_config_free(config);
}

static void
columns_and_target_values_fill_their_tables(void **state)
{
	struct tide_config *config = load(HEAD INPUTS WINDOW
		"columns:\n  mcc: {type: categorical}\n  '*_id': {ignore: true}\n"
		"  '*': {min_effect: 0.02}\ntarget: {values: {Y: 1, N: no}}\n");
	const struct tide_mapping *mapping;

	(void) state;
	assert_string_equal(error.text, "");
	assert_non_null(config);
	assert_int_equal(config->column_count, 3);
	assert_int_equal(config->columns[0].type, TIDE_COLUMN_CATEGORICAL);
	assert_true(isnan(config->columns[0].min_effect));
	assert_true(config->columns[1].ignore);
	assert_string_equal(config->columns[1].pattern, "*_id");
	assert_true(config->columns[2].min_effect == 0.02);
	mapping = &config->labels.mapping;
	assert_int_equal(mapping->value_count, 2);
	assert_string_equal(mapping->values[0].from, "Y");
	assert_int_equal(mapping->values[0].to.kind, TIDE_VALUE_NUMBER);
	assert_true(mapping->values[0].to.number == 1);
	assert_int_equal(mapping->values[1].to.kind, TIDE_VALUE_TEXT);
	assert_ptr_equal(mapping->values, config->predictions.mapping.values);
	tide_config_free(config);
}

static void
scores_are_a_number_an_object_or_an_array(void **state)
{
	static const struct {
		const char *problem, *proba;
		bool is_classes;
		size_t class_count;
	} cases[] = {
		{"classification_binary", "s", false, 0},
		{"classification_binary", "{field: s, form: object}", true, 0},
		{"classification_multiclass", "s", true, 0},
		{"classification_multiclass", "{field: s, classes: [a, b]}", false, 2},
		{"classification_multiclass", "{field: s, form: object, classes: [a, b]}", true, 2},
	};
	char text[512];

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tide_config *config;

		(void) snprintf(text, sizeof(text),
			"name: m\nproblem_type: %s\nwindow: {size: 1h}\ninputs: {predictions: "
			"{map: {id: i, prediction: p, proba: %s}}}\n",
			cases[i].problem, cases[i].proba);
		config = load(text);
		assert_string_equal(error.text, "");
		assert_non_null(config);
		assert_string_equal(config->predictions.mapping.proba, "s");
		assert_int_equal(config->predictions.mapping.proba_is_classes, cases[i].is_classes);
		assert_int_equal(config->predictions.mapping.class_count, cases[i].class_count);
		tide_config_free(config);
	}
}

#define SHOP "name: shop\nproblem_type: classification_binary\ninputs:\n" \
	"  predictions: {topic: p, map: {id: i, prediction: said, latency: ms, amount: a, both: b}}\n" \
	"  labels: {topic: l, map: {id: i, target: was, loss: l, both: b}}\n" \
	"window: {size: 1h, label_horizon: 1d}\n"

static void
business_measures_are_cut_where_they_need_the_label(void **state)
{
	struct tide_config *config = load(SHOP
		"business:\n  big: {rate: amount > 100, of: latency < 9}\n"
		"  late: {mean: amount - loss, where: amount > 100 and loss > 5 or 2 * loss < 3}\n"
		"  saved: {value_matrix: {tp: amount, fp: -4.0, fn: -amount, tn: 0}}\n"
		"rules:\n  - {name: r, metric: big, above: 1}\n"
		"  - {name: s, metric: late, above: 1}\n");
	const struct tide_measures *measures;

	(void) state;
	assert_string_equal(error.text, "");
	assert_non_null(config);
	measures = &config->measures;
	assert_int_equal(measures->mapped, 1u << TIDE_LATENCY);
	assert_int_equal(measures->business_count, 3);
	assert_string_equal(measures->business[0].name, "big");
	assert_int_equal(measures->business[0].kind, TIDE_BUSINESS_RATE);
	assert_false(measures->business[0].labelled);
	assert_true(measures->business[1].labelled);
	assert_true(measures->business[2].labelled);
	/* kept: amount, amount > 100, -amount; outcome: loss, loss > 5, 2 * loss < 3 */
	assert_int_equal(measures->kept_count, 3);
	assert_int_equal(measures->outcome_count, 3);
	assert_int_equal(measures->business[1].value[0].count, 3);
	assert_int_equal(measures->business[1].where.count, 5);
	assert_string_equal(config->rules[0].metric, "business");
	assert_string_equal(config->rules[0].columns[0], "big");
	assert_string_equal(config->rules[1].metric, "business_outcome");
	tide_config_free(config);
}

static void
a_wrong_measure_or_word_is_refused_at_its_place(void **state)
{
	static const char *const cases[][2] = {
		{"business: {a: {rate: amuont > 1}}\n",
			":7:22: no `map` has a field `amuont`; did you mean `amount`?"},
		{"business: {a: {rate: 'latency > 1 and nothing'}}\n",
			":7:39: no `map` has a field `nothing`; add it, e.g. nothing: features.nothing"},
		{"business: {a: {rate: both}}\n", ":7:22: `both` stands in both maps"},
		{"business: {a: {rate: score > 1}}\n",
			":7:22: `score` is not mapped; add it to inputs.predictions.map"},
		{"business: {a: {sum: amount, where: amount >}}\n", ":7:44: a name, a number"},
		{"business: {a: {sum: amount, mean: amount}}\n", ":7:15: a business measure has one"},
		{"business: {a: {sum: amount, of: amount}}\n", ":7:33: `of` goes with `rate`"},
		{"business: {a: {rate: amount, where: 1}}\n", ":7:37: `where` does not go with"},
		{"business: {a: {value_matrix: {tp: 1}}}\n", ":7:30: `value_matrix` needs all of"},
		{"business: {mae: {sum: amount}}\n", ":7:12: `mae` is the name of a metric"},
		{"business: {a: {sums: amount}}\n", ":7:16: a business measure has no key `sums`"},
		{"business: {revenue: {sum: amount}}\nrules:\n"
			"  - {name: r, metric: revenu, above: 1}\n",
			":9:23: no metric is named `revenu`; did you mean `revenue`?"},
		{"business: {a: {sum: amount}}\nrules:\n"
			"  - {name: r, metric: a, above: 1, columns: [x]}\n",
			":9:5: rule `r` is about a business measure"},
	};
	static const char *const words[][2] = {
		{"latencey: ms", ":4:46: `map` has no word `latencey`; did you mean `latency`?"},
		{"wieght: w", ":4:46: `map` has no word `wieght`; did you mean `weight`?"},
		{"uid: u", ":4:46: `map` has no word `uid`; did you mean `id`?"},
	};
	struct tide_config *config;
	char text[1024];

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void) snprintf(text, sizeof(text), "%s%s", SHOP, cases[i][0]);
		assert_null(load(text));
		if (strstr(error.text, cases[i][1]) == NULL)
			fail_msg("case %zu: %s", i, error.text);
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		(void) snprintf(text, sizeof(text), "name: a\nproblem_type: none\ninputs:\n"
			"  predictions: {topic: p, map: {id: i, p: p, %s}}\nwindow: {size: 1h}\n",
			words[i][0]);
		assert_null(load(text));
		if (strstr(error.text, words[i][1]) == NULL)
			fail_msg("word %zu: %s", i, error.text);
	}
	(void) snprintf(text, sizeof(text), "name: a\nproblem_type: none\nsegments: [uid]\ninputs:\n"
		"  predictions: {topic: p, map: {id: i, uid: u, colour: c, ts: t, wieght: w}}\n"
		"business: {heavy: {rate: wieght > 3}}\nwindow: {size: 1h}\n");
	config = load(text);
	assert_string_equal(error.text, "");
	assert_non_null(config);
	tide_config_free(config);
}

static void
a_rule_without_a_comparison_is_a_test(void **state)
{
	struct tide_config *config = load(HEAD INPUTS WINDOW
		"rules:\n  - {name: a, metric: drift, columns: all}\n"
		"  - {name: b, metric: mae, above: 5, clear: 4, resolve_after: 2, pane: early@1h}\n");

	(void) state;
	assert_string_equal(error.text, "");
	assert_non_null(config);
	assert_int_equal(config->rule_count, 2);
	assert_true(config->rules[0].tested);
	assert_false(config->rules[1].tested);
	assert_true(config->rules[1].has_clear);
	assert_true(config->rules[1].clear_number == 4);
	assert_int_equal(config->rules[1].resolve_after, 2);
	assert_int_equal(config->rules[1].early_age_ms, 3600000);
	tide_config_free(config);
}

static void
default_rules_apply_without_rules_and_change_by_name(void **state)
{
	struct tide_config *pack = load(HEAD INPUTS WINDOW);
	struct tide_config *changed = load(HEAD INPUTS WINDOW
		"rules:\n  error-up: {above: +30% reference, owner: me}\n  feature-drift: off\n"
		"  mine: {metric: rmse, above: 9}\n");
	struct tide_config *none = load(HEAD INPUTS WINDOW "rules: {pack: none}\n");
	size_t i = 0;

	(void) state;
	assert_string_equal(error.text, "");
	assert_non_null(pack);
	assert_non_null(changed);
	assert_non_null(none);
	assert_int_equal(none->rule_count, 0);
	assert_int_equal(changed->rule_count, pack->rule_count);
	for (; i < changed->rule_count; i++) {
		assert_string_not_equal(changed->rules[i].name, "feature-drift");
		/* A regression has no accuracy. */
		assert_string_not_equal(pack->rules[i].name, "accuracy-down");
		if (strcmp(changed->rules[i].name, "error-up") == 0)
			break;
	}
	assert_true(changed->rules[i].number == 0.3);
	assert_string_equal(changed->rules[i].metric, "mean_absolute_error");
	assert_string_equal(changed->rules[i].severity, "critical");
	assert_string_equal(changed->rules[i].owner, "me");
	assert_string_equal(changed->rules[i + 1].name, "mine");
	assert_string_not_equal(pack->hash, changed->hash);
	tide_config_free(pack);
	tide_config_free(changed);
	tide_config_free(none);
}

static void
the_false_alarm_budget_is_one_in_thirty_days_unless_said(void **state)
{
	struct tide_config *config = load(HEAD INPUTS WINDOW);
	struct tide_config *said = load(HEAD INPUTS WINDOW "alerting: {false_alarms: 2 per 1w}\n");

	(void) state;
	assert_true(config->false_alarms == 1);
	assert_true(config->false_alarms_ms == INT64_C(30) * 86400000);
	assert_true(said->false_alarms == 2);
	assert_true(said->false_alarms_ms == INT64_C(7) * 86400000);
	tide_config_free(config);
	tide_config_free(said);
}

static void
a_secret_is_put_in_place(void **state)
{
	struct tide_config *config;

	(void) state;
	assert_int_equal(setenv("TIDE_TEST_SECRET", "s3cret", 1), 0);
	config = load(HEAD INPUTS WINDOW "kafka: {p: 'a${env:TIDE_TEST_SECRET}b'}\n");
	assert_non_null(config);
	assert_string_equal(config->kafka[0], "p=as3cretb");
	tide_config_free(config);
}

static void
the_hash_knows_what_matters(void **state)
{
	struct tide_config *a = load(HEAD INPUTS WINDOW);
	struct tide_config *same = load("# said\n" WINDOW INPUTS HEAD "outputs: {alerts: {topic: t}}\n"
		"decision_threshold: 0.5\n");
	struct tide_config *other =
		load(HEAD INPUTS "window: {size: 27d, label_horizon: 1d, early: [1h]}\n");
	struct tide_config *measured = load(HEAD INPUTS WINDOW "business: {a: {rate: season == 1}}\n");

	(void) state;
	assert_non_null(a);
	assert_non_null(same);
	assert_non_null(other);
	assert_int_equal(strlen(a->hash), 16);
	assert_string_equal(a->hash, same->hash);
	assert_string_not_equal(a->hash, other->hash);
	assert_non_null(measured);
	assert_string_not_equal(a->hash, measured->hash);
	tide_config_free(measured);
	tide_config_free(a);
	tide_config_free(same);
	tide_config_free(other);
}

static void
an_absent_reference_is_no_input(void **state)
{
	(void) state;
	assert_null(load(HEAD INPUTS WINDOW "reference: {records: no-such.jsonl}\n"));
	assert_int_equal(error.code, TIDE_ERROR_NO_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_config_fills_the_structs),
		cmocka_unit_test(a_refusal_says_where_and_why),
		cmocka_unit_test(business_measures_are_cut_where_they_need_the_label),
		cmocka_unit_test(a_wrong_measure_or_word_is_refused_at_its_place),
		cmocka_unit_test(models_follow_their_pattern_and_the_top_level),
		cmocka_unit_test(without_models_the_top_level_is_the_only_one),
		cmocka_unit_test(columns_and_target_values_fill_their_tables),
		cmocka_unit_test(scores_are_a_number_an_object_or_an_array),
		cmocka_unit_test(a_rule_without_a_comparison_is_a_test),
		cmocka_unit_test(default_rules_apply_without_rules_and_change_by_name),
		cmocka_unit_test(the_false_alarm_budget_is_one_in_thirty_days_unless_said),
		cmocka_unit_test(a_secret_is_put_in_place),
		cmocka_unit_test(the_hash_knows_what_matters),
		cmocka_unit_test(an_absent_reference_is_no_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
