#include "detectors/finding.h"
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

	if (errors)
		finding_value(finding, tide_sum_round(&errors->symmetric) / (double)errors->count,
		              (double)errors->count);
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
