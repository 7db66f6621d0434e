#include "detectors/performance/weight.h"
/*
 *  (1) Sum |prediction - target| / n. No labelled row: NO_DATA.
 *  (2) 95 % interval: value +- 1.96 sd / sqrt(n), from two rows on; the squares of |e| are
 *      those of e.
 *  (3) Source: the definition. Matches: scikit-learn mean_absolute_error, 1e-9 relative.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_error_fold *errors = finding_errors(subject, finding);

	if (!errors)
		return;
	struct weight_of of = weight_of_errors(subject);
	weight_mean(finding, &of, &errors->absolute, &errors->squares);
}

const struct tide_detector tide_detector_mean_absolute_error = {
	.name = "mean_absolute_error",
	.aliases = "mae",
	.title = "Mean absolute error",
	.unit = "target",
	.formula = "sum |prediction - target| / n",
	.source = "scikit-learn sklearn.metrics.mean_absolute_error",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_REGRESSION | TIDE_HAS_INTERVAL,
	.judge = judge,
};
