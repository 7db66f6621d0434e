#include "detectors/drift/pair.h"
/*
 *  (1) X^2 of the column's one test (drift/pair.h) with its plain p: that of "different at all",
 *      which `drift` does not alarm on (SPEC 7.3).
 *  (2) Fewer than two cells: INSUFFICIENT.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	if (isnan(subject->test.df)) {
		finding_fails(finding, TIDE_INSUFFICIENT, "fewer than two cells of enough values");
		return;
	}
	finding_value(finding, subject->test.square, (double)subject->counts.values);
	finding->reference = subject->test.df; /* the mean under no drift */
	finding->p_value = subject->test.plain_p;
	finding->log10_p = subject->test.plain_log10_p;
	finding_test(finding, &subject->test);
}

const struct tide_detector tide_detector_chi_square = {
	.name = "chi_square",
	.aliases = "",
	.title = "Pearson chi-square",
	.unit = "1",
	.formula = "sum (observed - expected)^2 / expected",
	.source = "Pearson 1911",
	.dialect = "",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE,
	.judge = judge,
};
