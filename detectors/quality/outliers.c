#include "detectors/quality/rate.h"
/*
 *  (1) (Values below q1 - 1.5 (q3 - q1) + above q3 + 1.5 (q3 - q1)) / numeric values; the
 *      quartiles are those of the whole reference, by linear interpolation.
 */

const struct tide_detector tide_detector_outliers = {
	.name = "outliers",
	.aliases = "",
	.title = "Share of values beyond the fences of the reference",
	.unit = "1",
	.formula = "(below q1 - 1.5 iqr + above q3 + 1.5 iqr of the reference) / values",
	.source = "Lancaster 1961 (mid-p)",
	.dialect = "",
	.family = TIDE_QUALITY,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_NUMERIC | TIDE_NEEDS_REFERENCE |
	         TIDE_HAS_INTERVAL | TIDE_HAS_TEST,
	.part = offsetof(struct tide_counts, outliers),
	.whole = offsetof(struct tide_counts, values),
	.judge = tide_rate_judge,
};
