#include "detectors/finding.h"
/*
 *  (1) Share of the predictions that have a column which the reference of the cell lacks; only
 *      such columns have this finding. No prediction: NO_DATA.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	double rows = (double)subject->counts.rows;

	if (subject->counts.rows == 0)
		finding_fails(finding, TIDE_NO_DATA, "no prediction");
	else
		finding_value(finding, (double)subject->counts.present / rows, rows);
}

const struct tide_detector tide_detector_new_column = {
	.name = "new_column",
	.aliases = "",
	.title = "Column that the reference lacks",
	.unit = "1",
	.formula = "present / predictions",
	.source = "the definition",
	.dialect = "",
	.family = TIDE_QUALITY,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_UNLIKE_REFERENCE,
	.judge = judge,
};
