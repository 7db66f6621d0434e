#include "detectors/finding.h"
/*
 *  (1) max |prediction - target|. No labelled row: NO_DATA.
 *  (2) UNDEFINED where labels may be corrected: a maximum cannot be taken back.
 *  (3) Source: the definition. Matches: scikit-learn max_error, exactly.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_error_fold *errors = finding_errors(subject, finding);
	double n;

	if (!errors)
		return;
	n = (double)errors->count;
	if (isnan(errors->max_error))
		finding_fails(finding, TIDE_UNDEFINED, "a maximum cannot be corrected");
	else
		finding_value(finding, errors->max_error, n);
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
