#include "detectors/fairness/groups.h"
/*
 *  (1) Share of positive predictions among the positive rows of each group.
 *  (2) Groups, interval, p and n: detectors/fairness/groups.h.
 *  (3) Matches: fairlearn where no group is left out, 1e-9.
 */

const struct tide_detector tide_detector_equal_opportunity_ratio = {
	.name = "equal_opportunity_ratio",
	.aliases = "",
	.title = "Equal opportunity ratio",
	.unit = "1",
	.formula = "lowest / highest tp / (tp + fn) of the groups",
	.source = "fairlearn.metrics.equal_opportunity_ratio",
	.dialect = "",
	.family = TIDE_FAIRNESS,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_BINARY | TIDE_OF_SEGMENT,
	.judge = tide_groups_judge,
};
