#include "detectors/performance/classes.h"
/*
 *  (1) (c n - sum t p) / sqrt((n^2 - sum p^2) (n^2 - sum t^2)), with c correct rows and, by class,
 *      t true and p predicted ones. No labelled row: NO_DATA.
 *  (2) One class alone, true or predicted: UNDEFINED, where scikit-learn returns 0.
 *  (3) Source: Gorodkin 2004. Matches: scikit-learn matthews_corrcoef, 1e-9 relative.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct class_table table;
	double both = 0, targets = 0, predicted = 0;

	if (!class_table_read(&table, subject, finding))
		return;
	for (size_t i = 0; i < table.count; i++) {
		const struct class_margin *class = &table.classes[i];
		both += class->target * class->predicted;
		targets += class->target * class->target;
		predicted += class->predicted * class->predicted;
	}
	double square = table.n * table.n;
	if (square == targets || square == predicted)
		finding_fails(finding, TIDE_UNDEFINED, "only one class was true or predicted");
	else
		finding_value(finding, (table.correct * table.n - both) /
		              sqrt((square - predicted) * (square - targets)), table.rows);
}

const struct tide_detector tide_detector_matthews_corrcoef = {
	.name = "matthews_corrcoef",
	.aliases = "mcc",
	.title = "Matthews correlation coefficient",
	.unit = "1",
	.formula = "(c n - sum t p) / sqrt((n^2 - sum p^2) (n^2 - sum t^2))",
	.source = "scikit-learn sklearn.metrics.matthews_corrcoef",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_CLASSES,
	.judge = judge,
};
