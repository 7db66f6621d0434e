#ifndef TIDE_ALERTS_RULE_H
#define TIDE_ALERTS_RULE_H
#include "detectors/detector.h"
/*
 * A rule as a person wrote it (SPEC 5.5): one metric, one comparison or test, and when it counts.
 *
 *  (1) above >, at_least >=, below <, at_most <=. The right-hand side is a number, N times the
 *      reference, the reference plus N times its absolute value (percent, negative for "-5%"), the
 *      reference plus N, or the mean of the reference's own windows plus N of their standard
 *      deviations (ddof 0).
 *  (2) Without columns the rule judges the cell's own metric; `columns: all` every column but the
 *      reserved ones ($prediction …), a list the columns that one of its globs matches.
 *  (3) certainty c > 0: a finding that has an interval breaches only when the whole interval does
 *      (above: lower > threshold; below: upper < threshold); without one the value is compared.
 *      Findings have intervals of .95; for another c their sides are stretched by the quotient of
 *      the normal quantiles at (1 + c) / 2.
 *  (4) tested: it breaches when p < alpha, alpha being its part of the false-alarm budget
 *      (alerts/budget.h); where lower is better only when the value is above the reference's too.
 *  (5) clear: while it fires it calms down only when the value is not beyond this level either;
 *      resolve_after: how many calm windows in a row resolve it (0 and 1 are one).
 *  (6) critical: an incident that is beyond this level in a window is critical from then on.
 *      remind_ms: while it fires it is told again at a breach so much later.
 *  (7) Filled by app/config.c and owned by it.
 */
enum tide_rule_op { TIDE_RULE_ABOVE, TIDE_RULE_AT_LEAST, TIDE_RULE_BELOW, TIDE_RULE_AT_MOST };
enum tide_rule_side {
	TIDE_RULE_NUMBER,
	TIDE_RULE_TIMES_REFERENCE,
	TIDE_RULE_SHARE_OF_REFERENCE,
	TIDE_RULE_REFERENCE_PLUS,
	TIDE_RULE_REFERENCE_STD
};

struct tide_rule {
	const char *name, *metric, *severity; /* severity: info | warning | critical */
	const char *owner, *route, *runbook;  /* or NULL */
	bool tested;                          /* no comparison: op, side and number say nothing */
	enum tide_rule_op op;
	enum tide_rule_side side;
	double number;
	bool has_clear;
	enum tide_rule_side clear_side;
	double clear_number;
	bool has_critical;
	enum tide_rule_side critical_side;
	double critical_number;
	int64_t remind_ms; /* 0: never */
	bool all_columns;
	const char *const *columns;
	size_t column_count;
	bool all_segments;
	const char *const *segments; /* names of declared segments */
	size_t segment_count;
	bool each_version;
	unsigned for_m, for_n; /* M of N windows, 1 <= M <= N <= 32 */
	unsigned resolve_after;
	int64_t early_age_ms; /* judges the early pane of this age; 0: the final one */
	double min_n;
	double certainty; /* SPEC 7.8; 0 compares the value itself */
	bool of_pack;     /* of the default rules (SPEC 8.7) */
	int line;         /* in the config, for messages; 0: not there */
};

/** The level that the value is held against; NaN where it is the reference's and there is none. */
double tide_rule_threshold(const struct tide_rule *rule, const struct tide_finding *finding);
double tide_rule_clear_threshold(const struct tide_rule *rule, const struct tide_finding *finding);
double tide_rule_critical_threshold(const struct tide_rule *rule,
                                    const struct tide_finding *finding);
/** Is the finding beyond the threshold, or (tested) its p below it? */
bool tide_rule_breaches(const struct tide_rule *rule, const struct tide_finding *finding,
                        double threshold);
bool tide_rule_concerns_column(const struct tide_rule *rule, struct tide_text column);
/** The total, and the segments and versions that the rule asks for besides. */
bool tide_rule_concerns_cell(const struct tide_rule *rule, const struct tide_segment *segments,
                             const struct tide_cell_key *key);
bool tide_rule_concerns_pane(const struct tide_rule *rule, const struct tide_evidence *evidence);
#endif
