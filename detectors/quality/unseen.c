#include "detectors/quality/rate.h"
/*
 *  (1) Values that are none of the at most 255 categories of the reference / values. Beyond its
 *      255 categories the reference has unseen values itself.
 */

const struct tide_detector tide_detector_unseen = {
	.name = "unseen",
	.aliases = "",
	.title = "Share of values that are no category of the reference",
	.unit = "1",
	.formula = "unseen / values",
	.source = "Lancaster 1961 (mid-p)",
	.dialect = "",
	.family = TIDE_QUALITY,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_CATEGORICAL | TIDE_NEEDS_REFERENCE |
	         TIDE_HAS_INTERVAL | TIDE_HAS_TEST,
	.part = offsetof(struct tide_counts, unseen),
	.whole = offsetof(struct tide_counts, values),
	.judge = tide_rate_judge,
};
