#include "detectors/drift/empirical.h"
/*
 *  (1) Largest distance of the two empirical distribution functions: exact where the values of
 *      both sides are kept (SPEC 6.1), else known at the edges of the fine cells alone: value and
 *      lower are then its lower bound, upper its upper bound.
 *  (2) An effect size; its p is the column's, that of `drift` (SPEC 7.1). Null mean: sqrt(pi / 2)
 *      ln 2 / sqrt(ne), ne = n m / (n + m).
 *  (3) No value on either side: NO_DATA.
 */

#define KOLMOGOROV_MEAN .86873116063615 /* sqrt(pi / 2) ln 2 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_empirical pair;
	struct tide_empirical_bounds d;

	if (!tide_empirical_start(&pair, subject, finding))
		return;
	d = tide_empirical_ks(&pair);
	finding_effect(finding, subject, d.value, KOLMOGOROV_MEAN / sqrt(pair.ne));
	tide_empirical_bound(&pair, d, finding);
}

const struct tide_detector tide_detector_ks = {
	.name = "ks",
	.aliases = "",
	.title = "Kolmogorov-Smirnov distance",
	.unit = "1",
	.formula = "max |F - G|",
	.source = "Smirnov 1939",
	.dialect = "",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_NUMERIC | TIDE_NEEDS_REFERENCE,
	.judge = judge,
};
