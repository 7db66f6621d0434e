#include "detectors/drift/table.h"
/*
 *  (1) max |p - q| over every category of either side, unseen ones too, each alone.
 *  (2) UNDEFINED where the values of a side are not kept, or beyond 255 categories that the
 *      reference lacks (SPEC 6.1, 6.2). No value on either side: NO_DATA.
 *  (3) Matches: its method `l_infinity`.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_table table;
	double c, r, most = 0;

	if (!tide_table_values(&table, subject, finding))
		return;
	while (tide_table_next(&table, &c, &r))
		most = fmax(most, fabs(c / table.n - r / table.m));
	finding_value(finding, most, table.n);
}

const struct tide_detector tide_detector_nannyml_l_infinity = {
	.name = "nannyml_l_infinity",
	.aliases = "",
	.title = "Largest difference of shares of NannyML",
	.unit = "1",
	.formula = "max |p - q|",
	.source = "NannyML 0.13.1",
	.dialect = "nannyml",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_ON_DEMAND |
	         TIDE_NEEDS_CATEGORICAL,
	.judge = judge,
};
