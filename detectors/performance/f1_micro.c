#include "detectors/performance/classes.h"
/*
 *  (1) The micro average over the classes that were true or predicted: every row weighs the same.
 *      No labelled row: NO_DATA.
 *  (2) With one label a row this is the accuracy.
 *  (3) Source: the definition. Matches: scikit-learn f1_score(average="micro"), 1e-9 relative.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	class_averaged(subject, finding, class_f1, CLASS_MICRO);
}

const struct tide_detector tide_detector_f1_micro = {
	.name = "f1_micro",
	.aliases = "f1_score_micro",
	.title = "F1 score, micro average",
	.unit = "1",
	.formula = "micro average of f1 over the classes",
	.source = "scikit-learn sklearn.metrics.f1_score(average='micro')",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_MULTICLASS,
	.judge = judge,
};
