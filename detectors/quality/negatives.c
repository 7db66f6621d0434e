#include "detectors/quality/rate.h"
/*
 *  (1) Values below zero / numeric values.
 */

const struct tide_detector tide_detector_negatives = {
	.name = "negatives",
	.aliases = "",
	.title = "Share of negative values",
	.unit = "1",
	.formula = "negative / values",
	.source = "Lancaster 1961 (mid-p)",
	.dialect = "",
	.family = TIDE_QUALITY,
	.better = TIDE_BETTER_NONE,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_NUMERIC |
	         TIDE_HAS_INTERVAL | TIDE_HAS_TEST,
	.part = offsetof(struct tide_counts, negatives),
	.whole = offsetof(struct tide_counts, values),
	.judge = tide_rate_judge,
};
