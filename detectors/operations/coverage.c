#include "detectors/operations/gauge.h"
/*
 *  (1) Labelled predictions over those that can have a label (SPEC 8.3). None: NO_DATA.
 *  (2) 95 % Wilson interval: how far the labels that came tell how many will come.
 *  (3) Source: Wilson 1927. It has no value in a reference, where every record has its label.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_evidence *evidence = subject->evidence;

	uint64_t eligible = tide_evidence_eligible(evidence);

	if (eligible == 0)
		finding_fails(finding, TIDE_NO_DATA,
		              evidence->predictions ? "no eligible prediction" : "no prediction");
	else
		finding_proportion(finding, evidence->labelled, eligible);
}

const struct tide_detector tide_detector_coverage = {
	.name = "coverage",
	.aliases = "",
	.title = "Share of predictions that have a label",
	.unit = "1",
	.formula = "labelled / eligible predictions",
	.source = "Wilson 1927",
	.dialect = "",
	.family = TIDE_OPERATIONS,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_WITHOUT_REFERENCE | TIDE_HAS_INTERVAL,
	.judge = judge,
};
