#include "detectors/operations/gauge.h"
/*
 *  (1) The largest `cpu`. None: NO_DATA.
 *  (2) No interval: an extreme has no standard error.
 *  (3) Source: the definition. Matches: Python max.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	gauge_max(gauge_of(subject, TIDE_CPU, finding), finding);
}

const struct tide_detector tide_detector_cpu_max = {
	.name = "cpu_max",
	.aliases = "",
	.title = "Processor use of the served model, largest",
	.unit = "as mapped",
	.formula = "max x",
	.source = "the definition",
	.dialect = "",
	.family = TIDE_OPERATIONS,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_NEEDS_MAPPED(TIDE_CPU),
	.judge = judge,
};
