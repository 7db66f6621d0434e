#include "detectors/performance/classes.h"
/*
 *  (1) 2 tp / (2 tp + fp + fn). No labelled row: NO_DATA; a zero denominator: UNDEFINED.
 *  (2) No interval: F1 is no proportion of independent rows. Multiclass: of each
 *      class against all others.
 *  (3) Source: van Rijsbergen 1979. Matches: scikit-learn f1_score, exactly.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_confusion_fold *c = finding_confusion(subject, finding);

	if (!c)
		return;
	const struct tide_weight_margin *weights = class_weights(subject);
	double correct = (double)c->tp, either = (double)(2 * c->tp + c->fp + c->fn);
	if (weights) {
		correct = tide_sum_round(&weights->correct);
		either = tide_sum_round(&weights->target) + tide_sum_round(&weights->predicted);
	}
	if (c->tp + c->fp + c->fn == 0)
		finding_fails(finding, TIDE_UNDEFINED, "no row is positive or was predicted so");
	else
		finding_value(finding, 2 * correct / either,
		              (double)(c->tp + c->fp + c->tn + c->fn));
}

const struct tide_detector tide_detector_f1_score = {
	.name = "f1_score",
	.aliases = "f1",
	.title = "F1 score",
	.unit = "1",
	.formula = "2 tp / (2 tp + fp + fn)",
	.source = "scikit-learn sklearn.metrics.f1_score",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_CLASSES | TIDE_OF_CLASS,
	.judge = judge,
};
