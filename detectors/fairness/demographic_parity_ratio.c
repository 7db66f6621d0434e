#include "detectors/fairness/groups.h"
/*
 *  (1) Share of positive predictions among the labelled rows of each group. Below .8 it fails the
 *      four-fifths rule (29 CFR 1607.4 D).
 *  (2) Groups, interval, p and n: detectors/fairness/groups.h.
 *  (3) Matches: fairlearn where no group is left out, 1e-9.
 */

const struct tide_detector tide_detector_demographic_parity_ratio = {
	.name = "demographic_parity_ratio",
	.aliases = "disparate_impact",
	.title = "Demographic parity ratio (disparate impact)",
	.unit = "1",
	.formula = "lowest / highest (tp + fp) / n of the groups",
	.source = "fairlearn.metrics.demographic_parity_ratio",
	.dialect = "",
	.family = TIDE_FAIRNESS,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_BINARY | TIDE_OF_SEGMENT,
	.judge = tide_groups_judge,
};
