#include "detectors/finding.h"
/*
 *  (1) The smallest finite value. No value: NO_DATA.
 *  (2) Source: the definition. Matches: numpy min, exactly.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_column_fold *fold = subject->fold;

	if (!fold || fold->count == 0) {
		finding_fails(finding, TIDE_NO_DATA, "no value");
		return;
	}
	finding_value(finding, fold->min, (double)fold->count);
}

const struct tide_detector tide_detector_min = {
	.name = "min",
	.aliases = "",
	.title = "Minimum",
	.unit = "column",
	.formula = "min x",
	.source = "numpy.min",
	.dialect = "",
	.family = TIDE_QUALITY,
	.better = TIDE_BETTER_NONE,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_NUMERIC,
	.judge = judge,
};
