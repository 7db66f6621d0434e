#include "detectors/estimate/estimate.h"
/*
 *  (1) What of the expected positives was said to be positive; see estimate.h. None is expected:
 *      UNDEFINED. A finding's reference is the reference's recall_score.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	static const struct tide_estimate_form over = {.tp = 1};
	static const struct tide_estimate_form under = {.tp = 1, .fn = 1};

	tide_estimate_ratio(subject, finding, &over, &under,
	                    "no positive is expected");
}

const struct tide_detector tide_detector_estimated_recall_score = {
	.name = "estimated_recall_score",
	.aliases = "",
	.title = "Estimated recall",
	.unit = "1",
	.formula = "expected tp / expected (tp + fn)",
	.source = "NannyML CBPE",
	.dialect = "",
	.family = TIDE_ESTIMATE,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_FOR_BINARY | TIDE_NEEDS_REFERENCE | TIDE_HAS_INTERVAL,
	.judge = judge,
	.estimated = &tide_detector_recall_score,
};
