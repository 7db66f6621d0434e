#include "detectors/dialects/distance.h"
#include "detectors/drift/table.h"
/*
 *  (1) On Doane bins of the reference, and one more for what lies outside; or on all categories.
 *  (2) UNDEFINED where the values of a side are not kept, or beyond 255 categories that the
 *      reference lacks (SPEC 6.1, 6.2). No value on either side: NO_DATA.
 *  (3) Matches: its method `hellinger`.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_table table;
	bool numeric = subject->type == TIDE_COLUMN_NUMERIC;

	if (numeric ? tide_table_doane(&table, subject, finding)
	            : tide_table_values(&table, subject, finding))
		finding_value(finding, tide_distance_hellinger(&table), table.n);
}

const struct tide_detector tide_detector_nannyml_hellinger = {
	.name = "nannyml_hellinger",
	.aliases = "",
	.title = "Hellinger distance of NannyML",
	.unit = "1",
	.formula = "sqrt(sum (sqrt p - sqrt q)^2 / 2), Doane bins of the reference",
	.source = "NannyML 0.13.1",
	.dialect = "nannyml",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_ON_DEMAND,
	.judge = judge,
};
