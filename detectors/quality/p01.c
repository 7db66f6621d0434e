#include "detectors/quality/quantile.h"
/*
 *  (1) The value at place 0.01 (n - 1) of the sorted finite values, between two by linear
 *      interpolation (quality/quantile.h).
 */

const struct tide_detector tide_detector_p01 = {
	.name = "p01",
	.aliases = "",
	.title = "1 % quantile",
	.unit = "column",
	.formula = "linear quantile 0.01",
	.source = "Hyndman and Fan 1996 (type 7)",
	.dialect = "",
	.family = TIDE_QUALITY,
	.better = TIDE_BETTER_NONE,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_NUMERIC,
	.share = 0.01,
	.judge = tide_quantile_judge,
};
