#include "detectors/operations/gauge.h"
/*
 *  (1) Within 1 % of the value of rank floor(0.99 (n - 1)). No value: NO_DATA.
 *  (2) 95 % interval: the values 1.96 sqrt(n q (1 - q)) ranks away, where there are such ranks.
 *  (3) Source: Masson, Rim and Lee 2019; ranks: binomial. Matches: the sorted values, within 1 %.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	gauge_quantile(gauge_of(subject, TIDE_LATENCY, finding), .99, finding);
}

const struct tide_detector tide_detector_latency_p99 = {
	.name = "latency_p99",
	.aliases = "",
	.title = "Latency, 99 % of predictions are faster",
	.unit = "ms",
	.formula = "99 % quantile",
	.source = "Masson, Rim and Lee 2019 (DDSketch)",
	.dialect = "",
	.family = TIDE_OPERATIONS,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_NEEDS_MAPPED(TIDE_LATENCY),
	.judge = judge,
};
