#include "detectors/performance/weight.h"
/*
 *  (1) The mean of 2 |prediction - target| / (|prediction| + |target|), a fraction from 0 to 2;
 *      a row where both are zero counts as 0. No labelled row: NO_DATA.
 *  (2) No interval: its variance needs squares that no fold keeps.
 *  (3) Source: Makridakis 1993. Matches: the definition, 1e-9 relative.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_error_fold *errors = finding_errors(subject, finding);

	if (!errors)
		return;
	struct weight_of of = weight_of_errors(subject);
	weight_mean(finding, &of, &errors->symmetric, NULL);
}

const struct tide_detector tide_detector_symmetric_mean_absolute_percentage_error = {
	.name = "symmetric_mean_absolute_percentage_error",
	.aliases = "smape",
	.title = "Symmetric mean absolute percentage error",
	.unit = "1",
	.formula = "mean of 2 |prediction - target| / (|prediction| + |target|)",
	.source = "Makridakis 1993",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_REGRESSION,
	.judge = judge,
};
