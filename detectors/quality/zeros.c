#include "detectors/quality/rate.h"
/*
 *  (1) Zeros (of either sign) / numeric values.
 */

const struct tide_detector tide_detector_zeros = {
	.name = "zeros",
	.aliases = "",
	.title = "Share of zeros",
	.unit = "1",
	.formula = "zeros / values",
	.source = "Lancaster 1961 (mid-p)",
	.dialect = "",
	.family = TIDE_QUALITY,
	.better = TIDE_BETTER_NONE,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_NUMERIC |
	         TIDE_HAS_INTERVAL | TIDE_HAS_TEST,
	.part = offsetof(struct tide_counts, zeros),
	.whole = offsetof(struct tide_counts, values),
	.judge = tide_rate_judge,
};
