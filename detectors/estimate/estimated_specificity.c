#include "detectors/estimate/estimate.h"
/*
 *  (1) What of the expected negatives was said to be negative; see estimate.h. None is expected:
 *      UNDEFINED. A finding's reference is the reference's specificity.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	static const struct tide_estimate_form over = {.negatives = 1, .fn = -1};
	static const struct tide_estimate_form under = {1, 1, -1, -1};

	tide_estimate_ratio(subject, finding, &over, &under,
	                    "no negative is expected");
}

const struct tide_detector tide_detector_estimated_specificity = {
	.name = "estimated_specificity",
	.aliases = "",
	.title = "Estimated specificity",
	.unit = "1",
	.formula = "expected tn / expected (tn + fp)",
	.source = "NannyML CBPE",
	.dialect = "",
	.family = TIDE_ESTIMATE,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_FOR_BINARY | TIDE_NEEDS_REFERENCE | TIDE_HAS_INTERVAL,
	.judge = judge,
	.estimated = &tide_detector_specificity,
};
