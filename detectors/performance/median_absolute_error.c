#include "detectors/finding.h"
/*
 *  (1) The median of |prediction - target|; of an even number the mean of the two in the middle. No
 *      labelled row: NO_DATA.
 *  (2) Past exact_rows no row is kept (SPEC 6.1): UNDEFINED.
 *  (3) Source: the definition. Matches: scikit-learn median_absolute_error, exactly.
 */

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
	const double *sorted = tide_score_sorted(&errors->rows, subject->evidence->scratch);
	size_t n = errors->rows.count;
	finding_value(finding, (sorted[(n - 1) / 2] + sorted[n / 2]) / 2, (double)n);
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
