#include "detectors/quality/rate.h"
/*
 *  (1) NaN, infinities and numbers whose square has no double / predictions.
 */

const struct tide_detector tide_detector_nonfinite = {
	.name = "nonfinite",
	.aliases = "",
	.title = "Share of numbers that are not finite",
	.unit = "1",
	.formula = "(NaN + infinite) / predictions",
	.source = "Lancaster 1961 (mid-p)",
	.dialect = "",
	.family = TIDE_QUALITY,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN |
	         TIDE_HAS_INTERVAL | TIDE_HAS_TEST,
	.part = offsetof(struct tide_counts, nonfinite),
	.whole = offsetof(struct tide_counts, rows),
	.judge = tide_rate_judge,
};
