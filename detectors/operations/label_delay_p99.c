#include "detectors/operations/gauge.h"
/*
 *  (1) Within 1 % of the value of rank floor(0.99 (n - 1)). No value: NO_DATA.
 *  (2) From the time of a prediction to the time of its first label; before it: negative.
 *  (3) 95 % interval: the values 1.96 sqrt(n q (1 - q)) ranks away, where there are such ranks.
 *  (4) Source: Masson, Rim and Lee 2019; ranks: binomial. Matches: the sorted values, within 1 %.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	gauge_quantile(gauge_delay(subject, finding), .99, finding);
}

const struct tide_detector tide_detector_label_delay_p99 = {
	.name = "label_delay_p99",
	.aliases = "",
	.title = "Label delay, 99 % of labels are faster",
	.unit = "s",
	.formula = "99 % quantile of label time - prediction time",
	.source = "Masson, Rim and Lee 2019 (DDSketch)",
	.dialect = "",
	.family = TIDE_OPERATIONS,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_WITHOUT_REFERENCE,
	.judge = judge,
};
