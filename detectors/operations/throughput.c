#include "detectors/operations/gauge.h"
/*
 *  (1) Predictions of the window over its size. A reference has no windows, and no such value.
 *  (2) No interval: it is a count.
 *  (3) Source: the definition.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_evidence *evidence = subject->evidence;
	double seconds = (double) (evidence->end_ms - evidence->start_ms) / 1000;

	finding_value(finding, (double) evidence->predictions / seconds,
	              (double) evidence->predictions);
}

const struct tide_detector tide_detector_throughput = {
	.name = "throughput",
	.aliases = "",
	.title = "Predictions per second",
	.unit = "1/s",
	.formula = "predictions / seconds of the window",
	.source = "the definition",
	.dialect = "",
	.family = TIDE_OPERATIONS,
	.better = TIDE_BETTER_NONE,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_WITHOUT_REFERENCE,
	.judge = judge,
};
