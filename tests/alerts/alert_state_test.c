#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "alerts/alert_state.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define MODELS   5
#define KEPT_MAX 32
#define WINDOWS  6000
#define HORIZON  700 /* windows until labels are judged */
#define MEMORY   1024

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ZERO "0000000000000000" /* a double */

static struct tide_rule rules[] = { /* all of them TIDE_RULE_ABOVE */
        {.name = "plain", .metric = "mae", .severity = "warning", .number = 10, .for_m = 1,
         .for_n = 1, .has_critical = true, .critical_number = 20, .remind_ms = 3000},
        {.name = "often", .metric = "mae", .severity = "warning", .number = 10, .for_m = 2,
         .for_n = 4},
        {.name = "calm", .metric = "mae", .severity = "warning", .number = 10, .for_m = 3,
         .for_n = 5, .resolve_after = 2},
        {.name = "risk", .metric = "risk", .severity = "warning", .op = TIDE_RULE_ABOVE,
         .number = .2, .for_m = 1, .for_n = 1, .certainty = .95},
};

/* A topic: the newest value of each key. */
static struct kept {
	char key[TIDE_ALERT_STATE_KEY], value[TIDE_ALERT_STATE_VALUE];
} kept[KEPT_MAX];
static size_t kept_count;

/* The number of records taken; they arrive in the topic, or are lost on the way. */
static size_t
take(struct tide_alerts *alerts, bool arrive)
{
	char key[TIDE_ALERT_STATE_KEY];
	struct tide_buffer value;
	size_t taken = 0;

	tide_text_buffer_init(&value, TIDE_ALERT_STATE_VALUE);
	for (; tide_alert_state_take(alerts, key, &value); taken++) {
		size_t i = 0;
		assert_false(value.failed);
		while (i < kept_count && strcmp(kept[i].key, key) != 0)
			i++;
		assert_in_range(i, 0, KEPT_MAX - 1);
		if (arrive) {
			kept_count += i == kept_count;
			memcpy(kept[i].key, key, sizeof key);
			snprintf(kept[i].value, sizeof kept[i].value, "%s",
			         value.length ? value.bytes : "");
		}
		tide_text_buffer_reset(&value);
	}
	tide_text_buffer_fini(&value);
	return taken;
}

static struct tide_alerts *
restart(struct tide_alerts *alerts)
{
	tide_alert_free(alerts);
	alerts = tide_alert_new("n", rules, sizeof rules / sizeof *rules, NULL, 0);
	assert_non_null(alerts);
	for (size_t i = 0; i < kept_count; i++)
		assert_int_equal(tide_alert_state_put(alerts, tide_text_of(kept[i].key),
		                                      tide_text_of(kept[i].value)),
		                 TIDE_ALERT_PUT_OK);
	return alerts;
}

static struct tide_finding
finding_of(const char *metric, double value, double p_value)
{
	return (struct tide_finding){.detector = tide_detector_find(metric),
	                             .value = value,
	                             .reference = NAN,
	                             .lower = NAN,
	                             .upper = NAN,
	                             .p_value = p_value,
	                             .log10_p = NAN,
	                             .n = 100};
}

static struct tide_evidence
evidence_of(int64_t window, size_t model, enum tide_side side, int64_t age)
{
	static const char *const names[MODELS] = {"a", "b", "c", "d", "e"};

	return (struct tide_evidence){.start_ms = window * 1000 + 7,
	                              .end_ms = window * 1000 + 1007,
	                              .trigger_ms = (window + age) * 1000 + 1007,
	                              .side = side,
	                              .timing = TIDE_TIMING_FINAL,
	                              .key = {.model = tide_text_of(names[model]), .segment = -1}};
}

static int
weigh(struct tide_alerts *alerts, int64_t window, size_t model, bool breach,
      struct tide_alert *out)
{
	struct tide_finding finding = finding_of("mae", !breach ? 9 : window % 3 ? 11 : 21, NAN);
	struct tide_evidence evidence = evidence_of(window, model, TIDE_SIDE_LABEL, HORIZON);

	return tide_alert_weigh(alerts, &evidence, 0, &finding, 1, out, 8);
}

static void
drift(struct tide_alerts *alerts, int64_t window, size_t model, bool drifted)
{
	struct tide_finding finding = finding_of("drift", 1, drifted ? 1e-9 : .5);
	struct tide_evidence evidence = evidence_of(window, model, TIDE_SIDE_PREDICTION, 0);
	struct tide_alert out[8];

	finding.column = TIDE_TEXT("x");
	assert_int_equal(tide_alert_weigh(alerts, &evidence, 0, &finding, 1, out, 8), 0);
}

static uint32_t
chance(uint32_t *random)
{
	*random = *random * 1664525u + 1013904223u;
	return (*random >> 16) % 100;
}

/* One worker that lasts, and one that dies now and then and comes back with its records. */
struct pair {
	struct tide_alerts *lasting, *mortal;
	uint32_t random;
	size_t alerts, asked, restarts, lost;
};

static void
perhaps_restart(struct pair *pair)
{
	uint32_t what = chance(&pair->random);

	if (what < 10) { /* a commit fails, and the next one does not */
		take(pair->mortal, false);
		tide_alert_state_again(pair->mortal);
		pair->lost++;
	}
	if (what < 40)
		take(pair->mortal, true);
	if (what < 20) {
		pair->mortal = restart(pair->mortal);
		pair->restarts++;
	}
}

/* inputs: of the window; 'n' no, 'y' yes, 0 nobody judged them. */
static void
labels_judged(struct pair *pair, int64_t window, size_t model, char inputs)
{
	struct tide_alert wanted[8], got[8];
	bool breach = chance(&pair->random) < 10 + 15 * model;
	int count = weigh(pair->lasting, window, model, breach, wanted);

	assert_int_equal(weigh(pair->mortal, window, model, breach, got), count);
	for (int i = 0; i < count; i++) {
		assert_string_equal(got[i].alert_id, wanted[i].alert_id);
		assert_string_equal(got[i].record_id, wanted[i].record_id);
		assert_true(got[i].first_window_start_ms == wanted[i].first_window_start_ms);
		for (int j = 0; j < 2; j++) {
			const struct tide_alert *alert = j ? &got[i] : &wanted[i];
			assert_int_equal(alert->has_inputs_drifted, inputs != 0);
			assert_true(!inputs || alert->inputs_drifted == (inputs == 'y'));
		}
		pair->asked += inputs != 0;
	}
	pair->alerts += (size_t) count;
}

static void
rules_that_are_put_back_judge_as_those_that_went_on(void **state)
{
	struct pair pair = {.lasting = restart(NULL), .mortal = restart(NULL), .random = 3};
	static char inputs[WINDOWS][MODELS];

	(void) state;
	for (int64_t window = 0; window < WINDOWS; window++) {
		for (size_t model = 0; model < MODELS; model++) {
			uint32_t what = chance(&pair.random);
			bool silent = model == 4 && window > 2000 && window < 4000;
			if (what < 70 && !silent) {
				inputs[window][model] = what < 20 ? 'y' : 'n';
				drift(pair.lasting, window, model, what < 20);
				drift(pair.mortal, window, model, what < 20);
			}
			perhaps_restart(&pair);
			if (window >= HORIZON)
				labels_judged(&pair, window - HORIZON, model,
				              inputs[window - HORIZON][model]);
			perhaps_restart(&pair);
		}
	}
	assert_true(pair.alerts > 5000 && pair.asked > 3000 && pair.alerts > pair.asked);
	assert_true(pair.restarts > 5000 && pair.lost > 2000);
	tide_alert_free(pair.lasting);
	tide_alert_free(pair.mortal);
	kept_count = 0;
}

static void
what_has_nothing_to_remember_leaves_no_record(void **state)
{
	struct tide_alerts *alerts = restart(NULL);
	struct tide_alert out[8];

	(void) state;
	for (int64_t window = 0; window < 10; window++)
		weigh(alerts, window, 0, false, out);
	assert_int_equal(take(alerts, true), 0);
	weigh(alerts, 10, 0, true, out);
	assert_int_equal(take(alerts, true), 3);
	for (int64_t window = 11; window < 20; window++)
		weigh(alerts, window, 0, false, out);
	assert_int_equal(take(alerts, true), 3);
	assert_int_equal(kept_count, 3);
	for (size_t i = 0; i < kept_count; i++)
		assert_string_equal(kept[i].value, "");
	weigh(alerts, 20, 0, false, out);
	assert_int_equal(take(alerts, true), 0);
	tide_alert_free(alerts);
	kept_count = 0;
}

static void
windows_of_a_model_are_one_record_of_digits(void **state)
{
	struct tide_alerts *alerts = restart(NULL);

	(void) state;
	drift(alerts, 100, 0, true);
	drift(alerts, 101, 0, false);
	drift(alerts, 104, 0, true);
	assert_int_equal(take(alerts, true), 1);
	assert_string_equal(kept[0].key, /* SHA-256 of "a" */
	                    "drift/ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb");
	assert_string_equal(kept[0].value, "d1;104;1--01");
	drift(alerts, 101, 0, false); /* told again, as a rewind does */
	assert_int_equal(take(alerts, true), 0);
	drift(alerts, 101, 0, true);
	assert_int_equal(take(alerts, true), 1);
	assert_string_equal(kept[0].value, "d1;104;1--11");
	drift(alerts, 104 + MEMORY, 0, false);
	assert_int_equal(take(alerts, true), 1);
	assert_string_equal(kept[0].value, "d1;1128;0");
	drift(alerts, 104, 0, false); /* too old */
	assert_int_equal(take(alerts, true), 0);
	tide_alert_free(alerts);
	kept_count = 0;
}

/* Asked by an alert: whatever fires is resolved before. */
static bool
is_known(struct tide_alerts *alerts, int64_t window, int64_t age)
{
	struct tide_evidence evidence = evidence_of(window, 0, TIDE_SIDE_LABEL, age);
	struct tide_alert out[8];

	for (int value = 9; value <= 11; value += 2) {
		struct tide_finding finding = finding_of("mae", value, NAN);
		int count = tide_alert_weigh(alerts, &evidence, 0, &finding, 1, out, 8);
		assert_true(value == 9 || count > 0);
	}
	return out[0].has_inputs_drifted;
}

static void
a_model_that_is_silent_for_1024_windows_is_forgotten(void **state)
{
	struct tide_alerts *alerts = restart(NULL);

	(void) state;
	drift(alerts, 100, 0, true);
	take(alerts, true);
	assert_true(is_known(alerts, 100, MEMORY - 1));
	assert_false(is_known(alerts, 100 - MEMORY, 2 * MEMORY - 1));
	drift(alerts, 99 + MEMORY, 1, true);
	assert_int_equal(kept_count, 1);
	take(alerts, true);
	assert_string_equal(kept[0].value, "d1;100;1");
	alerts = restart(alerts);
	drift(alerts, 100 + MEMORY, 1, true); /* another model: time goes on */
	take(alerts, true);
	assert_string_equal(kept[0].value, "");
	assert_false(is_known(alerts, 100, MEMORY + 1));
	tide_alert_free(alerts);
	kept_count = 0;
}

static void
records_that_did_not_arrive_are_handed_out_again(void **state)
{
	struct tide_alerts *alerts = restart(NULL);
	struct tide_alert out[8];

	(void) state;
	weigh(alerts, 10, 0, true, out);
	drift(alerts, 711, 0, true);
	assert_int_equal(take(alerts, true), 4);
	for (int64_t window = 11; window < 20; window++)
		weigh(alerts, window, 0, false, out);
	assert_int_equal(take(alerts, false), 3); /* three empty values are lost */
	assert_int_equal(take(alerts, true), 0);
	tide_alert_state_again(alerts);
	tide_alert_state_again(alerts);
	assert_int_equal(take(alerts, true), 4);
	for (size_t i = 0; i < kept_count; i++)
		assert_string_equal(kept[i].value, kept[i].key[0] == 'a' ? "" : "d1;711;1");
	tide_alert_free(alerts);
	kept_count = 0;
}

/* A day of a binary model, 300 rows of which so many are wrong, as `risk` makes it. */
static struct tide_finding
followed(struct tide_alerts *alerts, int64_t day, size_t model, uint64_t wrong,
         enum tide_timing timing, struct tide_alert *alert)
{
	static struct tide_label_fold labels;
	struct tide_evidence evidence = evidence_of(day, model, TIDE_SIDE_LABEL, 0);
	struct tide_finding finding = finding_of("risk", (double) wrong / 300, NAN);
	struct tide_alert out[8];

	labels = (struct tide_label_fold){.labelled = 300, .confusion = {.fp = wrong,
	                                                                 .tn = 300 - wrong}};
	evidence.start_ms = day * 86400000;
	evidence.end_ms = evidence.trigger_ms = evidence.start_ms + 86400000;
	evidence.problem = TIDE_PROBLEM_BINARY;
	evidence.labels = &labels;
	evidence.timing = timing;
	finding.reference = .1;
	finding.reference_n = 5000;
	assert_true(tide_alert_follow(alerts, &evidence, &finding, 1));
	int alerted = tide_alert_weigh(alerts, &evidence, 0, &finding, 1, out, 8);
	assert_in_range(alerted, 0, 1);
	if (alert) {
		assert_int_equal(alerted, 1);
		*alert = out[0];
		alert->finding = NULL; /* it was here */
	}
	return finding;
}

static void
a_cell_that_is_followed_goes_on_after_a_restart(void **state)
{
	struct tide_alerts *lasting = restart(NULL), *mortal = restart(NULL);
	uint32_t random = 5;
	(void) state;

	for (int64_t day = 0; day < 200; day++) {
		size_t model = chance(&random) % 3;
		uint64_t wrong = chance(&random) % 40 + (day > 100 ? 40 : 10);
		struct tide_finding a =
		        followed(lasting, day, model, wrong, TIDE_TIMING_FINAL, NULL);
		struct tide_finding b =
		        followed(mortal, day, model, wrong, TIDE_TIMING_FINAL, NULL);
		assert_true(a.value == b.value && a.p_value == b.p_value && a.n == b.n &&
		            a.lower == b.lower && a.upper == b.upper && a.p_value > 0);
		take(mortal, true);
		if (chance(&random) < 30)
			mortal = restart(mortal);
	}
	assert_true(followed(mortal, 200, 0, 60, TIDE_TIMING_FINAL, NULL).p_value < 1e-9);
	tide_alert_free(lasting);
	tide_alert_free(mortal);
	kept_count = 0;
}

static void
a_pane_is_followed_once_and_a_silent_cell_forgotten(void **state)
{
	struct tide_alerts *alerts = restart(NULL);

	(void) state;
	assert_true(followed(alerts, 5, 0, 80, TIDE_TIMING_FINAL, NULL).p_value < .01);
	take(alerts, true);
	assert_true(isnan(followed(alerts, 5, 0, 80, TIDE_TIMING_FINAL, NULL).p_value));
	assert_true(isnan(followed(alerts, 5, 0, 80, TIDE_TIMING_REVISED, NULL).p_value));
	assert_true(isnan(followed(alerts, 6, 0, 80, TIDE_TIMING_EARLY, NULL).p_value));
	followed(alerts, 5 + MEMORY, 1, 20, TIDE_TIMING_FINAL, NULL);
	assert_string_not_equal(kept[0].value, "");
	followed(alerts, 6 + MEMORY, 1, 20, TIDE_TIMING_FINAL, NULL);
	take(alerts, true);
	assert_true(!memcmp(kept[0].key, "follow/", 7) && !*kept[0].value);
	assert_true(followed(alerts, 7 + MEMORY, 0, 80, TIDE_TIMING_FINAL, NULL).n == 300);
	tide_alert_free(alerts);
	kept_count = 0;
}

static void
risk_alone_is_concept_drift_and_beside_drifted_inputs_is_said_so(void **state)
{
	struct tide_alerts *alerts = restart(NULL);
	struct tide_evidence inputs = evidence_of(0, 0, TIDE_SIDE_PREDICTION, 0);
	struct tide_alert alert;

	(void) state;
	for (int64_t drifted = 0; drifted < 2; drifted++) {
		struct tide_finding drift = finding_of("drift", 1, drifted ? 1e-9 : .5);
		drift.column = TIDE_TEXT("x");
		inputs.start_ms = (10 + drifted) * 86400000;
		inputs.end_ms = inputs.trigger_ms = inputs.start_ms + 86400000;
		assert_int_equal(tide_alert_weigh(alerts, &inputs, 0, &drift, 1, &alert, 1), 0);
		inputs.key.model = TIDE_TEXT("b");
	}
	for (size_t model = 0; model < 2; model++) {
		followed(alerts, 10 + (int64_t) model, model, 100, TIDE_TIMING_FINAL, &alert);
		assert_string_equal(alert.kind, "concept_drift");
		assert_true(alert.has_inputs_drifted);
		assert_int_equal(alert.inputs_drifted, model);
	}
	tide_alert_free(alerts);
}

static void
a_strange_record_is_refused(void **state)
{
	static const struct {
		const char *key, *value;
	} strange[] = {
	        {"alert/" HEX, "a3;0;0;0;0;0;0;0;0;0;0"},
	        {"alert/" HEX, "a1"},
	        {"alert/" HEX, "a"},
	        {"alert/" HEX, "a1;0;0;0;0;0;0;0"},
	        {"alert/" HEX, "a1;0;1;0;0;0;0;0;1"},
	        {"alert/" HEX, "a1;0;0;0;0;0;0;0;0;"},
	        {"alert/" HEX, "a1;-1;0;0;0;0;0;0;0"},
	        {"alert/" HEX, "a1;0;1;0;0;0;0;0;1;99999999999999999999"},
	        {"alert/" HEX, "a2;0;0;0;0;0;0;0;0"},
	        {"alert/" HEX, "a2;0;0;0;0;0;0;0;0;0;0;"},
	        {"alert/" HEX, "d1;104;1--11"},
	        {"drift/" HEX, "a1;0;0;0;0;0;0;0;0"},
	        {"drift/" HEX, "d1"},
	        {"drift/" HEX, "d1;"},
	        {"drift/" HEX, "d1;104"},
	        {"drift/" HEX, "d1;104;"},
	        {"drift/" HEX, "d1;104;-1"},
	        {"drift/" HEX, "d1;104;12"},
	        {"drift/" HEX, "d1;99999999999999999999;1"},
	        {"alert/0123", "a1;0;0;0;0;0;0;0;0"},
	        {"follow/" HEX, "o1;5;mae;00"},
	        {"follow/" HEX, "o1;5;risk;"},
	        {"follow/" HEX, "o1;5;risk;0"},
	        {"follow/" HEX, "o1;5;risk"},
	        {"follow/" HEX, "o1;5;" HEX ";00"},
	        {"follow/" HEX, "o1;risk;" ZERO ZERO ZERO ZERO ZERO "000000"},
	        {"follow/" HEX, "o1;5;risk;" ZERO ZERO ZERO ZERO ZERO "00000000"},
	        {"follow/" HEX, "o1;5;risk;" ZERO ZERO ZERO ZERO ZERO "0000"},
	        {"drift/" HEX "0", "d1;104;1"},
	        {"other/" HEX, ""},
	        {HEX "012345", ""},
	};
	struct tide_alerts *alerts = restart(NULL);
	char longest[8 + MEMORY + 1] = "d1;4000;";

	(void) state;
	for (size_t i = 0; i < sizeof strange / sizeof *strange; i++)
		assert_int_equal(tide_alert_state_put(alerts, tide_text_of(strange[i].key),
		                                      tide_text_of(strange[i].value)),
		                 TIDE_ALERT_PUT_STRANGE);
	assert_int_equal(tide_alert_state_put(alerts, TIDE_TEXT("alert/" HEX),
	                                      TIDE_TEXT("a1;1;1;0;1;0;-5;0;1;-5")),
	                 TIDE_ALERT_PUT_OK);
	assert_int_equal(tide_alert_state_put(alerts, TIDE_TEXT("follow/" HEX),
	                                      TIDE_TEXT("o1;5;risk;" ZERO ZERO ZERO ZERO ZERO
	                                                "000000")),
	                 TIDE_ALERT_PUT_OK);
	memset(longest + 8, '1', MEMORY + 1);
	assert_int_equal(tide_alert_state_put(alerts, TIDE_TEXT("drift/" HEX),
	                                      (struct tide_text){longest, sizeof longest}),
	                 TIDE_ALERT_PUT_STRANGE);
	assert_int_equal(tide_alert_state_put(alerts, TIDE_TEXT("drift/" HEX),
	                                      (struct tide_text){longest, sizeof longest - 1}),
	                 TIDE_ALERT_PUT_OK);
	tide_alert_free(alerts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(rules_that_are_put_back_judge_as_those_that_went_on),
	        cmocka_unit_test(what_has_nothing_to_remember_leaves_no_record),
	        cmocka_unit_test(windows_of_a_model_are_one_record_of_digits),
	        cmocka_unit_test(a_model_that_is_silent_for_1024_windows_is_forgotten),
	        cmocka_unit_test(records_that_did_not_arrive_are_handed_out_again),
	        cmocka_unit_test(a_cell_that_is_followed_goes_on_after_a_restart),
	        cmocka_unit_test(a_pane_is_followed_once_and_a_silent_cell_forgotten),
	        cmocka_unit_test(risk_alone_is_concept_drift_and_beside_drifted_inputs_is_said_so),
	        cmocka_unit_test(a_strange_record_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
