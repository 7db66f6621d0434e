#include "detectors/drift/empirical.h"
/*
 *  (1) p of "the reference is stochastically less": values that fell are not noticed. It has none
 *      where a side has at most 8 values and no two are equal: UNDEFINED.
 *  (2) UNDEFINED where the values of a side are not kept (SPEC 6.1). No value on either side:
 *      NO_DATA.
 *  (3) Matches: its stattest `mannw`.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_ranks ranks;

	if (!tide_empirical_ranks(&ranks, subject, finding))
		return;
	struct tide_ranks_test test = tide_ranks_mann_whitney(&ranks, true);
	finding_statistic(finding, test.p_value, test.p_value, finding->n);
	if (isnan(test.p_value))
		finding_fails(finding, TIDE_UNDEFINED, "8 values or fewer on a side, or all equal");
}

const struct tide_detector tide_detector_evidently_mannw = {
	.name = "evidently_mannw",
	.aliases = "",
	.title = "p of the Mann-Whitney test of Evidently",
	.unit = "1",
	.formula = "p of mannwhitneyu, alternative less",
	.source = "Evidently 0.7.23",
	.dialect = "evidently",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_ON_DEMAND | TIDE_NEEDS_NUMERIC,
	.judge = judge,
};
