#include "detectors/finding.h"
/*
 *  (1) tn / (tn + fp). No labelled row: NO_DATA; a zero denominator: UNDEFINED (no row is
 *      negative), where scikit-learn warns and returns 0.
 *  (2) 95 % Wilson score interval of the proportion; n is the denominator. Multiclass: of each
 *      class against all others.
 *  (3) Source: Wilson 1927. Matches: scikit-learn sklearn.metrics.recall_score (pos_label=0),
 *      exactly.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_confusion_fold *c = finding_confusion(subject, finding);

	if (c)
		finding_share(finding, c->tn, c->tn + c->fp, "no row is negative");
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
	.needs = TIDE_FOR_CLASSES | TIDE_OF_CLASS,
	.judge = judge,
};
