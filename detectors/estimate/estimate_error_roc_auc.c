#include "detectors/estimate/estimate.h"
/*
 *  (1) The area under the ROC curve of the labelled rows with a score, less what the same rows were
 *      expected to have; see estimate.h. Below 0 the model ranks worse than its scores say, which
 *      drift of the inputs does not explain. One class alone, came or expected: UNDEFINED.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	tide_estimate_error_area(subject, finding);
}

const struct tide_detector tide_detector_estimate_error_roc_auc = {
	.name = "estimate_error_roc_auc",
	.aliases = "",
	.title = "Area under the ROC curve beyond the estimate",
	.unit = "1",
	.formula = "roc_auc - its expectation from the calibrated scores",
	.source = "NannyML CBPE, turned round",
	.dialect = "",
	.family = TIDE_ESTIMATE,
	.better = TIDE_BETTER_ZERO,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_BINARY | TIDE_NEEDS_REFERENCE | TIDE_HAS_INTERVAL,
	.judge = judge,
	.weighs = true,
};
