#ifndef TIDE_DETECTORS_PERFORMANCE_CURVE_H
#define TIDE_DETECTORS_PERFORMANCE_CURVE_H
#include "detectors/finding.h"
/*
 * Areas under the curves of a score.
 *
 *  (1) Points are the groups of one score, best first. Exact: groups of equal scores, half credit
 *      for a tie. Binned: a group may hide an order; `slack` is how far the value can be off.
 *  (2) Sums of whole numbers below 2^53 are exact, so nothing depends on the order of rows.
 */
struct curve_area {
	double value, slack, variance;
};

/* Source: Hanley and McNeil 1982 (area), DeLong, DeLong and Clarke-Pearson 1988 (variance). */
static inline struct curve_area
curve_roc(const struct tide_score_curve *curve)
{
	double p = (double)curve->positives, n = (double)curve->negatives;
	double above = 0, below = n, wins = 0, ties = 0, of_positives = 0, of_negatives = 0;

	for (size_t i = 0; i < curve->count; i++) {
		double a = (double)curve->points[i].positives;
		double b = (double)curve->points[i].negatives;
		wins += b * (2 * above + a);
		ties += a * b;
		above += a;
	}
	double area = wins / (2 * p * n);
	above = 0;
	for (size_t i = 0; i < curve->count; i++) {
		double a = (double)curve->points[i].positives;
		double b = (double)curve->points[i].negatives;
		double beats = (below - b / 2) / n - area, beaten = (above + a / 2) / p - area;
		of_positives += a * beats * beats;
		of_negatives += b * beaten * beaten;
		above += a;
		below -= b;
	}
	return (struct curve_area){area, curve->exact ? 0 : ties / (2 * p * n),
		                   of_positives / (p - 1) / p + of_negatives / (n - 1) / n};
}

/* The sum over groups of precision times what recall gains; slack: the larger of what the best and
 * the worst order inside the groups would change. */
static inline struct curve_area
curve_precision(const struct tide_score_curve *curve)
{
	double p = (double)curve->positives, above = 0, seen = 0, value = 0, low = 0, high = 0;

	for (size_t i = 0; i < curve->count; i++) {
		double a = (double)curve->points[i].positives;
		double b = (double)curve->points[i].negatives;
		if (a > 0) {
			value += a * (above + a) / (seen + a + b);
			low += a * (above + 1) / (seen + b + 1);
			high += a * (above + a) / (seen + a);
		}
		above += a;
		seen += a + b;
	}
	double slack = fmax(fmax(value - low, high - value), 0) / p;
	return (struct curve_area){value / p, curve->exact ? 0 : slack, NAN};
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

	finding_value(finding, area.value, (double)(curve->positives + curve->negatives));
	if (isfinite(area.variance))
		half += FINDING_Z95 * sqrt(fmax(area.variance, 0));
	else if (curve->exact)
		return;
	finding->lower = fmax(area.value - half, 0);
	finding->upper = fmin(area.value + half, 1);
}
#endif
