#include "detectors/performance/reliability.h"
/*
 *  (1) 1: scores are as extreme as outcomes; below 1 too extreme, above 1 not enough. The rows are
 *      labelled rows with a score; reliability.h says how. Multiclass: of each class against all
 *      others.
 *  (2) No row has a score: NO_DATA. One class alone, or a score that parts the classes: UNDEFINED.
 *  (3) 95 % interval: value +- 1.96 standard errors of the Fisher information.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_score_curve *curve = tide_reliability_curve(subject, finding);
	struct tide_reliability_fit fit;

	if (!curve)
		return;
	if (tide_reliability_slope(curve, &fit))
		tide_reliability_finding(finding, curve, &fit);
	else
		finding_fails(finding, TIDE_UNDEFINED,
		              "needs classes that no score parts");
}

const struct tide_detector tide_detector_calibration_slope = {
	.name = "calibration_slope",
	.aliases = "",
	.title = "Calibration slope",
	.unit = "1",
	.formula = "b of ln odds = a + b logit(score), by maximum likelihood",
	.source = "Cox 1958; Van Calster et al. 2019",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_NONE,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_CLASSES | TIDE_OF_CLASS | TIDE_HAS_INTERVAL,
	.judge = judge,
};
