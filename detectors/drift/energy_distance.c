#include "detectors/drift/empirical.h"
/*
 *  (1) sqrt(2 integral of (F - G)^2) of reference and current values, not scaled. It has no p.
 *  (2) UNDEFINED where the values of a side are not kept (SPEC 6.1). No value on either side:
 *      NO_DATA.
 *  (3) Matches: scipy.stats.energy_distance.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_ranks ranks;

	if (tide_empirical_ranks(&ranks, subject, finding))
		finding_value(finding, tide_ranks_energy_distance(&ranks), finding->n);
}

const struct tide_detector tide_detector_energy_distance = {
	.name = "energy_distance",
	.aliases = "",
	.title = "Energy distance",
	.unit = "sqrt(column)",
	.formula = "sqrt(2 integral of (F - G)^2)",
	.source = "Szekely 2002",
	.dialect = "scipy",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_ON_DEMAND | TIDE_NEEDS_NUMERIC,
	.judge = judge,
};
