#ifndef TIDE_DETECTORS_PERFORMANCE_CURVE_H
#define TIDE_DETECTORS_PERFORMANCE_CURVE_H
#include "detectors/finding.h"
/*
 * Areas under the curves of a score.
 *
 *  (1) Points are the groups of one score, best first. Exact: groups of equal scores, half credit
 *      for a tie. Binned: a group may hide an order; `slack` is how far the value can be off.
 *  (2) Points and their order depend on the rows alone, so nothing depends on how they came.
 *  (3) Where a weight is mapped a row counts its weight, and the variance takes the n_eff of either
 *      side (SPEC 7.8).
 */
struct curve_area {
	double value, slack, variance;
};

/* Source: Hanley and McNeil 1982 (area), DeLong, DeLong and Clarke-Pearson 1988 (variance). */
static inline struct curve_area
curve_roc(const struct tide_score_curve *curve)
{
	double p = curve->positives, n = curve->negatives;
	double above = 0, below = n, wins = 0, ties = 0, of_positives = 0, of_negatives = 0;

	for (size_t i = 0; i < curve->count; i++) {
		double a = curve->points[i].positives;
		double b = curve->points[i].negatives;
		wins += b * (2 * above + a);
		ties += a * b;
		above += a;
	}
	double area = wins / (2 * p * n);
	above = 0;
	for (size_t i = 0; i < curve->count; i++) {
		double a = curve->points[i].positives;
		double b = curve->points[i].negatives;
		double beats = (below - b / 2) / n - area, beaten = (above + a / 2) / p - area;
		of_positives += a * beats * beats;
		of_negatives += b * beaten * beaten;
		above += a;
		below -= b;
	}
	return (struct curve_area){area, curve->exact ? 0 : ties / (2 * p * n),
		                   of_positives / (curve->positive_rows - 1) / p +
			           of_negatives / (curve->negative_rows - 1) / n};
}

/* The sum over groups of precision times what recall gains; slack: the larger of what the best and
 * the worst order inside the groups would change. */
static inline struct curve_area
curve_precision(const struct tide_score_curve *curve)
{
	double p = curve->positives, above = 0, seen = 0, value = 0, low = 0, high = 0;
	double one = curve->weighted ? 0 : 1; /* the least that one row weighs */

	for (size_t i = 0; i < curve->count; i++) {
		double a = curve->points[i].positives;
		double b = curve->points[i].negatives;
		if (a > 0) {
			value += a * (above + a) / (seen + a + b);
			low += seen + b + one > 0 ? a * (above + one) / (seen + b + one) : a;
			high += a * (above + a) / (seen + a);
		}
		above += a;
		seen += a + b;
	}
	double slack = fmax(fmax(value - low, high - value), 0) / p;
	return (struct curve_area){value / p, curve->exact ? 0 : slack, NAN};
}

/* True (and the finding says so) where weights did not fit the bins. */
static inline bool
curve_unfit(const struct tide_score_curve *curve, struct tide_finding *finding)
{
	if (!isnan(curve->positives))
		return false;
	finding_fails(finding, TIDE_UNDEFINED,
	              "a weight is outside 2^-40 to 2^40 among more rows than exact_rows");
	return true;
}

/* The curve of the subject's class; NULL (and the finding says so) where it has none. */
static inline const struct tide_score_curve *
curve_of(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_evidence *evidence = subject->evidence;
	const struct tide_score_curve *curve;

	if (!finding_scores(subject, finding))
		return NULL;
	curve = tide_score_curve(&evidence->labels->score, &evidence->label_shape->score,
	                         subject->class, evidence->scratch);
	if (curve_unfit(curve, finding))
		return NULL;
	if (curve->positives > 0 && curve->negatives > 0)
		return curve;
	finding_fails(finding, TIDE_UNDEFINED, "needs rows of the class and of another");
	return NULL;
}

/* The value and, as its interval, what it may be off by: z standard errors and the slack. */
static inline void
curve_finding(struct tide_finding *finding, const struct tide_score_curve *curve,
              struct curve_area area)
{
	double half = area.slack;

	finding_value(finding, area.value, (double)curve->rows);
	if (isfinite(area.variance))
		half += FINDING_Z95 * sqrt(fmax(area.variance, 0));
	else if (curve->exact)
		return;
	finding->lower = fmax(area.value - half, 0);
	finding->upper = fmin(area.value + half, 1);
}
#endif
