#include "detectors/fairness/groups.h"
/*
 *  (1) Of the true and the false positive rates of the groups the one of the smaller ratio.
 *  (2) Groups, interval, p and n: detectors/fairness/groups.h.
 *  (3) Matches: fairlearn where no group is left out, 1e-9.
 */

const struct tide_detector tide_detector_equalized_odds_ratio = {
	.name = "equalized_odds_ratio",
	.aliases = "",
	.title = "Equalized odds ratio",
	.unit = "1",
	.formula = "smaller of the ratios of tp / (tp + fn) and fp / (fp + tn)",
	.source = "fairlearn.metrics.equalized_odds_ratio",
	.dialect = "",
	.family = TIDE_FAIRNESS,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_BINARY | TIDE_OF_SEGMENT,
	.judge = tide_groups_judge,
};
