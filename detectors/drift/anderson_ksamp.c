#include "detectors/drift/empirical.h"
/*
 *  (1) The standardised statistic of reference and current values; p its own, within [.001, .25].
 *  (2) UNDEFINED where the values of a side are not kept (SPEC 6.1). No value on either side:
 *      NO_DATA.
 *      One distinct value, or fewer than four in all: UNDEFINED.
 *  (3) Matches: scipy.stats.anderson_ksamp (midrank).
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_ranks ranks;

	if (!tide_empirical_ranks(&ranks, subject, finding))
		return;
	struct tide_ranks_test test = tide_ranks_anderson_darling(&ranks);
	finding_statistic(finding, test.statistic, test.p_value, finding->n);
	if (isnan(test.statistic))
		finding_fails(finding, TIDE_UNDEFINED, "one distinct value, or fewer than four");
}

const struct tide_detector tide_detector_anderson_ksamp = {
	.name = "anderson_ksamp",
	.aliases = "",
	.title = "Two-sample Anderson-Darling test",
	.unit = "1",
	.formula = "(A^2 - 1) / sd, midranks",
	.source = "Scholz and Stephens 1987",
	.dialect = "scipy",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_ON_DEMAND | TIDE_NEEDS_NUMERIC,
	.judge = judge,
};
