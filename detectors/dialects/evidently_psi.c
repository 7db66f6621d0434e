#include "detectors/dialects/evidently.h"
/*
 *  (1) sum (q - p) ln(q / p) on the cells that Evidently takes: shares of the reference q and
 *      current p, a share of zero raised to the floor of its side, not brought back to sum 1.
 *  (2) UNDEFINED where the values of a side are not kept, or beyond 255 categories that the
 *      reference lacks (SPEC 6.1, 6.2). No value on either side: NO_DATA.
 *  (3) Matches: its stattest `psi`.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_table table;
	struct tide_evidently_floor floor;
	double c, r, sum = 0;

	if (!tide_evidently_table(&table, subject, finding))
		return;
	floor = tide_evidently_floor(&table);
	while (tide_table_next(&table, &c, &r)) {
		double p = c > 0 ? c / table.n : floor.current;
		double q = r > 0 ? r / table.m : floor.reference;
		sum += (q - p) * log(q / p);
	}
	finding_value(finding, sum, table.n);
}

const struct tide_detector tide_detector_evidently_psi = {
	.name = "evidently_psi",
	.aliases = "",
	.title = "Population stability index of Evidently",
	.unit = "1",
	.formula = "sum (q - p) ln(q / p), Sturges bins over both samples",
	.source = "Evidently 0.7.23",
	.dialect = "evidently",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_ON_DEMAND,
	.judge = judge,
};
