#include "detectors/drift/table.h"
/*
 *  (1) sum |p - q| / 2 over every category of either sample, unseen ones too, each alone; p, q are
 *      plain shares of the values that are there.
 *  (2) UNDEFINED beyond 255 categories that the reference lacks. No value on either side: NO_DATA.
 *  (3) Matches: the raw distance of Evidently 0.7 (TVD), without its permutation test.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_table table;
	double c, r, sum = 0;

	if (!tide_table_values(&table, subject, finding))
		return;
	while (tide_table_next(&table, &c, &r))
		sum += fabs(c / table.n - r / table.m);
	finding_value(finding, sum / 2, table.n);
}

const struct tide_detector tide_detector_tvd = {
	.name = "tvd",
	.aliases = "",
	.title = "Total variation distance of all categories",
	.unit = "1",
	.formula = "sum |p - q| / 2",
	.source = "Levin, Peres and Wilmer 2009",
	.dialect = "scipy",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_CATEGORICAL | TIDE_NEEDS_REFERENCE,
	.judge = judge,
};
