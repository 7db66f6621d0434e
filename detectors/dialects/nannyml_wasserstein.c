#include "detectors/dialects/grid.h"
#include "detectors/drift/empirical.h"
/*
 *  (1) Area between the distribution functions of the values. From 10,000 values of the reference
 *      on: inside the grid of the reference (dialects/grid.h) the functions are steps at its edges,
 *      and if any of the n current values lies below it, F counts one more of them there; outside
 *      they are those of the values.
 *  (2) UNDEFINED where the values of a side are not kept (SPEC 6.1). No value on either side:
 *      NO_DATA.
 *  (3) Matches: its method `wasserstein`.
 */

/* Integral of F below `edge`, or of 1 - F above it, in values times the column's unit. */
static double
tail(const double *values, size_t from, size_t to, double edge)
{
	double sum = 0;

	for (size_t i = from; i < to; i++)
		sum += fabs(values[i] - edge);
	return sum;
}

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_empirical pair;
	struct tide_grid grid;

	if (!tide_empirical_exact(&pair, subject, finding))
		return;
	if (pair.m < TIDE_GRID_FROM) {
		finding_value(finding, tide_empirical_wasserstein(&pair).value, pair.n);
		return;
	}
	double within = 0, n = pair.n;
	tide_grid_start(&grid, subject);
	size_t below = grid.i;
	double more = below > 0 ? 1 : 0;
	while (tide_grid_next(&grid))
		within += fabs((double)grid.j / pair.m - ((double)grid.i + more) / n);
	double outside = tail(subject->sorted, 0, below, grid.first) +
	                 tail(subject->sorted, grid.i, (size_t)n, grid.last);
	finding_value(finding, within * (grid.last - grid.first) / TIDE_GRID_BINS + outside / n,
	              n);
}

const struct tide_detector tide_detector_nannyml_wasserstein = {
	.name = "nannyml_wasserstein",
	.aliases = "",
	.title = "Wasserstein distance of NannyML",
	.unit = "column",
	.formula = "integral of |F - G|",
	.source = "NannyML 0.13.1",
	.dialect = "nannyml",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_ON_DEMAND | TIDE_NEEDS_NUMERIC,
	.judge = judge,
};
