#include "detectors/estimate/estimate.h"
/*
 *  (1) The score of the most probable class, the mean of all predictions with scores. Of a model
 *      whose scores are calibrated it is the accuracy of what is most probable.
 *  (2) Scores are divided by their sum; a row with fewer than two classes, or all of whose scores
 *      are 0, does not enter. No row: NO_DATA. Every row counts once, whatever its weight.
 *  (3) 95 % interval: value +- 1.96 sd / sqrt(n), from two rows on.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	tide_estimate_mean(subject, finding, TIDE_CONFIDENCE);
}

const struct tide_detector tide_detector_prediction_confidence = {
	.name = "prediction_confidence",
	.aliases = "",
	.title = "Mean confidence",
	.unit = "1",
	.formula = "mean of the best score",
	.source = "Guo et al. 2017",
	.dialect = "",
	.family = TIDE_ESTIMATE,
	.better = TIDE_BETTER_NONE,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_FOR_CLASSES | TIDE_HAS_INTERVAL,
	.judge = judge,
};
