#include "detectors/estimate/estimate.h"
/*
 *  (1) The expected share of positives among rows that were said to be positive; see estimate.h. No
 *      such row: UNDEFINED. A finding's reference is the reference's precision_score.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	static const struct tide_estimate_form over = {.tp = 1};
	static const struct tide_estimate_form under = {.positives = 1};

	tide_estimate_ratio(subject, finding, &over, &under,
	                    "nothing was predicted positive");
}

const struct tide_detector tide_detector_estimated_precision_score = {
	.name = "estimated_precision_score",
	.aliases = "",
	.title = "Estimated precision",
	.unit = "1",
	.formula = "expected tp / (tp + fp)",
	.source = "NannyML CBPE",
	.dialect = "",
	.family = TIDE_ESTIMATE,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_FOR_BINARY | TIDE_NEEDS_REFERENCE | TIDE_HAS_INTERVAL,
	.judge = judge,
	.estimated = &tide_detector_precision_score,
};
