#include "detectors/fairness/groups.h"
/*
 *  (1) Share of positive rows among the positive predictions of each group (Chouldechova 2017).
 *  (2) Groups, interval, p and n: detectors/fairness/groups.h.
 *  (3) Matches: numpy on the same counts, 1e-9.
 */

const struct tide_detector tide_detector_predictive_parity_difference = {
	.name = "predictive_parity_difference",
	.aliases = "",
	.title = "Predictive parity difference",
	.unit = "1",
	.formula = "highest - lowest tp / (tp + fp) of the groups",
	.source = "Chouldechova 2017",
	.dialect = "",
	.family = TIDE_FAIRNESS,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_BINARY | TIDE_OF_SEGMENT | TIDE_HAS_INTERVAL,
	.judge = tide_groups_judge,
};
