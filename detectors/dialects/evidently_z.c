#include "base/statistics.h"
#include "detectors/drift/table.h"
/*
 *  (1) Two-sided p of "both sides have the same share" of one of two values, s the pooled share.
 *      One value on both sides: 1. More than two values: UNDEFINED.
 *  (2) UNDEFINED where the values of a side are not kept, or beyond 255 categories that the
 *      reference lacks (SPEC 6.1, 6.2). No value on either side: NO_DATA.
 *  (3) Matches: its stattest `z` of binary columns.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_table table;
	double c, r, p = 1;

	if (!tide_table_values(&table, subject, finding))
		return;
	size_t distinct = tide_table_distinct(&table, false, 3);
	if (distinct > 2) {
		finding_fails(finding, TIDE_UNDEFINED, "more than two values");
		return;
	}
	tide_table_next(&table, &c, &r);
	if (distinct == 2) {
		double share = (c + r) / (table.n + table.m);
		double error = sqrt(share * (1 - share) * (1 / table.n + 1 / table.m));
		p = 2 * tide_statistics_normal_sf(fabs(c / table.n - r / table.m) / error);
	}
	finding_statistic(finding, p, p, table.n);
}

const struct tide_detector tide_detector_evidently_z = {
	.name = "evidently_z",
	.aliases = "",
	.title = "p of the z-test of Evidently",
	.unit = "1",
	.formula = "p of (p - q) / sqrt(s (1 - s) (1 / n + 1 / m))",
	.source = "Evidently 0.7.23",
	.dialect = "evidently",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_ON_DEMAND,
	.judge = judge,
};
