#include "app/config.h"
#include "windowing/folds/operation.h"
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

static void
a_refusal_says_where_and_why(void **state)
{
	static const char *const cases[][2] = {
		{"nam: x\n", ":1:1: the config has no key `nam`; did you mean `name`?"},
		{"name: a\nname: b\n", ":2:1: `name` stands twice"},
		{"name: [a]\n", ":1:7: expected a text, but this is a list"},
		{"models: {}\n", ":1:1: `models` comes with a later release"},
		{"window: {size: 5x}\n", ":1:16: expected a duration"},
		{"name: ${env:TIDE_NO_SUCH}\n", ":1:7: the environment has no `TIDE_NO_SUCH`"},
		{HEAD INPUTS "window: {size: 1h}\n", ":6:9: `window` needs `label_horizon`"},
		{"window: {size: 1h, label_horizon: 1h, early: [1h]}\n",
			":1:47: the early age `1h` is not below"},
		{"rules:\n  - {name: a, metric: m, above: 2x ref}\n", ":2:33: expected a number"},
		{HEAD INPUTS WINDOW "rules:\n  - {name: a, metric: brier_scor_loss, above: 1}\n",
			":8:23: no metric is named `brier_scor_loss`; did you mean `brier_score_loss`?"},
		{"name: {\n", "this is not YAML"},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_null(load(cases[i][0]));
		assert_int_equal(error.code, TIDE_ERROR_CONFIG);
		if (strstr(error.text, cases[i][1]) == NULL)
			fail_msg("case %zu: %s", i, error.text);
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
		cmocka_unit_test(a_secret_is_put_in_place),
		cmocka_unit_test(the_hash_knows_what_matters),
		cmocka_unit_test(an_absent_reference_is_no_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
