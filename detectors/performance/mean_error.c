#include "detectors/performance/weight.h"
/*
 *  (1) Sum (prediction - target) / n: above zero the model predicts too much. No labelled
 *      row: NO_DATA.
 *  (2) 95 % interval: value +- 1.96 sd / sqrt(n), from two rows on.
 *  (3) Source: Hyndman and Koehler 2006. Matches: numpy mean(prediction - target), 1e-9 of
 *      the mean magnitude.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_error_fold *errors = finding_errors(subject, finding);

	if (!errors)
		return;
	struct weight_of of = weight_of_errors(subject);
	weight_mean(finding, &of, &errors->error, &errors->squares);
}

const struct tide_detector tide_detector_mean_error = {
	.name = "mean_error",
	.aliases = "bias",
	.title = "Mean error",
	.unit = "target",
	.formula = "sum (prediction - target) / n",
	.source = "Hyndman and Koehler 2006",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_ZERO,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_REGRESSION | TIDE_HAS_INTERVAL,
	.judge = judge,
};
