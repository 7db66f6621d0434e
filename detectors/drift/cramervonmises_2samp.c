#include "detectors/drift/empirical.h"
/*
 *  (1) T of reference and current values; p its own, by the limit law: none where neither side has
 *      more than 20 values, which need the exact one.
 *  (2) UNDEFINED where the values of a side are not kept (SPEC 6.1). No value on either side:
 *      NO_DATA.
 *  (3) Matches: scipy.stats.cramervonmises_2samp.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_ranks ranks;

	if (!tide_empirical_ranks(&ranks, subject, finding))
		return;
	struct tide_ranks_test test = tide_ranks_cramer_von_mises(&ranks);
	finding_statistic(finding, test.statistic, test.p_value, finding->n);
	if (isnan(test.statistic))
		finding_fails(finding, TIDE_UNDEFINED, "needs two values on each side");
	else if (isnan(test.p_value))
		finding->reason = "no p for 20 values or fewer on both sides";
}

const struct tide_detector tide_detector_cramervonmises_2samp = {
	.name = "cramervonmises_2samp",
	.aliases = "",
	.title = "Two-sample Cramer-von Mises test",
	.unit = "1",
	.formula = "T of Anderson, midranks",
	.source = "Anderson 1962",
	.dialect = "scipy",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_ON_DEMAND | TIDE_NEEDS_NUMERIC,
	.judge = judge,
};
