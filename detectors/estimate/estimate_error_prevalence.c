#include "detectors/estimate/estimate.h"
/*
 *  (1) By how much more rows were positive, among the labelled rows with a score, than the same
 *      rows were expected to be; see estimate.h. It is what drift of the inputs does not explain: 0
 *      outside of its interval says that scores no longer mean what they meant.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	tide_estimate_error_prevalence(subject, finding);
}

const struct tide_detector tide_detector_estimate_error_prevalence = {
	.name = "estimate_error_prevalence",
	.aliases = "",
	.title = "Positives beyond the estimate",
	.unit = "1",
	.formula = "share of positives - its expectation from the calibrated scores",
	.source = "NannyML CBPE, turned round",
	.dialect = "",
	.family = TIDE_ESTIMATE,
	.better = TIDE_BETTER_ZERO,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_BINARY | TIDE_NEEDS_REFERENCE | TIDE_HAS_INTERVAL,
	.judge = judge,
	.weighs = true,
};
