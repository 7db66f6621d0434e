#include "detectors/dialects/distance.h"
#include "detectors/dialects/evidently.h"
/*
 *  (1) Square root of the divergence in nats, on the cells that Evidently takes.
 *  (2) UNDEFINED where the values of a side are not kept, or beyond 255 categories that the
 *      reference lacks (SPEC 6.1, 6.2). No value on either side: NO_DATA.
 *  (3) Matches: its stattest `jensenshannon`.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_table table;

	if (tide_evidently_table(&table, subject, finding))
		finding_value(finding, sqrt(tide_distance_jensen_shannon(&table)), table.n);
}

const struct tide_detector tide_detector_evidently_jensenshannon = {
	.name = "evidently_jensenshannon",
	.aliases = "",
	.title = "Jensen-Shannon distance of Evidently",
	.unit = "1",
	.formula = "sqrt((KL(p, s) + KL(q, s)) / 2), s = (p + q) / 2, natural logarithm",
	.source = "Evidently 0.7.23",
	.dialect = "evidently",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_ON_DEMAND,
	.judge = judge,
};
