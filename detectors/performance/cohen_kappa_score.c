#include "detectors/performance/classes.h"
/*
 *  (1) 1 - (n - c) / (n - sum t p / n), with c correct rows and, by class, t true and p predicted
 *      ones. No labelled row: NO_DATA.
 *  (2) One class alone, true and predicted: UNDEFINED, as in scikit-learn.
 *  (3) Source: Cohen 1960. Matches: scikit-learn cohen_kappa_score, 1e-9 relative.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct class_table table;
	double both = 0;

	if (!class_table_read(&table, subject, finding))
		return;
	for (size_t i = 0; i < table.count; i++)
		both += table.classes[i].target * table.classes[i].predicted;
	if (table.n * table.n == both)
		finding_fails(finding, TIDE_UNDEFINED, "only one class was true and predicted");
	else
		finding_value(finding, 1 - (table.n - table.correct) / (table.n - both / table.n),
		              table.rows);
}

const struct tide_detector tide_detector_cohen_kappa_score = {
	.name = "cohen_kappa_score",
	.aliases = "kappa",
	.title = "Cohen's kappa",
	.unit = "1",
	.formula = "1 - (n - c) / (n - sum t p / n)",
	.source = "scikit-learn sklearn.metrics.cohen_kappa_score",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_CLASSES,
	.judge = judge,
};
