#include "detectors/performance/classes.h"
/*
 *  (1) tn / (tn + fp). No labelled row: NO_DATA; a zero denominator: UNDEFINED (no row is
 *      negative), where scikit-learn warns and returns 0.
 *  (2) 95 % Wilson score interval of the proportion; n is the denominator. Multiclass: of each
 *      class against all others.
 *  (3) Source: Wilson 1927. Matches: scikit-learn sklearn.metrics.recall_score (pos_label=0),
 *      exactly.
 */

#define NO_NEGATIVE "no row is negative"

/* The negatives are what is left of all rows. */
static void
weighted_specificity(const struct tide_weight_fold *all, const struct tide_weight_margin *positives,
                     const struct tide_confusion_fold *c, struct tide_finding *finding)
{
	struct tide_sum under = all->all, squares = all->squares, over;

	tide_sum_unmerge(&under, &positives->target);
	tide_sum_unmerge(&squares, &positives->target_squares);
	over = under;
	tide_sum_unmerge(&over, &positives->predicted);
	tide_sum_merge(&over, &positives->correct);
	class_share(finding, &over, &under, &squares, c->tn + c->fp, NO_NEGATIVE);
}

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_confusion_fold *c = finding_confusion(subject, finding);

	if (!c)
		return;
	const struct tide_weight_margin *weights = class_weights(subject);
	if (weights)
		weighted_specificity(subject->evidence->labels->weights, weights, c, finding);
	else
		finding_share(finding, c->tn, c->tn + c->fp, NO_NEGATIVE);
}

const struct tide_detector tide_detector_specificity = {
	.name = "specificity",
	.aliases = "",
	.title = "Specificity",
	.unit = "1",
	.formula = "tn / (tn + fp)",
	.source = "scikit-learn sklearn.metrics.recall_score (pos_label=0)",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_CLASSES | TIDE_OF_CLASS | TIDE_HAS_INTERVAL,
	.judge = judge,
};
