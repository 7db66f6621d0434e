#include "detectors/drift/pair.h"
/*
 *  (1) sum p ln(p / q), p the current shares and q those of the reference, smoothed in proportion
 *      to the pooled share s: p = (c + a s) / (n + a), a = half the number of bins that hold a
 *      value (SPEC 7.1).
 *  (2) An effect size; its p is the column's, that of `drift` (SPEC 7.1). Null mean: (bins - 1) /
 *      (2 ne).
 *  (3) Source: Kullback and Leibler 1951. Matches: scipy.stats.entropy(p, q) of the smoothed
 *      shares.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_pair pair;
	double sum = 0;

	if (!tide_pair_start(&pair, subject, finding))
		return;
	for (size_t i = 0; i < pair.count; i++) {
		struct tide_pair_shares shares;
		if (tide_pair_smooth(&pair, i, &shares))
			sum += shares.current * log(shares.current / shares.reference);
	}
	finding_effect(finding, subject, sum, (double)(pair.filled - 1) / (2 * pair.ne));
}

const struct tide_detector tide_detector_kl_divergence = {
	.name = "kl_divergence",
	.aliases = "",
	.title = "Kullback-Leibler divergence",
	.unit = "nat",
	.formula = "sum p ln(p / q), smoothed",
	.source = "Kullback and Leibler 1951",
	.dialect = "",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE,
	.judge = judge,
};
