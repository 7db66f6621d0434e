#include "base/statistics.h"
#include "detectors/drift/empirical.h"
/*
 *  (1) t of reference and current values with equal variances; p its own, two-sided, n + m - 2
 *      degrees of freedom.
 *  (2) UNDEFINED where the values of a side are not kept (SPEC 6.1). No value on either side:
 *      NO_DATA.
 *      No variance on either side, or two values in all: UNDEFINED.
 *  (3) Matches: scipy.stats.ttest_ind(reference, current).
 */

struct moments {
	double n, mean, squares; /* squares: of the distances from the mean */
};

static struct moments
moments(const double *values, size_t count)
{
	struct tide_sum sum = {0}, squares = {0};
	double n = (double)count;

	for (size_t i = 0; i < count; i++) {
		tide_sum_add(&sum, values[i]);
		tide_sum_add_product(&squares, values[i], values[i]);
	}
	return (struct moments){n, tide_sum_round(&sum) / n,
	                        n * tide_sum_variance(&sum, &squares, n, 0)};
}

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_ranks ranks;

	if (!tide_empirical_ranks(&ranks, subject, finding))
		return;
	struct moments x = moments(ranks.x, ranks.n), y = moments(ranks.y, ranks.m);
	double df = x.n + y.n - 2;
	double error = sqrt((x.squares + y.squares) / df * (1 / x.n + 1 / y.n));
	if (!(df > 0 && error > 0)) {
		finding_fails(finding, TIDE_UNDEFINED, "no variance on either side");
		return;
	}
	double t = (x.mean - y.mean) / error;
	finding_statistic(finding, t, fmin(1, 2 * tide_statistics_t_sf(fabs(t), df)), finding->n);
}

const struct tide_detector tide_detector_ttest_ind = {
	.name = "ttest_ind",
	.aliases = "",
	.title = "t-test of two means",
	.unit = "1",
	.formula = "(mean of reference - mean of current) / its standard error",
	.source = "Student 1908",
	.dialect = "scipy",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_ZERO,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_ON_DEMAND | TIDE_NEEDS_NUMERIC,
	.judge = judge,
};
