#include "detectors/operations/gauge.h"
/*
 *  (1) sum x / n over the predictions with a `latency`. None: NO_DATA.
 *  (2) 95 % interval: value +- 1.96 sd / sqrt(n), from two values on.
 *  (3) Source: the definition. Matches: Python statistics.fmean.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	gauge_mean(gauge_of(subject, TIDE_LATENCY, finding), finding);
}

const struct tide_detector tide_detector_latency_mean = {
	.name = "latency_mean",
	.aliases = "",
	.title = "Latency, mean",
	.unit = "ms",
	.formula = "sum x / n",
	.source = "the definition",
	.dialect = "",
	.family = TIDE_OPERATIONS,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_NEEDS_MAPPED(TIDE_LATENCY),
	.judge = judge,
};
