#include "alerts/encode.h"
#include <math.h>

#define ENCODE_TEXT_BYTES (16 * (size_t) TIDE_TEXT_BYTES_MAX)
#define ENCODE_DAY_MS 86400000

/* A UTC time as a person reads it: the day alone when it is midnight. Days become dates on the
 * proleptic Gregorian calendar, in years that begin in March, so that the leap day is the last. */
static void
encode_time(struct tide_buffer *buffer, int64_t time_ms)
{
	int64_t rest_ms = (time_ms % ENCODE_DAY_MS + ENCODE_DAY_MS) % ENCODE_DAY_MS;
	int64_t days = (time_ms - rest_ms) / ENCODE_DAY_MS + 719468; /* since 0000-03-01 */
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int64_t day = days - era * 146097;
	int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64_t of_year = day - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;

	tide_text_put_format(buffer, "%04d-%02d-%02d",
	                     (int) (year + era * 400 + (month >= 10 ? 1 : 0)),
	                     (int) (month < 10 ? month + 3 : month - 9),
	                     (int) (of_year - (153 * month + 2) / 5 + 1));
	if (rest_ms)
		tide_text_put_format(buffer, "T%02d:%02d", (int) (rest_ms / 3600000),
		                     (int) (rest_ms / 60000 % 60));
	if (rest_ms % 60000)
		tide_text_put_format(buffer, ":%02d", (int) (rest_ms / 1000 % 60));
	if (rest_ms % 1000)
		tide_text_put_format(buffer, ".%03d", (int) (rest_ms % 1000));
}

/* How a value stands to its threshold: when it does not breach, and when it does. */
static const char *const encode_stands[][2] = {
        [TIDE_RULE_ABOVE] = {"not above", "above"},
        [TIDE_RULE_AT_LEAST] = {"below", "at least"},
        [TIDE_RULE_BELOW] = {"not below", "below"},
        [TIDE_RULE_AT_MOST] = {"above", "at most"},
};

static void
encode_level(struct tide_buffer *buffer, enum tide_rule_side side, double number)
{
	if (side == TIDE_RULE_TIMES_REFERENCE)
		tide_text_put_format(buffer, ", %.6gx reference", number);
	if (side == TIDE_RULE_SHARE_OF_REFERENCE)
		tide_text_put_format(buffer, ", %+.6g%% reference", number * 100);
	if (side == TIDE_RULE_REFERENCE_PLUS)
		tide_text_put_format(buffer, ", reference %+.6g", number);
	if (side == TIDE_RULE_REFERENCE_STD)
		tide_text_put_format(buffer, ", mean %+.6g std of its windows", number);
}

/* A bound of the interval is what was compared where there is one: the value alone may stand on the
 * other side of the threshold. */
static void
encode_stand(struct tide_buffer *buffer, const struct tide_alert *alert, bool firing)
{
	const struct tide_finding *finding = alert->finding;
	const char *stand = encode_stands[alert->rule->op][firing];
	bool interval = alert->rule->certainty > 0 && isfinite(finding->lower) &&
	                isfinite(finding->upper);

	if (interval)
		tide_text_put_format(buffer, "%.6g..%.6g, ", finding->lower, finding->upper);
	if (interval && !firing)
		tide_text_put_format(buffer, "not surely %s", encode_stands[alert->rule->op][1]);
	else
		tide_text_put_string(buffer, stand);
	tide_text_put_format(buffer, " %.6g", alert->threshold);
	if (alert->beyond_critical)
		encode_level(buffer, alert->rule->critical_side, alert->rule->critical_number);
	else
		encode_level(buffer, alert->rule->side, alert->rule->number);
}

/* What the value was held against, in words. */
static void
encode_against(struct tide_buffer *buffer, const struct tide_alert *alert)
{
	const struct tide_finding *finding = alert->finding;
	bool firing = alert->state == TIDE_ALERT_FIRING;

	if (!alert->rule->tested) {
		encode_stand(buffer, alert, firing);
		return;
	}
	if (isfinite(finding->reference))
		tide_text_put_format(buffer, "reference %.6g, ", finding->reference);
	if (finding->p_value > 0)
		tide_text_put_format(buffer, "p %.3g", finding->p_value);
	else
		tide_text_put_format(buffer, "p 10^%.0f", finding->log10_p);
	tide_text_put_format(buffer, "%s its part %.3g of the false-alarm budget",
	                     firing ? " below" : " against", alert->threshold);
}

void
tide_encode_alert_message(struct tide_buffer *buffer, const struct tide_encode_context *context,
                          const struct tide_alert *alert)
{
	const struct tide_finding *finding = alert->finding;
	const struct tide_cell_key *key = &alert->key;
	struct tide_text model = key->model.length ? key->model : tide_text_of(context->name);
	bool firing = alert->state == TIDE_ALERT_FIRING;

	tide_text_put_string(buffer, finding->detector->name);
	tide_text_put_string(buffer, " of ");
	if (finding->column.length) {
		tide_text_put(buffer, finding->column.bytes, finding->column.length);
		tide_text_put_string(buffer, " in ");
	}
	tide_text_put(buffer, model.bytes, model.length);
	if (key->version.length) {
		tide_text_put_string(buffer, " version ");
		tide_text_put(buffer, key->version.bytes, key->version.length);
	}
	if (key->segment >= 0) {
		tide_text_put_string(buffer, " for ");
		tide_encode_segment_words(buffer, context->segments, key, " ");
	}
	tide_text_put_format(buffer, " was %.6g (", finding->value);
	encode_against(buffer, alert);
	tide_text_put_string(buffer, firing ? ") in " : "; resolved) in ");
	encode_time(buffer, alert->window_start_ms);
	tide_text_put_string(buffer, "..");
	encode_time(buffer, alert->window_end_ms);
	tide_text_put_string(buffer, " UTC");
	if (isfinite(finding->n))
		tide_text_put_format(buffer, ", %.0f %s", finding->n,
		                     finding->detector->side == TIDE_SIDE_LABEL ? "labelled rows"
		                                                                : "records");
	if (alert->only_informs)
		tide_text_put_string(buffer, "; the reference's own windows differ as much");
	if (finding->detector->family == TIDE_ESTIMATE &&
	    finding->detector->side == TIDE_SIDE_PREDICTION)
		tide_text_put_string(buffer,
		                     "; told without labels, which does not see concept drift");
	if (alert->has_inputs_drifted)
		tide_text_put_string(buffer, alert->inputs_drifted
		                                     ? "; inputs drifted in the same window"
		                                     : "; no input drifted in the same window");
}

static void
encode_judgement(struct tide_buffer *buffer, const struct tide_alert *alert)
{
	static const char *const ops[] = {
	        [TIDE_RULE_ABOVE] = "above",
	        [TIDE_RULE_AT_LEAST] = "at_least",
	        [TIDE_RULE_BELOW] = "below",
	        [TIDE_RULE_AT_MOST] = "at_most",
	};
	const struct tide_finding *finding = alert->finding;

	tide_text_json_put_number(buffer, "value", finding->value);
	tide_text_json_put_string(buffer, "op",
	                          alert->rule->tested ? "p_below" : ops[alert->rule->op]);
	tide_text_json_put_number(buffer, "threshold", alert->threshold);
	tide_text_json_put_string(buffer, "threshold_source",
	                          alert->rule->tested             ? "calibrated"
	                          : alert->threshold_of_reference ? "reference"
	                                                          : "static");
	tide_text_json_put_number(buffer, "reference_value", finding->reference);
	tide_text_json_put_number(buffer, "p_value", finding->p_value);
	tide_text_json_put_number(buffer, "lower", finding->lower);
	tide_text_json_put_number(buffer, "upper", finding->upper);
	tide_text_json_put_number(buffer, "n", finding->n);
	tide_text_json_put_number(buffer, "coverage", alert->coverage);
}

void
tide_encode_alert(struct tide_buffer *buffer, const struct tide_encode_context *context,
                  const struct tide_alert *alert)
{
	const struct tide_rule *rule = alert->rule;
	struct tide_buffer message;

	tide_text_json_open(buffer, '{');
	tide_text_json_put_integer(buffer, "schema", 1);
	tide_text_json_put_string(buffer, "record_id", alert->record_id);
	tide_text_json_put_string(buffer, "alert_id", alert->alert_id);
	tide_text_json_put_string(buffer, "name", context->name);
	tide_text_json_put_string(buffer, "rule", rule->name);
	tide_text_json_put_string(buffer, "state",
	                          alert->state == TIDE_ALERT_FIRING ? "firing" : "resolved");
	tide_text_json_put_string(buffer, "severity", tide_alert_severity(alert));
	tide_text_json_put_string(buffer, "kind", alert->kind);
	tide_encode_cell(buffer, context, &alert->key);
	tide_text_json_put_name(buffer, "column", alert->finding->column);
	tide_text_json_put_string(buffer, "metric", alert->finding->detector->name);
	tide_text_json_put_name(buffer, "dialect", tide_text_of(alert->finding->detector->dialect));
	tide_text_json_put_string(buffer, "side", tide_encode_side(alert->finding->detector->side));
	tide_text_json_put_string(buffer, "timing", tide_encode_timing(alert->timing));
	tide_text_json_put_integer(buffer, "revision", (int64_t) alert->revision);
	tide_text_json_put_bool(buffer, "complete", alert->complete);
	encode_judgement(buffer, alert);
	tide_text_json_put_integer(buffer, "window_start", alert->window_start_ms);
	tide_text_json_put_integer(buffer, "window_end", alert->window_end_ms);
	tide_text_json_put_integer(buffer, "first_window_start", alert->first_window_start_ms);
	tide_text_json_put_integer(buffer, "transition_at", alert->transition_ms);
	tide_text_json_key(buffer, "inputs_drifted");
	if (alert->has_inputs_drifted)
		tide_text_json_bool(buffer, alert->inputs_drifted);
	else
		tide_text_json_null(buffer);
	tide_encode_causes(buffer, context, alert->evidence, alert->finding, true);
	tide_text_json_put_string(buffer, "owner", rule->owner);
	tide_text_json_put_string(buffer, "route", rule->route);
	tide_text_json_put_string(buffer, "runbook", rule->runbook);
	tide_text_json_put_string(buffer, "parent_alert_id", NULL);
	tide_text_json_put_string(buffer, "reference_id", context->reference_id);
	tide_text_json_put_string(buffer, "config_hash", context->config_hash);
	tide_text_buffer_init(&message, ENCODE_TEXT_BYTES);
	tide_encode_alert_message(&message, context, alert);
	tide_text_json_key(buffer, "message");
	tide_text_json_text(buffer, (struct tide_text){message.bytes, message.length});
	buffer->failed = buffer->failed || message.failed;
	tide_text_buffer_fini(&message);
	tide_text_json_close(buffer, '}');
}
