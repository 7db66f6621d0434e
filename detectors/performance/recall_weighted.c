#include "detectors/performance/classes.h"
/*
 *  (1) The weighted average over the classes that were true or predicted: a class weighs as
 *      many rows as are true. No labelled row: NO_DATA.
 *  (2) A class that is true and has no denominator: UNDEFINED, where scikit-learn takes 0 for
 *      it.
 *  (3) Source: the definition. Matches: scikit-learn recall_score(average="weighted"), 1e-9
 *      relative.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	class_averaged(subject, finding, class_recall, CLASS_WEIGHTED);
}

const struct tide_detector tide_detector_recall_weighted = {
	.name = "recall_weighted",
	.aliases = "recall_score_weighted",
	.title = "Recall, weighted average",
	.unit = "1",
	.formula = "weighted average of recall over the classes",
	.source = "scikit-learn sklearn.metrics.recall_score(average='weighted')",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_MULTICLASS,
	.judge = judge,
};
