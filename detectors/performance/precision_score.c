#include "detectors/finding.h"
/*
 *  (1) tp / (tp + fp). No labelled row: NO_DATA; a zero denominator: UNDEFINED (nothing was
 *      predicted positive), where scikit-learn warns and returns 0.
 *  (2) 95 % Wilson score interval of the proportion; n is the denominator.
 *  (3) Source: Wilson 1927. Matches: scikit-learn sklearn.metrics.precision_score, exactly.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_confusion_fold *c = finding_confusion(subject, finding);

	if (!c)
		return;
	if (c->tp + c->fp == 0)
		finding_fails(finding, TIDE_UNDEFINED, "nothing was predicted positive");
	else
		finding_proportion(finding, c->tp, c->tp + c->fp);
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
	.needs = TIDE_FOR_BINARY | TIDE_HAS_INTERVAL,
	.judge = judge,
};
