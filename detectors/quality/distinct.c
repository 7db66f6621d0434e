#include "detectors/finding.h"
/*
 *  (1) Number of different values among the finite numbers (both zeros are one) or the categories.
 *      No value: NO_DATA.
 *  (2) Exact where the numbers themselves are kept, and up to 256 values; else an UltraLogLog
 *      estimate with standard error 1.7 %, which the reason says, and its 95 % interval.
 *  (3) Source: Ertl 2024. Matches: the size of the set of values.
 */

#define STANDARD_ERROR .017

static uint64_t
distinct_sorted(const double *sorted, uint64_t count)
{
	uint64_t distinct = count > 0;

	for (uint64_t i = 1; i < count; i++)
		distinct += sorted[i] > sorted[i - 1];
	return distinct;
}

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_column_fold *fold = subject->fold;
	double n = (double)subject->counts.values;

	if (!fold || fold->count == 0) {
		finding_fails(finding, TIDE_NO_DATA, "no value");
	} else if (subject->sorted) {
		finding_value(finding, (double)distinct_sorted(subject->sorted, fold->count), n);
	} else {
		double estimate = tide_distinct_estimate(&fold->distinct);
		finding_value(finding, estimate, n);
		if (fold->distinct.exact <= TIDE_DISTINCT_EXACT_MAX)
			return;
		finding->lower = estimate * (1 - FINDING_Z95 * STANDARD_ERROR);
		finding->upper = estimate * (1 + FINDING_Z95 * STANDARD_ERROR);
		finding->reason = "an estimate with standard error 1.7 %";
	}
}

const struct tide_detector tide_detector_distinct = {
	.name = "distinct",
	.aliases = "",
	.title = "Number of different values",
	.unit = "1",
	.formula = "number of different values",
	.source = "Ertl 2024",
	.dialect = "",
	.family = TIDE_QUALITY,
	.better = TIDE_BETTER_NONE,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN,
	.judge = judge,
};
