#include "detectors/dialects/distance.h"
#include "detectors/drift/table.h"
/*
 *  (1) On Doane bins of the reference, and one more for what lies outside; or on all categories.
 *  (2) UNDEFINED where the values of a side are not kept, or beyond 255 categories that the
 *      reference lacks (SPEC 6.1, 6.2). No value on either side: NO_DATA.
 *  (3) Matches: its method `jensen_shannon`.
 */

#define LN_2 .69314718055994530942

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_table table;
	bool numeric = subject->type == TIDE_COLUMN_NUMERIC;

	if (numeric ? tide_table_doane(&table, subject, finding)
	            : tide_table_values(&table, subject, finding))
		finding_value(finding, sqrt(tide_distance_jensen_shannon(&table) / LN_2), table.n);
}

const struct tide_detector tide_detector_nannyml_jensen_shannon = {
	.name = "nannyml_jensen_shannon",
	.aliases = "",
	.title = "Jensen-Shannon distance of NannyML",
	.unit = "1",
	.formula = "sqrt((KL(p, s) + KL(q, s)) / 2), s = (p + q) / 2, binary logarithm",
	.source = "NannyML 0.13.1",
	.dialect = "nannyml",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_ON_DEMAND,
	.judge = judge,
};
