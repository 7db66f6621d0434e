#include "detectors/estimate/estimate.h"
/*
 *  (1) The harmonic mean of estimated precision and recall; see estimate.h. Nothing is positive,
 *      neither said nor expected: UNDEFINED. A finding's reference is the reference's f1_score.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	static const struct tide_estimate_form over = {.tp = 2};
	static const struct tide_estimate_form under = {.positives = 1, .tp = 1, .fn = 1};

	tide_estimate_ratio(subject, finding, &over, &under,
	                    "nothing is positive, neither predicted nor expected");
}

const struct tide_detector tide_detector_estimated_f1_score = {
	.name = "estimated_f1_score",
	.aliases = "",
	.title = "Estimated F1",
	.unit = "1",
	.formula = "2 expected tp / expected (2 tp + fp + fn)",
	.source = "NannyML CBPE",
	.dialect = "",
	.family = TIDE_ESTIMATE,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_FOR_BINARY | TIDE_NEEDS_REFERENCE | TIDE_HAS_INTERVAL,
	.judge = judge,
	.estimated = &tide_detector_f1_score,
};
