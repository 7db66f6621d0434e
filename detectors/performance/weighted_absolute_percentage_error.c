#include "detectors/finding.h"
/*
 *  (1) Sum |prediction - target| / sum |target|, a fraction. No labelled row: NO_DATA.
 *  (2) Every target zero: UNDEFINED.
 *  (3) Source: Kolassa and Schuetz 2007. Matches: the definition in exact arithmetic, 1e-9
 *      relative.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_error_fold *errors = finding_errors(subject, finding);

	if (!errors)
		return;
	double size = tide_sum_round(&errors->target_absolute);
	if (size == 0)
		finding_fails(finding, TIDE_UNDEFINED, "every target is zero");
	else
		finding_value(finding, tide_sum_round(&errors->absolute) / size,
		              (double)errors->count);
}

const struct tide_detector tide_detector_weighted_absolute_percentage_error = {
	.name = "weighted_absolute_percentage_error",
	.aliases = "wape",
	.title = "Weighted absolute percentage error",
	.unit = "1",
	.formula = "sum |prediction - target| / sum |target|",
	.source = "Kolassa and Schuetz 2007",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_REGRESSION,
	.judge = judge,
};
