#include "detectors/estimate/estimate.h"
/*
 *  (1) The expected share of predictions that are right; see estimate.h. A finding's reference is
 *      the reference's accuracy_score.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	static const struct tide_estimate_form over = {.negatives = 1, .tp = 1, .fn = -1};
	static const struct tide_estimate_form under = {.positives = 1, .negatives = 1};

	tide_estimate_ratio(subject, finding, &over, &under,
	                    "no row weighs anything");
}

const struct tide_detector tide_detector_estimated_accuracy_score = {
	.name = "estimated_accuracy_score",
	.aliases = "",
	.title = "Estimated accuracy",
	.unit = "1",
	.formula = "expected (tp + tn) / n",
	.source = "NannyML CBPE",
	.dialect = "",
	.family = TIDE_ESTIMATE,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_FOR_BINARY | TIDE_NEEDS_REFERENCE | TIDE_HAS_INTERVAL,
	.judge = judge,
	.estimated = &tide_detector_accuracy_score,
};
