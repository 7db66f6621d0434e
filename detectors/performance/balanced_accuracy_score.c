#include "detectors/performance/classes.h"
/*
 *  (1) The mean recall of the classes that have labelled rows. No labelled row: NO_DATA.
 *  (2) No interval: it is no proportion of independent rows.
 *  (3) Source: Brodersen et al. 2010. Matches: scikit-learn balanced_accuracy_score, 1e-9 relative.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct class_table table;
	double sum = 0, classes = 0;

	if (!class_table_read(&table, subject, finding))
		return;
	for (size_t i = 0; i < table.count; i++) {
		if (table.classes[i].target == 0)
			continue;
		sum += table.classes[i].correct / table.classes[i].target;
		classes++;
	}
	finding_value(finding, sum / classes, table.rows);
}

const struct tide_detector tide_detector_balanced_accuracy_score = {
	.name = "balanced_accuracy_score",
	.aliases = "balanced_accuracy",
	.title = "Balanced accuracy",
	.unit = "1",
	.formula = "mean over classes of correct / rows of the class",
	.source = "scikit-learn sklearn.metrics.balanced_accuracy_score",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_CLASSES,
	.judge = judge,
};
