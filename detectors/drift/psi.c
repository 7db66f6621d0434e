#include "detectors/drift/pair.h"
/*
 *  (1) sum (p - q) ln(p / q) on the deciles of the reference; a share of zero counts as 1e-4
 *      and the shares are not brought back to sum 1.
 *  (2) Equal deciles collapse. An effect size; its p is the column's, that of `drift`
 *      (SPEC 7.1). Null mean: (bins - 1) / ne.
 *  (3) Source: Siddiqi 2006. Matches: numpy quantile and histogram with the same rule.
 */
#define ZERO_SHARE 1e-4

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	uint64_t counts[2][10];
	struct tide_pair pair;
	double sum = 0;

	if (!tide_pair_deciles(&pair, subject, counts, finding))
		return;
	for (size_t i = 0; i < pair.count; i++) {
		double p = (double)pair.current[i] / pair.n;
		double q = (double)pair.reference[i] / pair.m;
		p = p > 0 ? p : ZERO_SHARE;
		q = q > 0 ? q : ZERO_SHARE;
		sum += (p - q) * log(p / q);
	}
	finding_effect(finding, subject, sum, (double)(pair.filled - 1) / pair.ne);
}

const struct tide_detector tide_detector_psi = {
	.name = "psi",
	.aliases = "",
	.title = "Population stability index",
	.unit = "1",
	.formula = "sum (p - q) ln(p / q), deciles of the reference, zero shares 1e-4",
	.source = "Siddiqi 2006",
	.dialect = "deciles",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_NEEDS_NUMERIC,
	.judge = judge,
};
