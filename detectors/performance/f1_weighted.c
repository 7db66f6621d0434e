#include "detectors/performance/classes.h"
/*
 *  (1) The weighted average over the classes that were true or predicted: a class weighs as
 *      many rows as are true. No labelled row: NO_DATA.
 *  (2) A class that is true and has no denominator: UNDEFINED, where scikit-learn takes 0 for
 *      it.
 *  (3) Source: the definition. Matches: scikit-learn f1_score(average="weighted"), 1e-9
 *      relative.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	class_averaged(subject, finding, class_f1, CLASS_WEIGHTED);
}

const struct tide_detector tide_detector_f1_weighted = {
	.name = "f1_weighted",
	.aliases = "f1_score_weighted",
	.title = "F1 score, weighted average",
	.unit = "1",
	.formula = "weighted average of f1 over the classes",
	.source = "scikit-learn sklearn.metrics.f1_score(average='weighted')",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_MULTICLASS,
	.judge = judge,
};
