#include "detectors/drift/pair.h"
/*
 *  (1) max |p - q| on the bins of the reference; p, q are plain shares. No value: NO_DATA.
 *  (2) An effect size; its p is the column's, that of `drift` (SPEC 7.1).
 *  (3) Matches: numpy abs(p - q).max().
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
		sum = fmax(sum, fabs(p - q));
	}
	finding_effect(finding, subject, sum,
	               NAN);
}

const struct tide_detector tide_detector_l_infinity = {
	.name = "l_infinity",
	.aliases = "",
	.title = "Largest difference of shares",
	.unit = "1",
	.formula = "max |p - q|",
	.source = "SageMaker Model Monitor (LInfinity)",
	.dialect = "",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE,
	.judge = judge,
};
