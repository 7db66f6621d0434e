#include "detectors/finding.h"
/*
 *  (1) 1 where all values are the same, else 0. Fewer than two values: NO_DATA.
 *  (2) Exact: by the extremes of numbers and the set of categories.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_column_fold *fold = subject->fold;

	if (!fold || fold->count < 2) {
		finding_fails(finding, TIDE_NO_DATA, "fewer than two values");
		return;
	}
	bool constant = subject->type == TIDE_COLUMN_NUMERIC ? fold->min >= fold->max
	                                                     : fold->distinct.exact == 1;
	finding_value(finding, constant, (double)fold->count);
}

const struct tide_detector tide_detector_constant = {
	.name = "constant",
	.aliases = "",
	.title = "Is the column constant",
	.unit = "1",
	.formula = "1 if all values are equal",
	.source = "the definition",
	.dialect = "",
	.family = TIDE_QUALITY,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN,
	.judge = judge,
};
