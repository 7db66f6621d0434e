#include "detectors/performance/classes.h"
/*
 *  (1) The macro average over the classes of the area under the ROC curve of the class against all
 *      others. A class that has a score and no row, or every row: UNDEFINED, as in scikit-learn.
 *  (2) No interval; past exact_rows lower and upper say what the order inside the bins can change.
 *  (3) Source: Provost and Domingos 2000. Matches: scikit-learn roc_auc_score(multi_class="ovr",
 *      average="macro"), 1e-9 relative while exact.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	class_roc_averaged(subject, finding, CLASS_MACRO);
}

const struct tide_detector tide_detector_roc_auc_ovr = {
	.name = "roc_auc_ovr",
	.aliases = "roc_auc_ovr_macro",
	.title = "Area under the ROC curve, one against the rest, macro average",
	.unit = "1",
	.formula = "macro average over classes of the area under the ROC curve",
	.source = "scikit-learn sklearn.metrics.roc_auc_score(multi_class='ovr', average='macro')",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_MULTICLASS,
	.judge = judge,
};
