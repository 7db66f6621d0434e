#include "detectors/finding.h"
/*
 *  (1) sqrt(sum (prediction - target)^2 / n). No labelled row: NO_DATA.
 *  (2) No interval: its variance needs the fourth powers of the errors, which no fold keeps.
 *  (3) Source: the definition. Matches: scikit-learn root_mean_squared_error, 1e-9 relative.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_error_fold *errors = finding_errors(subject, finding);
	double n;

	if (!errors)
		return;
	n = (double)errors->count;
	finding_value(finding, sqrt(tide_sum_round(&errors->squares) / n), n);
}

const struct tide_detector tide_detector_root_mean_squared_error = {
	.name = "root_mean_squared_error",
	.aliases = "rmse",
	.title = "Root mean squared error",
	.unit = "target",
	.formula = "sqrt(sum (prediction - target)^2 / n)",
	.source = "scikit-learn sklearn.metrics.root_mean_squared_error",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_REGRESSION,
	.judge = judge,
};
