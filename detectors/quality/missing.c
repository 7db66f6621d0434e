#include "detectors/quality/rate.h"
/*
 *  (1) (absent + null) / predictions; a column that no record has is missing everywhere.
 */

const struct tide_detector tide_detector_missing = {
	.name = "missing",
	.aliases = "",
	.title = "Share of predictions without a value",
	.unit = "1",
	.formula = "(absent + null) / predictions",
	.source = "Lancaster 1961 (mid-p)",
	.dialect = "",
	.family = TIDE_QUALITY,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN |
	         TIDE_HAS_INTERVAL | TIDE_HAS_TEST,
	.part = offsetof(struct tide_counts, missing),
	.whole = offsetof(struct tide_counts, rows),
	.judge = tide_rate_judge,
};
