#include "detectors/drift/pair.h"
/*
 *  (1) sum (p - q) ln(p / q) on the deciles of the reference; a share of zero counts as 1e-4
 *      and the shares are not brought back to sum 1.
 *  (2) Fewer than 500 values in the reference: INSUFFICIENT, since its bins are then no
 *      deciles (SPEC 6.2). Equal deciles collapse.
 *  (3) Source: Siddiqi 2006. Matches: numpy quantile and histogram with the same rule.
 */
#define ZERO_SHARE 1e-4
#define DECILES_MIN 500

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct pair pair;
	double sum = 0;

	if (!pair_start(&pair, subject, finding))
		return;
	if (pair.m < DECILES_MIN) {
		finding_fails(finding, TIDE_INSUFFICIENT, "the reference has fewer than 500 values");
		return;
	}
	for (size_t i = 0; i < pair.count; i++) {
		double p = (double)pair.current[i] / pair.n;
		double q = (double)pair.reference[i] / pair.m;
		p = p > 0 ? p : ZERO_SHARE;
		q = q > 0 ? q : ZERO_SHARE;
		sum += (p - q) * log(p / q);
	}
	finding_value(finding, sum, pair.n);
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
