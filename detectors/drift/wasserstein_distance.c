#include "detectors/drift/empirical.h"
/*
 *  (1) Area between the two empirical distribution functions of the values themselves, in units of
 *      the column, not scaled.
 *  (2) UNDEFINED where the values of a side are not kept (SPEC 6.1). No value on either side:
 *      NO_DATA.
 *  (3) Matches: scipy.stats.wasserstein_distance.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_empirical pair;

	if (tide_empirical_exact(&pair, subject, finding))
		finding_value(finding, tide_empirical_wasserstein(&pair).value, pair.n);
}

const struct tide_detector tide_detector_wasserstein_distance = {
	.name = "wasserstein_distance",
	.aliases = "",
	.title = "Wasserstein distance of the values",
	.unit = "column",
	.formula = "integral of |F - G|",
	.source = "Vallender 1974",
	.dialect = "scipy",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_NUMERIC | TIDE_NEEDS_REFERENCE,
	.judge = judge,
};
