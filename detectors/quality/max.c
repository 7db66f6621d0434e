#include "detectors/finding.h"
/*
 *  (1) The largest finite value. No value: NO_DATA.
 *  (2) Source: the definition. Matches: numpy max, exactly.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_column_fold *fold = subject->fold;

	if (!fold || fold->count == 0) {
		finding_fails(finding, TIDE_NO_DATA, "no value");
		return;
	}
	finding_value(finding, fold->max, (double)fold->count);
}

const struct tide_detector tide_detector_max = {
	.name = "max",
	.aliases = "",
	.title = "Maximum",
	.unit = "column",
	.formula = "max x",
	.source = "numpy.max",
	.dialect = "",
	.family = TIDE_QUALITY,
	.better = TIDE_BETTER_NONE,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_NUMERIC,
	.judge = judge,
};
