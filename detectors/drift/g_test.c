#include "base/statistics.h"
#include "detectors/drift/table.h"
/*
 *  (1) Log-likelihood ratio of the table of both samples by every category of either, unseen ones
 *      too, each alone; p its own: chi-square, categories - 1 degrees of freedom, not corrected.
 *  (2) One category: 0 with p 1. UNDEFINED beyond 255 categories that the reference lacks. No
 *      value on either side: NO_DATA.
 *  (3) Matches: scipy.stats.chi2_contingency(correction=False, lambda_="log-likelihood").
 */

/* observed ln(observed / expected), 0 for none */
static double
likelihood(double observed, double expected)
{
	return observed > 0 ? observed * log(observed / expected) : 0;
}

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_table table;
	double c, r, sum = 0, df = -1;

	if (!tide_table_values(&table, subject, finding))
		return;
	for (; tide_table_next(&table, &c, &r); df++) {
		double pooled = (c + r) / (table.n + table.m);
		sum += likelihood(c, table.n * pooled) + likelihood(r, table.m * pooled);
	}
	sum = fmax(0, 2 * sum);
	finding_statistic(finding, sum, df > 0 ? tide_statistics_chi2_sf(sum, df) : 1, table.n);
}

const struct tide_detector tide_detector_g_test = {
	.name = "g_test",
	.aliases = "",
	.title = "G-test of the contingency table",
	.unit = "1",
	.formula = "2 sum observed ln(observed / expected)",
	.source = "Wilks 1938",
	.dialect = "scipy",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_ON_DEMAND |
	         TIDE_NEEDS_CATEGORICAL,
	.judge = judge,
};
