#include "detectors/performance/classes.h"
/*
 *  (1) tp / (tp + fn). No labelled row: NO_DATA; a zero denominator: UNDEFINED (no row is
 *      positive), where scikit-learn warns and returns 0.
 *  (2) 95 % Wilson score interval of the proportion; n is the denominator. Multiclass: of each
 *      class against all others.
 *  (3) Source: Wilson 1927. Matches: scikit-learn sklearn.metrics.recall_score, exactly.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_confusion_fold *c = finding_confusion(subject, finding);

	if (!c)
		return;
	const struct tide_weight_margin *weights = class_weights(subject);
	if (weights)
		class_share(finding, &weights->correct, &weights->target,
		            &weights->target_squares, c->tp + c->fn,
		            "no row is positive");
	else
		finding_share(finding, c->tp, c->tp + c->fn, "no row is positive");
}

const struct tide_detector tide_detector_recall_score = {
	.name = "recall_score",
	.aliases = "recall",
	.title = "Recall",
	.unit = "1",
	.formula = "tp / (tp + fn)",
	.source = "scikit-learn sklearn.metrics.recall_score",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_CLASSES | TIDE_OF_CLASS | TIDE_HAS_INTERVAL,
	.judge = judge,
};
