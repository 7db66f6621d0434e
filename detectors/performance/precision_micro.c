#include "detectors/performance/classes.h"
/*
 *  (1) The micro average over the classes that were true or predicted: every row weighs the
 *      same. No labelled row: NO_DATA.
 *  (2) With one label a row this is the accuracy.
 *  (3) Source: the definition. Matches: scikit-learn precision_score(average="micro"), 1e-9
 *      relative.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	class_averaged(subject, finding, class_precision, CLASS_MICRO);
}

const struct tide_detector tide_detector_precision_micro = {
	.name = "precision_micro",
	.aliases = "precision_score_micro",
	.title = "Precision, micro average",
	.unit = "1",
	.formula = "micro average of precision over the classes",
	.source = "scikit-learn sklearn.metrics.precision_score(average='micro')",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_MULTICLASS,
	.judge = judge,
};
