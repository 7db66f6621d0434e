#include "detectors/finding.h"
/*
 *  (1) 1 where the reference has values of the column and the cell has none, else 0. No
 *      prediction, or no value in the reference: NO_DATA.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	if (subject->counts.rows == 0 || subject->distribution->counts.present == 0)
		finding_fails(finding, TIDE_NO_DATA, "no prediction, or no value in the reference");
	else
		finding_value(finding, subject->counts.present == 0, (double)subject->counts.rows);
}

const struct tide_detector tide_detector_vanished_column = {
	.name = "vanished_column",
	.aliases = "",
	.title = "Column that came no more",
	.unit = "1",
	.formula = "1 if no prediction has a value",
	.source = "the definition",
	.dialect = "",
	.family = TIDE_QUALITY,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE,
	.judge = judge,
};
