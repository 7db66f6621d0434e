#include "base/statistics.h"
#include "detectors/drift/table.h"
/*
 *  (1) p of the current counts c against the reference's counts r as if those were the law itself:
 *      cells - 1 degrees of freedom. A value that the reference lacks gives 0; one value: 1.
 *  (2) UNDEFINED where the values of a side are not kept, or beyond 255 categories that the
 *      reference lacks (SPEC 6.1, 6.2). No value on either side: NO_DATA.
 *  (3) Matches: its stattest `chisquare`.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_table table;
	double c, r, sum = 0, df = -1;

	if (!tide_table_values(&table, subject, finding))
		return;
	for (; tide_table_next(&table, &c, &r); df++) {
		double expected = r * table.n / table.m;
		sum += r > 0 ? (c - expected) * (c - expected) / expected : INFINITY;
	}
	double p = df > 0 ? tide_statistics_chi2_sf(sum, df) : 1;
	finding_statistic(finding, p, p, table.n);
}

const struct tide_detector tide_detector_evidently_chisquare = {
	.name = "evidently_chisquare",
	.aliases = "",
	.title = "p of the chi-square test of Evidently",
	.unit = "1",
	.formula = "p of sum (c - e)^2 / e, e = r n / m",
	.source = "Evidently 0.7.23",
	.dialect = "evidently",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_ON_DEMAND,
	.judge = judge,
};
