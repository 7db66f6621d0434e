#include "detectors/performance/weight.h"
/*
 *  (1) Sum (prediction - target)^2 / n. No labelled row: NO_DATA.
 *  (2) 95 % interval: value +- 1.96 sd of the squared errors / sqrt(n), from two rows on.
 *  (3) Source: the definition. Matches: scikit-learn mean_squared_error, 1e-9 relative.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_error_fold *errors = finding_errors(subject, finding);

	if (!errors)
		return;
	struct weight_of of = weight_of_errors(subject);
	weight_mean(finding, &of, &errors->squares,
	            errors->fourth_count == errors->count ? &errors->fourths : NULL);
}

const struct tide_detector tide_detector_mean_squared_error = {
	.name = "mean_squared_error",
	.aliases = "mse",
	.title = "Mean squared error",
	.unit = "target^2",
	.formula = "sum (prediction - target)^2 / n",
	.source = "scikit-learn sklearn.metrics.mean_squared_error",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_REGRESSION | TIDE_HAS_INTERVAL,
	.judge = judge,
};
