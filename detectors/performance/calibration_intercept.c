#include "detectors/performance/reliability.h"
/*
 *  (1) By how much the scores are too low (above 0) or too high (below 0), as ln odds, all rows
 *      together: the intercept beside a slope of 1. The rows are labelled rows with a score;
 *      reliability.h says how. Multiclass: of each class against all others.
 *  (2) No row has a score: NO_DATA. One class alone: UNDEFINED.
 *  (3) 95 % interval: value +- 1.96 standard errors of the Fisher information.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_score_curve *curve = tide_reliability_curve(subject, finding);
	struct tide_reliability_fit fit;

	if (!curve)
		return;
	if (tide_reliability_intercept(curve, &fit))
		tide_reliability_finding(finding, curve, &fit);
	else
		finding_fails(finding, TIDE_UNDEFINED,
		              "needs rows of the class and of another");
}

const struct tide_detector tide_detector_calibration_intercept = {
	.name = "calibration_intercept",
	.aliases = "calibration_in_the_large",
	.title = "Calibration intercept",
	.unit = "nat",
	.formula = "a of ln odds = a + logit(score), by maximum likelihood",
	.source = "Cox 1958; Van Calster et al. 2019",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_ZERO,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_CLASSES | TIDE_OF_CLASS | TIDE_HAS_INTERVAL,
	.judge = judge,
};
