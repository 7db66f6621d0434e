#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "alerts/alert.h"
#include <math.h>
#include <string.h>

static const struct tide_segment segments[] = {{.name = "country", .field = -1}};

static struct tide_rule
rule_of(const char *metric, unsigned for_m, unsigned for_n)
{
	return (struct tide_rule){.name = "r",
	                          .metric = metric,
	                          .severity = "warning",
	                          .op = TIDE_RULE_ABOVE,
	                          .number = 10,
	                          .for_m = for_m,
	                          .for_n = for_n};
}

static struct tide_finding
finding_of(const char *metric, double value)
{
	struct tide_finding finding = {.detector = tide_detector_find(metric),
	                               .value = value,
	                               .reference = NAN,
	                               .lower = NAN,
	                               .upper = NAN,
	                               .p_value = NAN,
	                               .log10_p = NAN,
	                               .window_mean = NAN,
	                               .window_std = NAN,
	                               .n = 100};

	assert_non_null(finding.detector);
	return finding;
}

static struct tide_evidence
evidence_of(int64_t window, enum tide_side side)
{
	return (struct tide_evidence){.start_ms = window * 1000,
	                              .end_ms = window * 1000 + 1000,
	                              .trigger_ms = window * 1000 + 5000,
	                              .side = side,
	                              .timing = TIDE_TIMING_FINAL,
	                              .key = {.model = TIDE_TEXT("m"), .segment = -1},
	                              .predictions = 200,
	                              .labelled = 100};
}

static int
weigh(struct tide_alerts *alerts, int64_t window, const struct tide_finding *finding,
      struct tide_alert *out)
{
	struct tide_evidence evidence = evidence_of(window, TIDE_SIDE_LABEL);

	return tide_alert_weigh(alerts, &evidence, 0, finding, 1, out, 4);
}

static int
weigh_value(struct tide_alerts *alerts, int64_t window, double value, struct tide_alert *out)
{
	struct tide_finding finding = finding_of("mean_absolute_error", value);

	return weigh(alerts, window, &finding, out);
}

static void
m_of_n_fires_once_and_resolves(void **state)
{
	struct tide_rule rule = rule_of("mae", 2, 3);
	struct tide_alerts *alerts = tide_alert_new("n", &rule, 1, segments, 1);
	struct tide_alert out[4];
	char first_id[33];

	(void) state;
	assert_non_null(alerts);
	assert_int_equal(weigh_value(alerts, 1, 11, out), 0);
	assert_int_equal(weigh_value(alerts, 2, 10, out), 0);
	assert_int_equal(weigh_value(alerts, 3, 12, out), 1);
	assert_int_equal(out[0].state, TIDE_ALERT_FIRING);
	assert_int_equal(out[0].first_window_start_ms, 1000);
	assert_int_equal(out[0].transition_ms, 8000);
	assert_string_equal(out[0].kind, "performance");
	assert_false(out[0].has_inputs_drifted);
	assert_true(out[0].coverage == 0.5);
	assert_int_equal(strlen(out[0].alert_id), 32);
	memcpy(first_id, out[0].alert_id, sizeof out[0].alert_id);
	assert_int_equal(weigh_value(alerts, 4, 12, out), 0);
	assert_int_equal(weigh_value(alerts, 5, 9, out), 1);
	assert_int_equal(out[0].state, TIDE_ALERT_RESOLVED);
	assert_string_equal(out[0].alert_id, first_id);
	assert_int_equal(weigh_value(alerts, 6, 9, out), 0);
	assert_int_equal(weigh_value(alerts, 7, 11, out), 0);
	assert_int_equal(weigh_value(alerts, 8, 11, out), 1);
	assert_string_not_equal(out[0].alert_id, first_id);
	tide_alert_free(alerts);
}

static void
a_new_incident_has_a_new_first_window(void **state)
{
	struct tide_rule rule = rule_of("mae", 2, 4);
	struct tide_alerts *alerts = tide_alert_new("n", &rule, 1, segments, 1);
	struct tide_alert out[4];

	(void) state;
	assert_int_equal(weigh_value(alerts, 1, 11, out), 0);
	assert_int_equal(weigh_value(alerts, 2, 11, out), 1);
	assert_int_equal(weigh_value(alerts, 3, 9, out), 1);
	assert_int_equal(weigh_value(alerts, 4, 11, out), 1);
	assert_int_equal(out[0].first_window_start_ms, 4000);
	tide_alert_free(alerts);
}

static void
an_incident_becomes_critical_once_and_stays_so(void **state)
{
	struct tide_rule rule = rule_of("mae", 1, 1);
	struct tide_alerts *alerts;
	struct tide_alert out[4];
	char id[33];

	(void) state;
	rule.has_critical = true;
	rule.critical_number = 20;
	alerts = tide_alert_new("n", &rule, 1, segments, 1);
	assert_int_equal(weigh_value(alerts, 1, 11, out), 1);
	assert_true(out[0].opens && !out[0].is_critical && out[0].threshold == 10);
	assert_string_equal(tide_alert_severity(&out[0]), "warning");
	memcpy(id, out[0].alert_id, sizeof id);
	assert_int_equal(weigh_value(alerts, 2, 21, out), 1);
	assert_true(out[0].state == TIDE_ALERT_FIRING && !out[0].opens && out[0].threshold == 20);
	assert_string_equal(tide_alert_severity(&out[0]), "critical");
	assert_string_equal(out[0].alert_id, id);
	assert_int_equal(weigh_value(alerts, 3, 12, out), 0);
	assert_int_equal(weigh_value(alerts, 4, 22, out), 0);
	assert_int_equal(weigh_value(alerts, 5, 9, out), 1);
	assert_string_equal(tide_alert_severity(&out[0]), "critical");
	assert_int_equal(weigh_value(alerts, 6, 11, out), 1);
	assert_string_equal(tide_alert_severity(&out[0]), "warning");
	assert_int_equal(weigh_value(alerts, 7, 9, out), 1);
	assert_int_equal(weigh_value(alerts, 8, 30, out), 1);
	assert_true(out[0].opens && out[0].is_critical && out[0].beyond_critical);
	tide_alert_free(alerts);
}

static void
what_keeps_firing_is_told_again_at_its_pace(void **state)
{
	struct tide_rule rule = rule_of("mae", 1, 1);
	struct tide_alerts *alerts;
	struct tide_alert out[4];
	char record[33];

	(void) state;
	rule.remind_ms = 3000;
	rule.resolve_after = 2;
	alerts = tide_alert_new("n", &rule, 1, segments, 1);
	assert_int_equal(weigh_value(alerts, 1, 11, out), 1);
	memcpy(record, out[0].record_id, sizeof record);
	assert_int_equal(weigh_value(alerts, 3, 11, out), 0);
	assert_int_equal(weigh_value(alerts, 4, 9, out), 0); /* calm, so nothing to tell */
	assert_int_equal(weigh_value(alerts, 5, 11, out), 1);
	assert_true(out[0].state == TIDE_ALERT_FIRING && !out[0].opens);
	assert_int_equal(out[0].first_window_start_ms, 1000);
	assert_string_not_equal(out[0].record_id, record);
	assert_int_equal(weigh_value(alerts, 7, 11, out), 0);
	assert_int_equal(weigh_value(alerts, 8, 11, out), 1);
	tide_alert_free(alerts);
}

static void
an_early_pane_is_judged_only_by_a_number_that_was_asked_of_its_age(void **state)
{
	struct tide_rule rules[2] = {rule_of("mae", 1, 1), rule_of("mae", 1, 1)};
	struct tide_finding finding = finding_of("mean_absolute_error", 11);
	struct tide_evidence early = evidence_of(4, TIDE_SIDE_LABEL);
	struct tide_alerts *alerts;
	struct tide_alert out[4];

	(void) state;
	early.timing = TIDE_TIMING_EARLY;
	early.age_ms = 10;
	finding.status = TIDE_PRELIMINARY;
	finding.reference = 1;
	rules[0].early_age_ms = rules[1].early_age_ms = 10;
	rules[1].side = TIDE_RULE_TIMES_REFERENCE;
	rules[1].number = 2;
	alerts = tide_alert_new("n", rules, 2, segments, 1);
	assert_int_equal(tide_alert_weigh(alerts, &early, 0, &finding, 1, out, 4), 1);
	assert_ptr_equal(out[0].rule, &rules[0]);
	tide_alert_free(alerts);
}

static void
what_is_not_ok_or_small_or_not_final_counts_neither_way(void **state)
{
	struct tide_rule rule = rule_of("mae", 2, 2);
	struct tide_finding finding = finding_of("mean_absolute_error", 1);
	struct tide_evidence early = evidence_of(4, TIDE_SIDE_LABEL);
	struct tide_alerts *alerts;
	struct tide_alert out[4];

	(void) state;
	rule.min_n = 100;
	alerts = tide_alert_new("n", &rule, 1, segments, 1);
	early.timing = TIDE_TIMING_EARLY;
	assert_int_equal(weigh_value(alerts, 1, 11, out), 0);
	finding.status = TIDE_INSUFFICIENT;
	assert_int_equal(weigh(alerts, 2, &finding, out), 0);
	finding.status = TIDE_OK;
	finding.n = 99;
	assert_int_equal(weigh(alerts, 3, &finding, out), 0);
	finding.n = 100;
	assert_int_equal(tide_alert_weigh(alerts, &early, 0, &finding, 1, out, 4), 0);
	assert_int_equal(weigh_value(alerts, 5, 11, out), 1);
	finding.status = TIDE_UNDEFINED;
	assert_int_equal(weigh(alerts, 6, &finding, out), 0);
	assert_int_equal(weigh_value(alerts, 7, 1, out), 1);
	assert_int_equal(out[0].state, TIDE_ALERT_RESOLVED);
	tide_alert_free(alerts);
}

static void
ids_are_the_same_in_every_run_and_differ_by_column(void **state)
{
	struct tide_rule rule = rule_of("missing", 1, 1);
	struct tide_finding findings[2] = {finding_of("missing", 11), finding_of("missing", 12)};
	struct tide_evidence evidence = evidence_of(1, TIDE_SIDE_PREDICTION);
	struct tide_alert out[2][2];

	(void) state;
	rule.all_columns = true;
	findings[0].column = TIDE_TEXT("a");
	findings[1].column = TIDE_TEXT("b");
	for (int run = 0; run < 2; run++) {
		struct tide_alerts *alerts = tide_alert_new("n", &rule, 1, segments, 1);
		assert_int_equal(tide_alert_weigh(alerts, &evidence, 0, findings, 2, out[run], 2), 2);
		tide_alert_free(alerts);
	}
	assert_string_equal(out[0][0].kind, "data_quality");
	assert_true(isnan(out[0][0].coverage));
	assert_string_not_equal(out[0][0].alert_id, out[0][1].alert_id);
	for (int i = 0; i < 2; i++) {
		assert_string_equal(out[0][i].alert_id, out[1][i].alert_id);
		assert_string_equal(out[0][i].record_id, out[1][i].record_id);
		assert_string_not_equal(out[0][i].alert_id, out[0][i].record_id);
	}
}

static void
certainty_asks_the_whole_interval(void **state)
{
	struct tide_rule rule = rule_of("mae", 1, 1);
	struct tide_finding finding = finding_of("mean_absolute_error", 12);
	struct tide_alerts *alerts;
	struct tide_alert out[4];

	(void) state;
	rule.certainty = 0.95;
	alerts = tide_alert_new("n", &rule, 1, segments, 1);
	finding.lower = 9;
	finding.upper = 15;
	assert_int_equal(weigh(alerts, 1, &finding, out), 0);
	finding.lower = 10.5;
	assert_int_equal(weigh(alerts, 2, &finding, out), 1);
	tide_alert_free(alerts);
	rule.op = TIDE_RULE_BELOW;
	rule.number = 13;
	alerts = tide_alert_new("n", &rule, 1, segments, 1);
	assert_int_equal(weigh(alerts, 1, &finding, out), 0);
	finding.lower = finding.upper = NAN;
	assert_int_equal(weigh(alerts, 2, &finding, out), 1);
	tide_alert_free(alerts);
}

static void
a_threshold_can_stand_on_the_reference(void **state)
{
	static const struct {
		enum tide_rule_side side;
		double number, reference, threshold;
	} cases[] = {
	        {TIDE_RULE_TIMES_REFERENCE, 2, 36.5, 73},
	        {TIDE_RULE_SHARE_OF_REFERENCE, 0.5, 10, 15},
	        {TIDE_RULE_SHARE_OF_REFERENCE, 0.5, -10, -5},
	        {TIDE_RULE_REFERENCE_PLUS, 0.25, 10, 10.25},
	        {TIDE_RULE_REFERENCE_STD, 3, 10, 16},
	};
	struct tide_alert out[4];

	(void) state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tide_rule rule = rule_of("mae", 1, 1);
		struct tide_finding finding = finding_of("mean_absolute_error", 0);
		struct tide_alerts *alerts;
		rule.side = cases[i].side;
		rule.number = cases[i].number;
		alerts = tide_alert_new("n", &rule, 1, segments, 1);
		finding.value = cases[i].threshold + 1;
		assert_int_equal(weigh(alerts, 1, &finding, out), 0);
		finding.reference = finding.window_mean = cases[i].reference;
		finding.window_std = 2;
		finding.value = cases[i].threshold;
		assert_int_equal(weigh(alerts, 2, &finding, out), 0);
		finding.value = cases[i].threshold + 1e-9;
		assert_int_equal(weigh(alerts, 3, &finding, out), 1);
		assert_true(out[0].threshold == cases[i].threshold);
		assert_true(out[0].threshold_of_reference);
		tide_alert_free(alerts);
	}
}

static void
a_performance_alert_says_whether_inputs_drifted(void **state)
{
	struct tide_rule rule = rule_of("mae", 1, 1);
	struct tide_alerts *alerts = tide_alert_new("n", &rule, 1, segments, 1);
	struct tide_finding drift[2] = {finding_of("drift", 1), finding_of("drift", 1)};
	struct tide_alert out[4];

	(void) state;
	drift[0].column = TIDE_TEXT("$prediction");
	drift[0].p_value = 1e-9; /* the model's own output is no input */
	drift[1].column = TIDE_TEXT("a");
	for (int window = 1; window <= 3; window += 2) {
		struct tide_evidence evidence = evidence_of(window, TIDE_SIDE_PREDICTION);
		drift[1].p_value = window == 1 ? 1e-4 : 1e-2;
		assert_int_equal(tide_alert_weigh(alerts, &evidence, 0, drift, 2, out, 4), 0);
	}
	assert_int_equal(weigh_value(alerts, 1, 11, out), 1);
	assert_true(out[0].has_inputs_drifted && out[0].inputs_drifted);
	assert_int_equal(weigh_value(alerts, 2, 9, out), 1);
	assert_false(out[0].has_inputs_drifted);
	assert_int_equal(weigh_value(alerts, 3, 11, out), 1);
	assert_true(out[0].has_inputs_drifted && !out[0].inputs_drifted);
	tide_alert_free(alerts);
}

static void
segments_and_versions_are_judged_only_where_asked(void **state)
{
	static const char *const named[] = {"country"};
	struct tide_finding finding = finding_of("mean_absolute_error", 11);
	struct tide_alert out[4];

	(void) state;
	for (int asked = 0; asked < 2; asked++) {
		struct tide_evidence evidence = evidence_of(1, TIDE_SIDE_LABEL);
		struct tide_rule rule = rule_of("mae", 1, 1);
		struct tide_alerts *alerts;
		rule.each_version = asked;
		rule.segments = named;
		rule.segment_count = (size_t) asked;
		alerts = tide_alert_new("n", &rule, 1, segments, 1);
		evidence.key.version = TIDE_TEXT("2");
		assert_int_equal(tide_alert_weigh(alerts, &evidence, 0, &finding, 1, out, 4), asked);
		evidence.key.version = TIDE_TEXT("");
		evidence.key.segment = 0;
		evidence.key.value = TIDE_TEXT("FR");
		assert_int_equal(tide_alert_weigh(alerts, &evidence, 0, &finding, 1, out, 4), asked);
		tide_alert_free(alerts);
	}
}

static void
many_states_keep_apart(void **state)
{
	struct tide_rule rule = rule_of("missing", 2, 2);
	struct tide_evidence evidence = evidence_of(1, TIDE_SIDE_PREDICTION);
	struct tide_alerts *alerts;
	struct tide_alert out[1];

	(void) state;
	rule.all_columns = true;
	alerts = tide_alert_new("n", &rule, 1, segments, 1);
	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < 3000; i++) {
			struct tide_finding finding = finding_of("missing", 11);
			char name[TIDE_TEXT_NUMBER_SIZE];
			finding.column = (struct tide_text){name, tide_text_number(i, name)};
			evidence.start_ms = pass * 1000;
			assert_int_equal(
			        tide_alert_weigh(alerts, &evidence, 0, &finding, 1, out, 1), pass);
		}
	}
	tide_alert_free(alerts);
}

/* reach(.8) / reach(.95) = 1.2815515655 / 1.9599639845 = .6538643 (scipy.stats.norm.ppf). */
static void
another_certainty_stretches_the_interval(void **state)
{
	struct tide_finding finding = finding_of("mean_absolute_error", 20);
	struct tide_rule rule = rule_of("mae", 1, 1);

	(void) state;
	finding.lower = 10;
	finding.upper = 40;
	rule.certainty = 0.8;
	assert_true(tide_rule_breaches(&rule, &finding, 13.4613));
	assert_false(tide_rule_breaches(&rule, &finding, 13.4614));
	rule.op = TIDE_RULE_BELOW;
	assert_true(tide_rule_breaches(&rule, &finding, 33.0773));
	assert_false(tide_rule_breaches(&rule, &finding, 33.0772));
	rule.certainty = 0.95;
	assert_false(tide_rule_breaches(&rule, &finding, 40));
	rule.certainty = 0;
	assert_true(tide_rule_breaches(&rule, &finding, 20.1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(m_of_n_fires_once_and_resolves),
	        cmocka_unit_test(a_new_incident_has_a_new_first_window),
	        cmocka_unit_test(an_incident_becomes_critical_once_and_stays_so),
	        cmocka_unit_test(what_keeps_firing_is_told_again_at_its_pace),
	        cmocka_unit_test(an_early_pane_is_judged_only_by_a_number_that_was_asked_of_its_age),
	        cmocka_unit_test(what_is_not_ok_or_small_or_not_final_counts_neither_way),
	        cmocka_unit_test(ids_are_the_same_in_every_run_and_differ_by_column),
	        cmocka_unit_test(certainty_asks_the_whole_interval),
	        cmocka_unit_test(a_threshold_can_stand_on_the_reference),
	        cmocka_unit_test(a_performance_alert_says_whether_inputs_drifted),
	        cmocka_unit_test(segments_and_versions_are_judged_only_where_asked),
	        cmocka_unit_test(another_certainty_stretches_the_interval),
	        cmocka_unit_test(many_states_keep_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
