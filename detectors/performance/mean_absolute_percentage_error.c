#include "detectors/performance/weight.h"
/*
 *  (1) Sum |prediction - target| / |target| / n over the rows with target != 0, a fraction,
 *      not a percentage; n counts these rows.
 *  (2) Every target zero: UNDEFINED. scikit-learn divides by 2.2e-16 there, which says
 *      nothing.
 *  (3) Source: the definition. Matches: scikit-learn mean_absolute_percentage_error of the
 *      rows kept.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_error_fold *errors = finding_errors(subject, finding);

	if (!errors)
		return;
	if (errors->relative_count == 0) {
		finding_fails(finding, TIDE_UNDEFINED, "every target is zero");
		return;
	}
	const struct tide_weight_fold *weights = subject->evidence->labels->weights;
	double n = (double)errors->relative_count;
	finding_value(finding,
	              tide_sum_round(&errors->relative) /
	                      (weights ? tide_sum_round(&weights->relative) : n), n);
}

const struct tide_detector tide_detector_mean_absolute_percentage_error = {
	.name = "mean_absolute_percentage_error",
	.aliases = "mape",
	.title = "Mean absolute percentage error",
	.unit = "1",
	.formula = "sum |prediction - target| / |target| / n over target != 0",
	.source = "scikit-learn sklearn.metrics.mean_absolute_percentage_error",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_REGRESSION,
	.judge = judge,
};
