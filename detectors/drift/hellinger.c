#include "detectors/drift/pair.h"
/*
 *  (1) sqrt(sum (sqrt p - sqrt q)^2 / 2), which is sqrt(1 - sum sqrt(p q)) without its
 *      cancellation. No value: NO_DATA.
 *  (2) An effect size; its p is the column's, that of `drift` (SPEC 7.1). Null mean: of
 *      chi / sqrt(8 ne).
 *  (3) Source: Hellinger 1909. Matches: numpy on the same bins.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_pair pair;
	double sum = 0;

	if (!tide_pair_start(&pair, subject, finding))
		return;
	for (size_t i = 0; i < pair.count; i++) {
		double p = (double)pair.current[i] / pair.n;
		double q = (double)pair.reference[i] / pair.m;
		sum += (sqrt(p) - sqrt(q)) * (sqrt(p) - sqrt(q));
	}
	finding_effect(finding, subject, sqrt(sum / 2),
	               tide_pair_chi_mean(&pair) / sqrt(8 * pair.ne));
}

const struct tide_detector tide_detector_hellinger = {
	.name = "hellinger",
	.aliases = "",
	.title = "Hellinger distance",
	.unit = "1",
	.formula = "sqrt(sum (sqrt p - sqrt q)^2 / 2)",
	.source = "Hellinger 1909",
	.dialect = "",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE,
	.judge = judge,
};
