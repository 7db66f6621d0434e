#include "detectors/finding.h"
/*
 *  (1) max |prediction - target|. No labelled row: NO_DATA.
 *  (2) Where a label was corrected the maximum is that of the rows kept; past exact_rows there are
 *      none (SPEC 6.1): UNDEFINED.
 *  (3) Source: the definition. Matches: scikit-learn max_error, exactly.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_error_fold *errors = finding_errors(subject, finding);

	if (!errors)
		return;
	double max = errors->max_error, n = (double)errors->count;
	if (errors->taken_back && errors->too_many) {
		finding_fails(finding, TIDE_UNDEFINED,
		              "a label was corrected among more rows than exact_rows");
		return;
	}
	if (errors->taken_back)
		max = tide_score_curve_sorted(&errors->rows, subject->evidence->scratch)
			[(errors->rows.count - 1) * errors->rows.width];
	finding_value(finding, max, n);
}

const struct tide_detector tide_detector_max_error = {
	.name = "max_error",
	.aliases = "",
	.title = "Largest absolute error",
	.unit = "target",
	.formula = "max |prediction - target|",
	.source = "scikit-learn sklearn.metrics.max_error",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_REGRESSION,
	.judge = judge,
};
