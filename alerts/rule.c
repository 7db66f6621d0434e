#include "alerts/rule.h"
#include "base/statistics.h"
#include <math.h>
#include <string.h>

#define RULE_CERTAINTY .95 /* of the intervals that findings have */

static double
rule_level(enum tide_rule_side side, double number, const struct tide_finding *finding)
{
	double reference = finding->reference;

	switch (side) {
	case TIDE_RULE_TIMES_REFERENCE:
		return number * reference;
	case TIDE_RULE_SHARE_OF_REFERENCE:
		return reference + number * fabs(reference);
	case TIDE_RULE_REFERENCE_PLUS:
		return reference + number;
	case TIDE_RULE_REFERENCE_STD:
		return finding->window_mean + number * finding->window_std;
	default:
		return number;
	}
}

double
tide_rule_threshold(const struct tide_rule *rule, const struct tide_finding *finding)
{
	return rule_level(rule->side, rule->number, finding);
}

double
tide_rule_clear_threshold(const struct tide_rule *rule, const struct tide_finding *finding)
{
	return rule_level(rule->clear_side, rule->clear_number, finding);
}

double
tide_rule_critical_threshold(const struct tide_rule *rule, const struct tide_finding *finding)
{
	return rule_level(rule->critical_side, rule->critical_number, finding);
}

/* The normal quantile that an interval of this certainty reaches to. */
static double
rule_reach(double certainty)
{
	return tide_statistics_normal_quantile((1 + certainty) / 2);
}

/* The bound of the interval, at the rule's certainty, or the value where there is none. */
static double
rule_bound(const struct tide_rule *rule, const struct tide_finding *finding, double bound)
{
	if (rule->certainty <= 0 || !isfinite(finding->lower) || !isfinite(finding->upper))
		return finding->value;
	if (rule->certainty == RULE_CERTAINTY)
		return bound;
	return finding->value + (bound - finding->value) * rule_reach(rule->certainty) /
	                                rule_reach(RULE_CERTAINTY);
}

static bool
rule_test_fails(const struct tide_finding *finding, double alpha)
{
	/* Not: p is NaN where there was nothing to test. */
	return finding->p_value < alpha && (finding->detector->better != TIDE_BETTER_LOWER ||
	                                    !(finding->value <= finding->reference));
}

bool
tide_rule_breaches(const struct tide_rule *rule, const struct tide_finding *finding,
                   double threshold)
{
	if (rule->tested)
		return rule_test_fails(finding, threshold);
	switch (rule->op) {
	case TIDE_RULE_ABOVE:
		return rule_bound(rule, finding, finding->lower) > threshold;
	case TIDE_RULE_AT_LEAST:
		return rule_bound(rule, finding, finding->lower) >= threshold;
	case TIDE_RULE_BELOW:
		return rule_bound(rule, finding, finding->upper) < threshold;
	default:
		return rule_bound(rule, finding, finding->upper) <= threshold;
	}
}

bool
tide_rule_concerns_column(const struct tide_rule *rule, struct tide_text column)
{
	if (rule->all_columns)
		return column.length > 0 && column.bytes[0] != '$';
	if (!rule->column_count)
		return column.length == 0;
	for (size_t i = 0; i < rule->column_count; i++)
		if (column.length > 0 && tide_text_matches(column, rule->columns[i]))
			return true;
	return false;
}

/* Segments and versions add to the total: a window of one version has no cell of that version
 * (SPEC 4.3), and must not go unjudged for that. */
bool
tide_rule_concerns_cell(const struct tide_rule *rule, const struct tide_segment *segments,
                        const struct tide_cell_key *key)
{
	if (key->version.length && !rule->each_version)
		return false;
	if (key->segment < 0 || rule->all_segments)
		return true;
	for (size_t i = 0; i < rule->segment_count; i++)
		if (!strcmp(rule->segments[i], segments[key->segment].name))
			return true;
	return false;
}

bool
tide_rule_concerns_pane(const struct tide_rule *rule, const struct tide_evidence *evidence)
{
	if (rule->early_age_ms)
		return evidence->timing == TIDE_TIMING_EARLY &&
		       evidence->age_ms == rule->early_age_ms;
	return evidence->timing == TIDE_TIMING_FINAL;
}
