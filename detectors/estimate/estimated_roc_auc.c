#include "detectors/estimate/estimate.h"
/*
 *  (1) The area under the ROC curve of the expected outcomes, ties counting half; see estimate.h.
 *      One class alone is expected: UNDEFINED. A finding's reference is the reference's roc_auc.
 *  (2) Past exact_rows the rows are in bins (SPEC 6.1), and the interval is wider by what the order
 *      inside the bins can change.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	tide_estimate_area(subject, finding);
}

const struct tide_detector tide_detector_estimated_roc_auc = {
	.name = "estimated_roc_auc",
	.aliases = "",
	.title = "Estimated area under the ROC curve",
	.unit = "1",
	.formula = "expected pairs in order / expected pairs",
	.source = "NannyML CBPE",
	.dialect = "",
	.family = TIDE_ESTIMATE,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_FOR_BINARY | TIDE_NEEDS_REFERENCE | TIDE_HAS_INTERVAL,
	.judge = judge,
	.estimated = &tide_detector_roc_auc,
};
