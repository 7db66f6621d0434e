#include "detectors/performance/curve.h"
/*
 *  (1) The sum over distinct scores, best first, of precision times the recall gained there,
 *      over the labelled rows with a score; n counts these. Multiclass: of each class against
 *      all others.
 *  (2) No row has a score: NO_DATA. One class alone: UNDEFINED, where scikit-learn returns 0 or
 *      1.
 *  (3) No interval while exact. Past exact_rows the rows are in bins (SPEC 6.1), and lower and
 *      upper say what the order inside the bins can change.
 *  (4) Source: the definition. Matches: scikit-learn average_precision_score, 1e-9 relative
 *      while exact.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_score_curve *curve = curve_of(subject, finding);

	if (curve)
		curve_finding(finding, curve, curve_precision(curve));
}

const struct tide_detector tide_detector_average_precision = {
	.name = "average_precision",
	.aliases = "pr_auc average_precision_score",
	.title = "Average precision",
	.unit = "1",
	.formula = "sum over scores of precision times gained recall",
	.source = "scikit-learn sklearn.metrics.average_precision_score",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_CLASSES | TIDE_OF_CLASS,
	.judge = judge,
};
