#include "detectors/fairness/groups.h"
/*
 *  (1) Share of positive predictions among the positive rows of each group (Hardt, Price and
 *      Srebro 2016).
 *  (2) Groups, interval, p and n: detectors/fairness/groups.h.
 *  (3) Matches: fairlearn where no group is left out, 1e-9.
 */

const struct tide_detector tide_detector_equal_opportunity_difference = {
	.name = "equal_opportunity_difference",
	.aliases = "",
	.title = "Equal opportunity difference",
	.unit = "1",
	.formula = "highest - lowest tp / (tp + fn) of the groups",
	.source = "fairlearn.metrics.equal_opportunity_difference",
	.dialect = "",
	.family = TIDE_FAIRNESS,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_BINARY | TIDE_OF_SEGMENT | TIDE_HAS_INTERVAL,
	.judge = tide_groups_judge,
};
