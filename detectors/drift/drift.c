#include "detectors/drift/pair.h"
/*
 *  (1) value: PSI, sum (p - q) ln(p / q) over the bins that hold a value of either side; the shares
 *      are smoothed in proportion to the pooled share s: p = (c + a s) / (n + a), a = half the
 *      number of these bins, so that bins empty on one side stay finite (SPEC 7.1).
 *  (2) p: that of the column's one test (drift/pair.h), "more than min_effect" (SPEC 7.3).
 *  (3) Fewer than two cells: INSUFFICIENT, no p; a sample without values: NO_DATA.
 *  (4) Null mean: (bins - 1) / ne.
 */

static double
stability(const struct tide_pair *pair)
{
	struct tide_pair_shares shares;
	double sum = 0;

	for (size_t i = 0; i < pair->count; i++)
		if (tide_pair_smooth(pair, i, &shares))
			sum += (shares.current - shares.reference) *
			       log(shares.current / shares.reference);
	return sum;
}

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_pair pair;

	if (!tide_pair_start(&pair, subject, finding))
		return;
	finding_effect(finding, subject, stability(&pair), (double)(pair.filled - 1) / pair.ne);
	if (isnan(subject->test.df))
		finding_fails(finding, TIDE_INSUFFICIENT, "fewer than two cells of enough values");
}

const struct tide_detector tide_detector_drift = {
	.name = "drift",
	.aliases = "",
	.title = "Drift of a column",
	.unit = "1",
	.formula = "sum (p - q) ln(p / q), smoothed; p of Pearson X^2 against PSI .01",
	.source = "Pearson 1911",
	.dialect = "",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_HAS_TEST,
	.judge = judge,
};
