#include "detectors/performance/classes.h"
/*
 *  (1) Correct rows / rows. No labelled row: NO_DATA.
 *  (2) 95 % Wilson score interval of the proportion.
 *  (3) Source: Wilson 1927. Matches: scikit-learn accuracy_score, exactly.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct class_table table;

	if (class_table_read(&table, subject, finding))
		weight_share(finding, table.correct, table.n, table.effective, table.rows);
}

const struct tide_detector tide_detector_accuracy_score = {
	.name = "accuracy_score",
	.aliases = "accuracy",
	.title = "Accuracy",
	.unit = "1",
	.formula = "correct / n",
	.source = "scikit-learn sklearn.metrics.accuracy_score",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_CLASSES | TIDE_HAS_INTERVAL,
	.judge = judge,
};
