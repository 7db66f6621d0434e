#include "base/statistics.h"
#include "detectors/drift/table.h"
/*
 *  (1) X^2 of the table of both samples by every category of either, unseen ones too, each alone;
 *      p of the chi-square with categories - 1 degrees of freedom, no continuity correction.
 *  (2) One category: 0 with p 1. UNDEFINED beyond 255 categories that the reference lacks. No
 *      value on either side: NO_DATA.
 *  (3) Matches: scipy.stats.chi2_contingency(correction=False).
 */

#define LN_10 2.30258509299404568402

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_table table;
	double c, r, sum = 0, df = -1;

	if (!tide_table_values(&table, subject, finding))
		return;
	for (; tide_table_next(&table, &c, &r); df++) {
		/* both rows of a column: (c m - r n)^2 / (n m (c + r)), integers until the end */
		double difference = c * table.m - r * table.n;
		sum += difference * difference / (table.n * table.m * (c + r));
	}
	finding_value(finding, sum, table.n);
	finding->p_value = df > 0 ? tide_statistics_chi2_sf(sum, df) : 1;
	finding->log10_p = df > 0 ? tide_statistics_chi2_log_sf(sum, df) / LN_10 : 0;
}

const struct tide_detector tide_detector_chi2_contingency = {
	.name = "chi2_contingency",
	.aliases = "",
	.title = "Chi-square test of the contingency table",
	.unit = "1",
	.formula = "sum (observed - expected)^2 / expected",
	.source = "Pearson 1911",
	.dialect = "scipy",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_CATEGORICAL | TIDE_NEEDS_REFERENCE,
	.judge = judge,
};
