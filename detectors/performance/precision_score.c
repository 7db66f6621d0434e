#include "detectors/performance/classes.h"
/*
 *  (1) tp / (tp + fp). No labelled row: NO_DATA; a zero denominator: UNDEFINED (nothing was
 *      predicted positive), where scikit-learn warns and returns 0.
 *  (2) 95 % Wilson score interval of the proportion; n is the denominator. Multiclass: of each
 *      class against all others.
 *  (3) Source: Wilson 1927. Matches: scikit-learn sklearn.metrics.precision_score, exactly.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_confusion_fold *c = finding_confusion(subject, finding);

	if (!c)
		return;
	const struct tide_weight_margin *weights = class_weights(subject);
	if (weights)
		class_share(finding, &weights->correct, &weights->predicted,
		            &weights->predicted_squares, c->tp + c->fp,
		            "nothing was predicted positive");
	else
		finding_share(finding, c->tp, c->tp + c->fp, "nothing was predicted positive");
}

const struct tide_detector tide_detector_precision_score = {
	.name = "precision_score",
	.aliases = "precision",
	.title = "Precision",
	.unit = "1",
	.formula = "tp / (tp + fp)",
	.source = "scikit-learn sklearn.metrics.precision_score",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_CLASSES | TIDE_OF_CLASS | TIDE_HAS_INTERVAL,
	.judge = judge,
};
