#include "detectors/dialects/evidently.h"
/*
 *  (1) KL(reference || current) on the cells that Evidently takes, a share of zero raised to the
 *      floor of its side; then both sides are brought back to sum 1.
 *  (2) UNDEFINED where the values of a side are not kept, or beyond 255 categories that the
 *      reference lacks (SPEC 6.1, 6.2). No value on either side: NO_DATA.
 *  (3) Matches: its stattest `kl_div`.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_table table;
	struct tide_evidently_floor floor;
	double c, r, sum = 0, p_sum = 0, q_sum = 0;

	if (!tide_evidently_table(&table, subject, finding))
		return;
	floor = tide_evidently_floor(&table);
	while (tide_table_next(&table, &c, &r)) {
		double p = c > 0 ? c / table.n : floor.current;
		double q = r > 0 ? r / table.m : floor.reference;
		sum += q * log(q / p);
		p_sum += p;
		q_sum += q;
	}
	/* sum (q / Q) ln((q / Q) / (p / P)) of the sums P and Q */
	finding_value(finding, sum / q_sum + log(p_sum / q_sum), table.n);
}

const struct tide_detector tide_detector_evidently_kl_div = {
	.name = "evidently_kl_div",
	.aliases = "",
	.title = "Kullback-Leibler divergence of Evidently",
	.unit = "1",
	.formula = "sum q ln(q / p), Sturges bins over both samples",
	.source = "Evidently 0.7.23",
	.dialect = "evidently",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_ON_DEMAND,
	.judge = judge,
};
