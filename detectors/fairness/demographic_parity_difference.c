#include "detectors/fairness/groups.h"
/*
 *  (1) Share of positive predictions among the labelled rows of each group.
 *  (2) Groups, interval, p and n: detectors/fairness/groups.h.
 *  (3) Matches: fairlearn where no group is left out, 1e-9.
 */

const struct tide_detector tide_detector_demographic_parity_difference = {
	.name = "demographic_parity_difference",
	.aliases = "statistical_parity_difference",
	.title = "Demographic parity difference",
	.unit = "1",
	.formula = "highest - lowest (tp + fp) / n of the groups",
	.source = "fairlearn.metrics.demographic_parity_difference",
	.dialect = "",
	.family = TIDE_FAIRNESS,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_BINARY | TIDE_OF_SEGMENT | TIDE_HAS_INTERVAL,
	.judge = tide_groups_judge,
};
