#include "detectors/finding.h"
/*
 *  (1) (values below the minimum + above the maximum of the reference) / numeric values. No
 *      value: NO_DATA.
 *  (2) p: exact two-sample mid-p test against the reference, whose own rate is 0 (SPEC 7.2).
 *  (3) Source: Lancaster 1961, Wilson 1927. Matches: exact hypergeometric sums.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_column_fold *fold = subject->fold;

	if (!fold || fold->count == 0) {
		finding_fails(finding, TIDE_NO_DATA, "no value");
		return;
	}
	finding_proportion(finding, fold->below + fold->above, fold->count);
	if (subject->distribution)
		finding_rate_test(finding, fold->below + fold->above, fold->count,
		                  subject->distribution->outside, subject->distribution->count);
}

const struct tide_detector tide_detector_out_of_range = {
	.name = "out_of_range",
	.aliases = "",
	.title = "Share of values outside the range of the reference",
	.unit = "1",
	.formula = "(below min + above max of the reference) / values",
	.source = "Lancaster 1961 (mid-p)",
	.dialect = "",
	.family = TIDE_QUALITY,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_NEEDS_NUMERIC |
	         TIDE_HAS_INTERVAL | TIDE_HAS_TEST,
	.judge = judge,
};
