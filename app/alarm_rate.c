#include "app/alarm_rate.h"
#include "alerts/alert.h"
#include "app/backtest.h"
#include "app/config_value.h"
#include "app/worker_reference.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FINDINGS_MAX  65536
#define ALERTS_MAX    1024
#define COLUMNS_SHOWN 3 /* of those that alarmed most */

struct column_count {
	size_t rule;
	char *name;
	uint64_t alarms;
};

struct rule_count {
	uint64_t windows, alarms; /* windows: in which it judged anything */
	int64_t last_ms;          /* start of the last of them */
	size_t shown;
};

struct alarm_rate {
	const struct tide_config *config;
	const struct tide_reference *reference;
	struct tide_alerts *alerts;
	struct tide_finding *findings;
	struct tide_alert *found;
	struct tide_scratch scratch;
	struct rule_count *rules;
	struct column_count *columns;
	size_t column_count, column_room;
	uint64_t windows;
	int64_t last_ms;
};

static bool
rate_open(struct alarm_rate *rate, struct tide_columns *columns)
{
	const struct tide_config *config = rate->config;
	const struct tide_budget budget = {.rules = config->rules,
	                                   .rule_count = config->rule_count,
	                                   .segments = config->segments,
	                                   .reference = rate->reference,
	                                   .columns = columns,
	                                   .alarms = config->false_alarms,
	                                   .per_ms = config->false_alarms_ms,
	                                   .size_ms = config->window.size_ms};

	rate->alerts = tide_alert_new(config->name, config->rules, config->rule_count,
	                              config->segments, config->segment_count);
	rate->findings = calloc(FINDINGS_MAX, sizeof *rate->findings);
	rate->found = calloc(ALERTS_MAX, sizeof *rate->found);
	rate->scratch.count = 2 * config->window.exact_rows;
	rate->scratch.doubles = calloc(rate->scratch.count + 1, sizeof(double));
	rate->rules = calloc(config->rule_count + 1, sizeof *rate->rules);
	rate->last_ms = INT64_MIN;
	for (size_t i = 0; rate->rules && i < config->rule_count; i++)
		rate->rules[i].last_ms = INT64_MIN;
	if (!rate->alerts || !rate->findings || !rate->found || !rate->scratch.doubles ||
	    !rate->rules)
		return false;
	tide_alert_budget(rate->alerts, &budget);
	return true;
}

static void
rate_close(struct alarm_rate *rate)
{
	for (size_t i = 0; i < rate->column_count; i++)
		free(rate->columns[i].name);
	free(rate->columns);
	free(rate->rules);
	free(rate->scratch.doubles);
	free(rate->found);
	free(rate->findings);
	tide_alert_free(rate->alerts);
}

/* Why the rule has no rate on a reference, or NULL. */
static const char *
hindrance(const struct tide_rule *rule)
{
	const struct tide_detector *detector = tide_detector_find(rule->metric);

	if (detector && (detector->needs & TIDE_WITHOUT_REFERENCE))
		return "is of the stream: a reference does not know it";
	if (rule->early_age_ms)
		return "judges early panes: a reference has none";
	return NULL;
}

/* As tide_alert_weigh has it: does the finding count for or against the rule? */
static bool
is_judged(const struct alarm_rate *rate, const struct tide_rule *rule,
          const struct tide_evidence *evidence, const struct tide_finding *finding)
{
	return tide_detector_find(rule->metric) == finding->detector &&
	       tide_rule_concerns_pane(rule, evidence) &&
	       tide_rule_concerns_cell(rule, rate->config->segments, &evidence->key) &&
	       tide_rule_concerns_column(rule, finding->column) && finding->status == TIDE_OK &&
	       isfinite(finding->value) && !(finding->n < rule->min_n) &&
	       isfinite(rule->tested ? finding->p_value
	                             : tide_rule_threshold(rule, finding));
}

static void
windows_count(struct alarm_rate *rate, const struct tide_evidence *evidence, size_t count)
{
	rate->windows += evidence->start_ms != rate->last_ms;
	rate->last_ms = evidence->start_ms;
	for (size_t i = 0; i < rate->config->rule_count; i++) {
		struct rule_count *rule = &rate->rules[i];
		size_t at = 0;
		if (rule->last_ms == evidence->start_ms || hindrance(&rate->config->rules[i]))
			continue;
		while (at < count && !is_judged(rate, &rate->config->rules[i], evidence,
		                                &rate->findings[at]))
			at++;
		if (at == count)
			continue;
		rule->windows++;
		rule->last_ms = evidence->start_ms;
	}
}

/* One more alarm of the column; false: out of memory. */
static bool
column_alarm(struct alarm_rate *rate, size_t rule, struct tide_text name)
{
	size_t at = 0;

	if (name.length == 0)
		return true;
	while (at < rate->column_count && (rate->columns[at].rule != rule ||
	                                   !tide_text_is(name, rate->columns[at].name)))
		at++;
	if (at == rate->column_room) {
		size_t room = 2 * at + 16;
		void *more = realloc(rate->columns, room * sizeof *rate->columns);
		if (!more)
			return false;
		rate->columns = more;
		rate->column_room = room;
	}
	if (at == rate->column_count) {
		char *copy = strndup(name.bytes, name.length);
		if (!copy)
			return false;
		rate->columns[rate->column_count++] = (struct column_count){rule, copy, 0};
	}
	rate->columns[at].alarms++;
	return true;
}

static bool
rate_judge(void *closure, const struct tide_evidence *evidence)
{
	struct alarm_rate *rate = closure;
	struct tide_evidence own = *evidence;

	own.held_out = true;
	size_t count = tide_detector_judge(&own, rate->reference, &rate->scratch, rate->findings,
	                                   FINDINGS_MAX);
	if (!tide_alert_follow(rate->alerts, &own, rate->findings, count))
		return false;
	int alerts = tide_alert_weigh(rate->alerts, &own, 0, rate->findings, count,
	                              rate->found, ALERTS_MAX);

	windows_count(rate, &own, count);
	for (int i = 0; i < alerts; i++) {
		const struct tide_alert *alert = &rate->found[i];
		size_t rule = (size_t) (alert->rule - rate->config->rules);
		if (!alert->opens || hindrance(alert->rule))
			continue;
		rate->rules[rule].alarms++;
		if (!column_alarm(rate, rule, alert->finding->column))
			return false;
	}
	return alerts >= 0;
}

static double
per_period(const struct alarm_rate *rate, uint64_t alarms)
{
	return (double) alarms * (double) rate->config->false_alarms_ms /
	       ((double) rate->windows * (double) rate->config->window.size_ms);
}

/* Most alarms first, then by the bytes of the name. */
static int
column_compare(const void *left, const void *right)
{
	const struct column_count *a = left, *b = right;

	if (a->alarms != b->alarms)
		return a->alarms < b->alarms ? 1 : -1;
	return strcmp(a->name, b->name);
}

static void
rule_print(struct alarm_rate *rate, size_t index)
{
	const struct tide_rule *rule = &rate->config->rules[index];
	struct rule_count *counts = &rate->rules[index];
	const char *why = hindrance(rule);

	if (why) {
		printf("  %-22s %s\n", rule->name, why);
		return;
	}
	printf("  %-22s %9llu %9llu %9.3g", rule->name, (unsigned long long) counts->windows,
	       (unsigned long long) counts->alarms, per_period(rate, counts->alarms));
	for (size_t i = 0; i < rate->column_count && counts->shown < COLUMNS_SHOWN; i++)
		if (rate->columns[i].rule == index)
			printf("%s%s (%llu)", counts->shown++ ? ", " : "  ",
			       rate->columns[i].name,
			       (unsigned long long) rate->columns[i].alarms);
	puts(rule->tested ? "" : "  [fixed level]");
}

static size_t
models_count(const struct tide_reference *reference)
{
	const struct tide_cell_key *key = NULL;
	size_t count = 0;

	while ((key = tide_reference_next(reference, key)))
		count += key->segment < 0 && key->version.length == 0;
	return count;
}

static void
rate_print(struct alarm_rate *rate, bool each_rule)
{
	const struct tide_config *config = rate->config;
	size_t models = models_count(rate->reference);
	char per[TIDE_CONFIG_DURATION_SIZE];
	uint64_t alarms = 0, tested = 0;

	tide_config_value_duration_text(config->false_alarms_ms, per);
	if (rate->column_count)
		qsort(rate->columns, rate->column_count, sizeof *rate->columns, column_compare);
	if (each_rule)
		printf("\n  %-22s %9s %9s %5s %-3s  %s\n", "rule", "windows", "alarms", "in", per,
		       "most of them in");
	for (size_t i = 0; i < config->rule_count; i++) {
		if (each_rule)
			rule_print(rate, i);
		alarms += rate->rules[i].alarms;
		tested += config->rules[i].tested ? rate->rules[i].alarms : 0;
	}
	printf("on its own reference this config alarms %.3g times in %s (budget %.6g",
	       per_period(rate, alarms), per, config->false_alarms * (double) models);
	if (models > 1)
		printf(" = %.6g for each of %zu models", config->false_alarms, models);
	printf("): %llu alarms in %llu windows, %llu of them by rules in the budget; tests of "
	       "drift leave the window out of the reference, all else is optimistic\n",
	       (unsigned long long) alarms, (unsigned long long) rate->windows,
	       (unsigned long long) tested);
}

int
tide_alarm_rate_print(const struct tide_config *config, struct tide_columns *columns,
                      const struct tide_reference *reference, bool each_rule,
                      struct tide_error *error)
{
	const struct tide_window_options window = {.size_ms = config->window.size_ms,
	                                           .origin_ms = config->window.origin_ms,
	                                           .exact_rows = config->window.exact_rows,
	                                           .has_predictions = true,
	                                           .has_labels = config->has_labels};
	struct alarm_rate rate = {.config = config, .reference = reference};
	const char *why = !config->reference_records
	                          ? "its profile has no records: reference build says it"
	                  : !config->predictions.mapping.timestamp
	                          ? "its records have no time of their own: map a timestamp"
	                          : NULL;

	if (!reference)
		return 0;
	tide_backtest_print(config, columns, reference);
	if (why) {
		printf("on its own reference this config alarms: not known, %s\n", why);
		return 0;
	}
	int failed = rate_open(&rate, columns)
	                     ? tide_worker_reference_fold(config, columns, reference, &window,
	                                                  rate_judge, &rate, error)
	                     : tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	if (!failed)
		rate_print(&rate, each_rule);
	rate_close(&rate);
	return failed ? tide_error_prefix(error, "reference: ") : 0;
}
