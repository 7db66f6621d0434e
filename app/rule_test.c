#include "app/rule_test.h"
#include "app/utc.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ALERTS_MAX 1024

struct running {
	struct tide_rule_test *test;
	const struct tide_worker_setup *setup;
	struct tide_alerts *alerts;
	struct tide_finding *findings;
	struct tide_alert *found;
	struct tide_buffer *diff;
	int differences;
};

static const char *
state_name(enum tide_alert_state state)
{
	return state == TIDE_ALERT_FIRING ? "firing" : "resolved";
}

/* The number of a series in a window; NaN where it has none. */
static double
number_at(const double *numbers, size_t window)
{
	return numbers ? numbers[window] : NAN;
}

static size_t
findings_make(const struct running *running, size_t window, enum tide_side side)
{
	const struct tide_rule_test *test = running->test;
	size_t count = 0;

	for (size_t i = 0; i < test->series_count; i++) {
		const struct tide_rule_series *series = &test->series[i];
		double value = number_at(series->values, window);
		double p = number_at(series->p_values, window);
		if (series->detector->side != side || isnan(value))
			continue;
		running->findings[count++] = (struct tide_finding){
		        .detector = series->detector,
		        .column = series->column,
		        .value = value,
		        .reference = series->reference,
		        .lower = number_at(series->lower, window),
		        .upper = number_at(series->upper, window),
		        .p_value = p,
		        .log10_p = log10(p),
		        .n = isnan(series->n) ? test->n : series->n,
		        .status = TIDE_OK};
	}
	return count;
}

static bool
is_expected(const struct tide_rule_expected *expected, size_t window,
            const struct tide_alert *alert)
{
	return !expected->found && expected->window == (double) window &&
	       strcmp(expected->rule, alert->rule->name) == 0 &&
	       strcmp(expected->state, state_name(alert->state)) == 0 &&
	       (!expected->severity || strcmp(expected->severity, alert->rule->severity) == 0) &&
	       (!expected->column || tide_text_is(alert->finding->column, expected->column));
}

static void
alert_meet(struct running *running, size_t window, const struct tide_alert *alert)
{
	struct tide_rule_test *test = running->test;

	for (size_t i = 0; i < test->expected_count; i++)
		if (is_expected(&test->expected[i], window, alert)) {
			test->expected[i].found = true;
			return;
		}
	tide_text_put_format(running->diff, "  + window %zu (", window);
	tide_utc_print(running->diff, alert->window_start_ms);
	tide_text_put_format(running->diff, "): %s %s, severity %s", alert->rule->name,
	                     state_name(alert->state), alert->rule->severity);
	if (alert->finding->column.length)
		tide_text_put_format(running->diff, ", column %.*s",
		                     (int) alert->finding->column.length,
		                     alert->finding->column.bytes);
	tide_text_put_format(running->diff, ": %.6g against %.6g, not expected\n",
	                     alert->rule->tested ? alert->finding->p_value : alert->finding->value,
	                     alert->threshold);
	running->differences++;
}

static bool
window_weigh(struct running *running, size_t window, enum tide_side side)
{
	const struct tide_config *config = running->setup->config;
	const struct tide_rule_test *test = running->test;
	int64_t start_ms = test->start_ms + (int64_t) window * config->window.size_ms;
	struct tide_evidence evidence = {
	        .start_ms = start_ms,
	        .end_ms = start_ms + config->window.size_ms,
	        .trigger_ms = start_ms + config->window.size_ms +
	                      (side == TIDE_SIDE_LABEL ? config->window.label_horizon_ms
	                                               : config->window.lateness_ms),
	        .side = side,
	        .timing = TIDE_TIMING_FINAL,
	        .complete = true,
	        .key = {.model = tide_text_of(test->model), .segment = -1},
	        .predictions = (uint64_t) test->n,
	        .labelled = (uint64_t) test->n};
	size_t count = findings_make(running, window, side);
	int alerts = tide_alert_weigh(running->alerts, &evidence, 0, running->findings, count,
	                              running->found, ALERTS_MAX);

	for (int i = 0; i < alerts; i++)
		alert_meet(running, window, &running->found[i]);
	return alerts >= 0;
}

static void
missing_tell(struct running *running)
{
	const struct tide_rule_test *test = running->test;

	for (size_t i = 0; i < test->expected_count; i++) {
		const struct tide_rule_expected *expected = &test->expected[i];
		if (expected->found)
			continue;
		tide_text_put_format(running->diff,
		                     "  - window %.0f: %s %s%s%s%s%s, expected at line %d\n",
		                     expected->window, expected->rule, expected->state,
		                     expected->severity ? ", severity " : "",
		                     expected->severity ? expected->severity : "",
		                     expected->column ? ", column " : "",
		                     expected->column ? expected->column : "", expected->line);
		running->differences++;
	}
}

int
tide_rule_test_run(struct tide_rule_test *test, const struct tide_worker_setup *setup,
                   struct tide_buffer *diff)
{
	const struct tide_config *config = setup->config;
	const struct tide_budget budget = tide_worker_stage_budget(setup);
	struct running running = {.test = test, .setup = setup, .diff = diff};

	running.alerts = tide_alert_new(config->name, config->rules, config->rule_count,
	                                config->segments, config->segment_count);
	running.findings = calloc(test->series_count + 1, sizeof *running.findings);
	running.found = calloc(ALERTS_MAX, sizeof *running.found);
	bool good = running.alerts && running.findings && running.found;
	if (good)
		tide_alert_budget(running.alerts, &budget);
	for (size_t window = 0; good && window < test->windows; window++)
		good = window_weigh(&running, window, TIDE_SIDE_PREDICTION) &&
		       window_weigh(&running, window, TIDE_SIDE_LABEL);
	if (good)
		missing_tell(&running);
	tide_alert_free(running.alerts);
	free(running.findings);
	free(running.found);
	return good && !diff->failed ? running.differences : -1;
}
