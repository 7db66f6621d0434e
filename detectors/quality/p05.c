#include "detectors/quality/quantile.h"
/*
 *  (1) The value at place 0.05 (n - 1) of the sorted finite values, between two by linear
 *      interpolation (quality/quantile.h).
 */

const struct tide_detector tide_detector_p05 = {
	.name = "p05",
	.aliases = "",
	.title = "5 % quantile",
	.unit = "column",
	.formula = "linear quantile 0.05",
	.source = "Hyndman and Fan 1996 (type 7)",
	.dialect = "",
	.family = TIDE_QUALITY,
	.better = TIDE_BETTER_NONE,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_NUMERIC,
	.share = 0.05,
	.judge = tide_quantile_judge,
};
