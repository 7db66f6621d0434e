#include "detectors/quality/rate.h"
/*
 *  (1) Values of another type than the column, arrays and objects / predictions.
 */

const struct tide_detector tide_detector_mistyped = {
	.name = "mistyped",
	.aliases = "",
	.title = "Share of values of the wrong type",
	.unit = "1",
	.formula = "wrong type / predictions",
	.source = "Lancaster 1961 (mid-p)",
	.dialect = "",
	.family = TIDE_QUALITY,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN |
	         TIDE_HAS_INTERVAL | TIDE_HAS_TEST,
	.part = offsetof(struct tide_counts, mistyped),
	.whole = offsetof(struct tide_counts, rows),
	.judge = tide_rate_judge,
};
