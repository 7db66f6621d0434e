#include "detectors/drift/pair.h"
/*
 *  (1) sqrt((KL(p, m) + KL(q, m)) / 2) with m = (p + q) / 2, natural logarithm: at most
 *      sqrt(ln 2). 0 ln 0 is 0. No value: NO_DATA.
 *  (2) An effect size; its p is the column's, that of `drift` (SPEC 7.1). Null mean: of
 *      chi / sqrt(8 ne).
 *  (3) Source: Lin 1991, Endres and Schindelin 2003. Matches:
 *      scipy.spatial.distance.jensenshannon.
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
		double middle = (p + q) / 2;
		if (p > 0)
			sum += p * log(p / middle);
		if (q > 0)
			sum += q * log(q / middle);
	}
	finding_effect(finding, subject, sqrt(fmax(sum, 0) / 2),
	               tide_pair_chi_mean(&pair) / sqrt(8 * pair.ne));
}

const struct tide_detector tide_detector_jensen_shannon = {
	.name = "jensen_shannon",
	.aliases = "",
	.title = "Jensen-Shannon distance",
	.unit = "sqrt(nat)",
	.formula = "sqrt((KL(p, m) + KL(q, m)) / 2), m = (p + q) / 2, natural logarithm",
	.source = "Lin 1991",
	.dialect = "",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE,
	.judge = judge,
};
