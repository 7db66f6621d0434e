#include "detectors/finding.h"
/*
 *  (1) unseen / (unseen + values on the categories of the reference). No value: NO_DATA.
 *  (2) p: exact two-sample mid-p test against the reference, where values beyond its 255
 *      categories count as unseen (SPEC 7.2).
 *  (3) Source: Lancaster 1961, Wilson 1927. Matches: exact hypergeometric sums.
 */

static uint64_t
bins_total(const uint64_t *bins, size_t count)
{
	uint64_t total = 0;

	for (size_t i = 0; bins && i < count; i++)
		total += bins[i];
	return total;
}

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_column_fold *fold = subject->fold;
	const struct tide_distribution *distribution = subject->distribution;
	uint64_t n = fold ? fold->unseen + bins_total(fold->bins, fold->bin_count) : 0;

	if (n == 0) {
		finding_fails(finding, TIDE_NO_DATA, "no value");
		return;
	}
	finding_proportion(finding, fold->unseen, n);
	if (distribution)
		finding_rate_test(finding, fold->unseen, n, distribution->unseen,
		                  distribution->unseen +
		                      bins_total(distribution->bins, distribution->bin_count));
}

const struct tide_detector tide_detector_unseen = {
	.name = "unseen",
	.aliases = "",
	.title = "Share of values that are no category of the reference",
	.unit = "1",
	.formula = "unseen / values",
	.source = "Lancaster 1961 (mid-p)",
	.dialect = "",
	.family = TIDE_QUALITY,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_NEEDS_CATEGORICAL |
	         TIDE_HAS_INTERVAL | TIDE_HAS_TEST,
	.judge = judge,
};
