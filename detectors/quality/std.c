#include "detectors/finding.h"
/*
 *  (1) sqrt(sum (x - mean)^2 / (n - 1)) over the finite values. No value: NO_DATA; one:
 *      UNDEFINED.
 *  (2) No interval: it needs the fourth moment.
 *  (3) Source: the definition. Matches: numpy std(ddof=1), 1e-15 relative.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_column_fold *fold = subject->fold;

	if (!fold || fold->count == 0) {
		finding_fails(finding, TIDE_NO_DATA, "no value");
		return;
	}
	double n = (double)fold->count;
	finding->n = n;
	if (fold->count < 2)
		finding_fails(finding, TIDE_UNDEFINED, "needs two values");
	else
		finding_value(finding, sqrt(tide_sum_variance(&fold->sum, &fold->squares, n, 1)),
		              n);
}

const struct tide_detector tide_detector_std = {
	.name = "std",
	.aliases = "",
	.title = "Standard deviation",
	.unit = "column",
	.formula = "sqrt(sum (x - mean)^2 / (n - 1))",
	.source = "numpy.std",
	.dialect = "",
	.family = TIDE_QUALITY,
	.better = TIDE_BETTER_NONE,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_NUMERIC,
	.judge = judge,
};
