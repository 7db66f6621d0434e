#include "detectors/fairness/groups.h"
/*
 *  (1) Of the true and the false positive rates of the groups the one that lies further apart
 *      (Hardt, Price and Srebro 2016).
 *  (2) Groups, interval, p and n: detectors/fairness/groups.h.
 *  (3) Matches: fairlearn where no group is left out, 1e-9.
 */

const struct tide_detector tide_detector_equalized_odds_difference = {
	.name = "equalized_odds_difference",
	.aliases = "",
	.title = "Equalized odds difference",
	.unit = "1",
	.formula = "larger of the differences of tp / (tp + fn) and fp / (fp + tn)",
	.source = "fairlearn.metrics.equalized_odds_difference",
	.dialect = "",
	.family = TIDE_FAIRNESS,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_BINARY | TIDE_OF_SEGMENT | TIDE_HAS_INTERVAL,
	.judge = tide_groups_judge,
};
