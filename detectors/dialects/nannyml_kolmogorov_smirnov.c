#include "detectors/dialects/grid.h"
#include "detectors/drift/empirical.h"
/*
 *  (1) max |F - G| of the values, and from 10,000 values of the reference on at the edges of its
 *      grid (dialects/grid.h) alone.
 *  (2) UNDEFINED where the values of a side are not kept (SPEC 6.1). No value on either side:
 *      NO_DATA.
 *  (3) Matches: its method `kolmogorov_smirnov`.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_empirical pair;
	struct tide_grid grid;

	if (!tide_empirical_exact(&pair, subject, finding))
		return;
	if (pair.m < TIDE_GRID_FROM) {
		finding_value(finding, tide_empirical_ks(&pair).value, pair.n);
		return;
	}
	double most = 0;
	tide_grid_start(&grid, subject);
	while (tide_grid_next(&grid))
		most = fmax(most, fabs((double)grid.j / pair.m - (double)grid.i / pair.n));
	finding_value(finding, most, pair.n);
}

const struct tide_detector tide_detector_nannyml_kolmogorov_smirnov = {
	.name = "nannyml_kolmogorov_smirnov",
	.aliases = "",
	.title = "Kolmogorov-Smirnov statistic of NannyML",
	.unit = "1",
	.formula = "max |F - G|",
	.source = "NannyML 0.13.1",
	.dialect = "nannyml",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_ON_DEMAND | TIDE_NEEDS_NUMERIC,
	.judge = judge,
};
