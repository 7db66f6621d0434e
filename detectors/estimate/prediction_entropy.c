#include "detectors/estimate/estimate.h"
/*
 *  (1) How unsure the model was, from 0 to ln of how many classes there are: -sum p ln p, the mean
 *      of all predictions with scores.
 *  (2) Scores are divided by their sum; a row with fewer than two classes, or all of whose scores
 *      are 0, does not enter. No row: NO_DATA. Every row counts once, whatever its weight.
 *  (3) 95 % interval: value +- 1.96 sd / sqrt(n), from two rows on.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	tide_estimate_mean(subject, finding, TIDE_ENTROPY);
}

const struct tide_detector tide_detector_prediction_entropy = {
	.name = "prediction_entropy",
	.aliases = "",
	.title = "Mean entropy of the scores",
	.unit = "nat",
	.formula = "mean of -sum p ln p over the classes",
	.source = "Shannon 1948; scipy.stats.entropy",
	.dialect = "",
	.family = TIDE_ESTIMATE,
	.better = TIDE_BETTER_NONE,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_FOR_CLASSES | TIDE_HAS_INTERVAL,
	.judge = judge,
};
