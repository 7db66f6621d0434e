#include "detectors/drift/empirical.h"
/*
 *  (1) U of the reference's values against the current ones; p its own, two-sided, by the normal
 *      law: none where a side has at most 8 values and no two are equal, which need the exact one.
 *  (2) UNDEFINED where the values of a side are not kept (SPEC 6.1). No value on either side:
 *      NO_DATA.
 *  (3) Matches: scipy.stats.mannwhitneyu(reference, current).
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_ranks ranks;

	if (!tide_empirical_ranks(&ranks, subject, finding))
		return;
	struct tide_ranks_test test = tide_ranks_mann_whitney(&ranks, false);
	finding_statistic(finding, test.statistic, test.p_value, finding->n);
	if (isnan(test.p_value))
		finding->reason = "no p: 8 values or fewer on a side, or all are equal";
}

const struct tide_detector tide_detector_mannwhitneyu = {
	.name = "mannwhitneyu",
	.aliases = "",
	.title = "Mann-Whitney U test",
	.unit = "1",
	.formula = "pairs in which the reference is larger, ties as one half",
	.source = "Mann and Whitney 1947",
	.dialect = "scipy",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_NONE,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_ON_DEMAND | TIDE_NEEDS_NUMERIC,
	.judge = judge,
};
