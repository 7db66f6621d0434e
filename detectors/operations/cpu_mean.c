#include "detectors/operations/gauge.h"
/*
 *  (1) sum x / n over the predictions with a `cpu`. None: NO_DATA.
 *  (2) 95 % interval: value +- 1.96 sd / sqrt(n), from two values on.
 *  (3) Source: the definition. Matches: Python statistics.fmean.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	gauge_mean(gauge_of(subject, TIDE_CPU, finding), finding);
}

const struct tide_detector tide_detector_cpu_mean = {
	.name = "cpu_mean",
	.aliases = "",
	.title = "Processor use of the served model, mean",
	.unit = "as mapped",
	.formula = "sum x / n",
	.source = "the definition",
	.dialect = "",
	.family = TIDE_OPERATIONS,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_NEEDS_MAPPED(TIDE_CPU),
	.judge = judge,
};
