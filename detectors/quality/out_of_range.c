#include "detectors/quality/rate.h"
/*
 *  (1) (Values below the minimum + above the maximum of the reference) / numeric values.
 */

const struct tide_detector tide_detector_out_of_range = {
	.name = "out_of_range",
	.aliases = "",
	.title = "Share of values outside the range of the reference",
	.unit = "1",
	.formula = "(below min + above max of the reference) / values",
	.source = "Lancaster 1961 (mid-p)",
	.dialect = "",
	.family = TIDE_QUALITY,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_NUMERIC | TIDE_NEEDS_REFERENCE |
	         TIDE_HAS_INTERVAL | TIDE_HAS_TEST,
	.part = offsetof(struct tide_counts, outside),
	.whole = offsetof(struct tide_counts, values),
	.judge = tide_rate_judge,
};
