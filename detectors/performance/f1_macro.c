#include "detectors/performance/classes.h"
/*
 *  (1) The macro average over the classes that were true or predicted: every class weighs the same.
 *      No labelled row: NO_DATA.
 *  (2) A class without a denominator: UNDEFINED, where scikit-learn takes 0 for it.
 *  (3) Source: the definition. Matches: scikit-learn f1_score(average="macro"), 1e-9 relative.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	class_averaged(subject, finding, class_f1, CLASS_MACRO);
}

const struct tide_detector tide_detector_f1_macro = {
	.name = "f1_macro",
	.aliases = "f1_score_macro",
	.title = "F1 score, macro average",
	.unit = "1",
	.formula = "macro average of f1 over the classes",
	.source = "scikit-learn sklearn.metrics.f1_score(average='macro')",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_MULTICLASS,
	.judge = judge,
};
