#include "detectors/finding.h"
/*
 *  (1) Predictions in the cell, whatever they hold.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	double rows = (double)subject->evidence->predictions;

	finding_value(finding, rows, rows);
}

const struct tide_detector tide_detector_rows = {
	.name = "rows",
	.aliases = "",
	.title = "Predictions",
	.unit = "1",
	.formula = "predictions",
	.source = "the definition",
	.dialect = "",
	.family = TIDE_QUALITY,
	.better = TIDE_BETTER_NONE,
	.side = TIDE_SIDE_PREDICTION,
	.needs = 0,
	.judge = judge,
};
