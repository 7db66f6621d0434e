#include "detectors/performance/curve.h"
/*
 *  (1) The chance that a positive row has a higher score than a negative one, ties counting half,
 *      over the labelled rows with a score; n counts these. Multiclass: of each class against all
 *      others.
 *  (2) No row has a score: NO_DATA. One class alone: UNDEFINED.
 *  (3) 95 % interval by DeLong's variance. Past exact_rows the rows are in bins (SPEC 6.1), and the
 *      interval is wider by what the order inside the bins can change.
 *  (4) Source: DeLong, DeLong and Clarke-Pearson 1988. Matches: scikit-learn roc_auc_score, 1e-9
 *      relative while exact.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_score_curve *curve = curve_of(subject, finding);

	if (curve)
		curve_finding(finding, curve, curve_roc(curve));
}

const struct tide_detector tide_detector_roc_auc = {
	.name = "roc_auc",
	.aliases = "auc roc_auc_score",
	.title = "Area under the ROC curve",
	.unit = "1",
	.formula = "P(score of a positive > score of a negative) + P(equal) / 2",
	.source = "scikit-learn sklearn.metrics.roc_auc_score",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_CLASSES | TIDE_OF_CLASS,
	.judge = judge,
};
