#include "detectors/performance/classes.h"
/*
 *  (1) Wrong rows / rows. No labelled row: NO_DATA.
 *  (2) 95 % Wilson score interval of the proportion.
 *  (3) Source: Wilson 1927. Matches: scikit-learn zero_one_loss, exactly.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct class_table table;

	if (class_table_read(&table, subject, finding))
		weight_share(finding, table.n - table.correct, table.n, table.effective, table.rows);
}

const struct tide_detector tide_detector_zero_one_loss = {
	.name = "zero_one_loss",
	.aliases = "",
	.title = "Share of wrong predictions",
	.unit = "1",
	.formula = "wrong / n",
	.source = "scikit-learn sklearn.metrics.zero_one_loss",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_CLASSES | TIDE_HAS_INTERVAL,
	.judge = judge,
};
