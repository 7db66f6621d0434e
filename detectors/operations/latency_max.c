#include "detectors/operations/gauge.h"
/*
 *  (1) The largest `latency`. None: NO_DATA.
 *  (2) No interval: an extreme has no standard error.
 *  (3) Source: the definition. Matches: Python max.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	gauge_max(gauge_of(subject, TIDE_LATENCY, finding), finding);
}

const struct tide_detector tide_detector_latency_max = {
	.name = "latency_max",
	.aliases = "",
	.title = "Latency, largest",
	.unit = "ms",
	.formula = "max x",
	.source = "the definition",
	.dialect = "",
	.family = TIDE_OPERATIONS,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_NEEDS_MAPPED(TIDE_LATENCY),
	.judge = judge,
};
