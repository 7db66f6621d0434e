#include "detectors/operations/gauge.h"
/*
 *  (1) Predictions whose mapped `error` is true, not empty, or 400 and above, over all; no
 *      prediction: NO_DATA.
 *  (2) 95 % Wilson interval; p: exact two-sample mid-p test against the rate of the reference.
 *  (3) Source: Wilson 1927, Lancaster 1961. Matches: exact hypergeometric sums.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_evidence *evidence = subject->evidence;

	if (evidence->predictions == 0) {
		finding_fails(finding, TIDE_NO_DATA, "no prediction");
		return;
	}
	finding_proportion(finding, evidence->cell->errors, evidence->predictions);
	if (finding->reference_n > 0)
		finding_rate_test(finding, evidence->cell->errors, evidence->predictions,
		                  (uint64_t) (finding->reference * finding->reference_n + .5),
		                  (uint64_t) finding->reference_n);
}

const struct tide_detector tide_detector_error_rate = {
	.name = "error_rate",
	.aliases = "",
	.title = "Share of predictions that failed",
	.unit = "1",
	.formula = "failed / predictions",
	.source = "Lancaster 1961 (mid-p)",
	.dialect = "",
	.family = TIDE_OPERATIONS,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_NEEDS_MAPPED(TIDE_FAILURE),
	.judge = judge,
};
