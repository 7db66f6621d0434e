#include "detectors/finding.h"
/*
 *  (1) (absent + null) / predictions; a column that no record has is missing everywhere. No
 *      prediction: NO_DATA.
 *  (2) p: exact two-sample mid-p test against the reference rate (SPEC 7.2); 95 % Wilson
 *      interval.
 *  (3) Source: Lancaster 1961, Wilson 1927. Matches: exact hypergeometric sums.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	uint64_t n = subject->evidence->predictions;
	const struct tide_column_fold *fold = subject->fold;

	if (n == 0) {
		finding_fails(finding, TIDE_NO_DATA, "no prediction");
		return;
	}
	uint64_t there = fold ? fold->present - fold->nulls : 0;
	uint64_t k = n > there ? n - there : 0;
	finding_proportion(finding, k, n);
	if (subject->distribution)
		finding_rate_test(finding, k, n, subject->distribution->missing,
		                  subject->distribution->rows);
}

const struct tide_detector tide_detector_missing = {
	.name = "missing",
	.aliases = "",
	.title = "Share of predictions without a value",
	.unit = "1",
	.formula = "(absent + null) / predictions",
	.source = "Lancaster 1961 (mid-p)",
	.dialect = "",
	.family = TIDE_QUALITY,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_HAS_INTERVAL | TIDE_HAS_TEST,
	.judge = judge,
};
