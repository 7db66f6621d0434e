#include "base/statistics.h"
#include "detectors/drift/table.h"
/*
 *  (1) X^2 of the table of both samples by every category of either, with the correction of Yates
 *      for two categories; p its own. NannyML alarms at p < .05.
 *  (2) UNDEFINED where the values of a side are not kept, or beyond 255 categories that the
 *      reference lacks (SPEC 6.1, 6.2). No value on either side: NO_DATA.
 *  (3) Matches: its method `chi2`, which is scipy.stats.chi2_contingency.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_table table;
	double c, r, sum = 0, df = -1;

	if (!tide_table_values(&table, subject, finding))
		return;
	bool corrected = tide_table_distinct(&table, false, 3) == 2;
	for (; tide_table_next(&table, &c, &r); df++) {
		double size = table.n + table.m, pooled = (c + r) / size;
		double off = fabs(c - table.n * pooled);
		off -= corrected ? fmin(.5, off) : 0;
		sum += off * off / (table.n * pooled) + off * off / (table.m * pooled);
	}
	finding_statistic(finding, sum, df > 0 ? tide_statistics_chi2_sf(sum, df) : 1, table.n);
}

const struct tide_detector tide_detector_nannyml_chi2 = {
	.name = "nannyml_chi2",
	.aliases = "",
	.title = "Chi-square statistic of NannyML",
	.unit = "1",
	.formula = "sum (|observed - expected| - 1/2)^2 / expected for 2 categories, else without 1/2",
	.source = "NannyML 0.13.1",
	.dialect = "nannyml",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_ON_DEMAND |
	         TIDE_NEEDS_CATEGORICAL,
	.judge = judge,
};
