#include "detectors/performance/weight.h"
/*
 *  (1) 1 - var(prediction - target) / var(target), from exact sums. Fewer than two rows: UNDEFINED.
 *  (2) A constant target gives 1 if the error is constant too, else 0, as in scikit-learn.
 *  (3) Source: the definition. Matches: scikit-learn explained_variance_score, 1e-9 relative.
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
	double rest = weight_variance(&of, &errors->error, &errors->squares, 0);
	double total = weight_variance(&of, &errors->target, &errors->target_squares, 0);
	if (total == 0)
		finding_value(finding, rest == 0 ? 1 : 0, of.rows);
	else
		finding_value(finding, 1 - rest / total, of.rows);
}

const struct tide_detector tide_detector_explained_variance_score = {
	.name = "explained_variance_score",
	.aliases = "explained_variance",
	.title = "Explained variance",
	.unit = "1",
	.formula = "1 - var(prediction - target) / var(target)",
	.source = "scikit-learn sklearn.metrics.explained_variance_score",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_REGRESSION,
	.judge = judge,
};
