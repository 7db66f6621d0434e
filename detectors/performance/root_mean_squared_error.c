#include "detectors/performance/weight.h"
/*
 *  (1) sqrt(sum (prediction - target)^2 / n). No labelled row: NO_DATA.
 *  (2) 95 % interval: value +- 1.96 se, se^2 = var(e^2) / (4 n mean(e^2)) by the delta method, from
 *      two rows on.
 *  (3) Source: the definition. Matches: scikit-learn root_mean_squared_error, 1e-9 relative.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_error_fold *errors = finding_errors(subject, finding);

	if (!errors)
		return;
	struct weight_of of = weight_of_errors(subject);
	double square = tide_sum_round(&errors->squares) / of.sum;
	finding_value(finding, sqrt(square), of.rows);
	if (errors->fourth_count == errors->count && square > 0)
		weight_interval(finding, &of,
		                weight_variance(&of, &errors->squares, &errors->fourths, 1) /
		                        (4 * square));
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
	.needs = TIDE_FOR_REGRESSION | TIDE_HAS_INTERVAL,
	.judge = judge,
};
