#include "detectors/performance/classes.h"
/*
 *  (1) The macro average over the classes that were true or predicted: every class weighs the same.
 *      No labelled row: NO_DATA.
 *  (2) A class without a denominator: UNDEFINED, where scikit-learn takes 0 for it.
 *  (3) Source: the definition. Matches: scikit-learn recall_score(average="macro"), 1e-9 relative.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	class_averaged(subject, finding, class_recall, CLASS_MACRO);
}

const struct tide_detector tide_detector_recall_macro = {
	.name = "recall_macro",
	.aliases = "recall_score_macro",
	.title = "Recall, macro average",
	.unit = "1",
	.formula = "macro average of recall over the classes",
	.source = "scikit-learn sklearn.metrics.recall_score(average='macro')",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_MULTICLASS,
	.judge = judge,
};
