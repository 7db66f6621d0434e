#include "detectors/performance/weight.h"
/*
 *  (1) 1 - sum (prediction - target)^2 / sum (target - mean target)^2, both from exact sums.
 *      Fewer than two rows: UNDEFINED.
 *  (2) A constant target gives 1 if every prediction is perfect, else 0, as in scikit-learn.
 *  (3) Source: the definition. Matches: scikit-learn r2_score, 1e-9 relative.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_error_fold *errors = finding_errors(subject, finding);

	if (!errors)
		return;
	struct weight_of of = weight_of_errors(subject);
	finding->n = of.rows;
	if (errors->count < 2) {
		finding_fails(finding, TIDE_UNDEFINED, "needs two labelled rows");
		return;
	}
	double residual = tide_sum_round(&errors->squares);
	double total =
		of.sum * weight_variance(&of, &errors->target, &errors->target_squares, 0);
	if (total == 0)
		finding_value(finding, residual == 0 ? 1 : 0, of.rows);
	else
		finding_value(finding, 1 - residual / total, of.rows);
}

const struct tide_detector tide_detector_r2_score = {
	.name = "r2_score",
	.aliases = "r2",
	.title = "Coefficient of determination",
	.unit = "1",
	.formula = "1 - sum (prediction - target)^2 / sum (target - mean target)^2",
	.source = "scikit-learn sklearn.metrics.r2_score",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_REGRESSION,
	.judge = judge,
};
