#include "detectors/finding.h"
/*
 *  (1) sum x / n over the finite values. No value: NO_DATA.
 *  (2) 95 % interval: value +- 1.96 sd / sqrt(n), from two values on.
 *  (3) Source: the definition. Matches: Python statistics.fmean.
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
	finding_value(finding, tide_sum_round(&fold->sum) / n, n);
	finding_mean_interval(finding, tide_sum_variance(&fold->sum, &fold->squares, n, 1));
}

const struct tide_detector tide_detector_mean = {
	.name = "mean",
	.aliases = "",
	.title = "Mean",
	.unit = "column",
	.formula = "sum x / n",
	.source = "numpy.mean",
	.dialect = "",
	.family = TIDE_QUALITY,
	.better = TIDE_BETTER_NONE,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_NUMERIC | TIDE_HAS_INTERVAL,
	.judge = judge,
};
