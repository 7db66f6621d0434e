#include "detectors/drift/empirical.h"
/*
 *  (1) Area between the two empirical distribution functions, in units of the column: exact where
 *      the values of both sides are kept (SPEC 6.1), else from the fine cells, linear within each,
 *      with bounds.
 *  (2) An effect size; its p is the column's, that of `drift` (SPEC 7.1). Null mean: sqrt(2 / pi)
 *      S / sqrt(ne), S the integral of sqrt(F (1 - F)) over the reference.
 *  (3) UNSTABLE where the extreme 2 % of the reference hold more than half of S: its tails are too
 *      heavy (SPEC 7.9). No value on either side: NO_DATA.
 */

#define NORMAL_MEAN .79788456080286536 /* sqrt(2 / pi) */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_distribution *distribution = subject->distribution;
	struct tide_empirical pair;
	struct tide_empirical_bounds w;

	if (!tide_empirical_start(&pair, subject, finding))
		return;
	w = tide_empirical_wasserstein(&pair);
	finding_effect(finding, subject, w.value,
	               NORMAL_MEAN * distribution->spread / sqrt(pair.ne));
	tide_empirical_bound(&pair, w, finding);
	if (finding->status == TIDE_OK && distribution->spread_extreme > distribution->spread / 2) {
		finding->status = TIDE_UNSTABLE;
		finding->reason = "heavy tails: few values of the reference decide it";
	}
}

const struct tide_detector tide_detector_wasserstein = {
	.name = "wasserstein",
	.aliases = "",
	.title = "Wasserstein distance",
	.unit = "column",
	.formula = "integral of |F - G|",
	.source = "Vallender 1974",
	.dialect = "",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_NUMERIC | TIDE_NEEDS_REFERENCE,
	.judge = judge,
};
