#include "detectors/finding.h"
#include <float.h>
/*
 *  (1) The median of |prediction - target|; of an even number the mean of the two in the middle. No
 *      labelled row: NO_DATA. With weights the least value that has half of the weight at or below
 *      it; of exactly half the mean with the next.
 *  (2) Past exact_rows no row is kept (SPEC 6.1): UNDEFINED.
 *  (3) Source: the definition. Matches: scikit-learn median_absolute_error, exactly.
 */

/* Of rows of a value and its weight, ascending. */
static double
weighted_median(const double *sorted, size_t n)
{
	double total = 0, below = 0;
	size_t at = 0;

	for (size_t i = 0; i < n; i++)
		total += sorted[2 * i + 1];
	for (; at < n - 1; at++) {
		below += sorted[2 * at + 1];
		if (below >= total / 2)
			break;
	}
	if (at == n - 1 || below - total / 2 > DBL_EPSILON * total)
		return sorted[2 * at];
	return (sorted[2 * at] + sorted[2 * at + 2]) / 2;
}

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_error_fold *errors = finding_errors(subject, finding);

	if (!errors)
		return;
	if (errors->too_many) {
		finding_fails(finding, TIDE_UNDEFINED, "more rows than exact_rows");
		return;
	}
	const double *sorted = tide_score_curve_sorted(&errors->rows, subject->evidence->scratch);
	size_t n = errors->rows.count;
	double median = errors->rows.width > 1 ? weighted_median(sorted, n)
	                                       : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
	finding_value(finding, median, (double)n);
}

const struct tide_detector tide_detector_median_absolute_error = {
	.name = "median_absolute_error",
	.aliases = "median_ae",
	.title = "Median absolute error",
	.unit = "target",
	.formula = "median |prediction - target|",
	.source = "scikit-learn sklearn.metrics.median_absolute_error",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_REGRESSION,
	.judge = judge,
};
