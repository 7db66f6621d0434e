#include "detectors/quality/rate.h"
#include <string.h>

static uint64_t
count_at(const struct tide_counts *counts, size_t offset)
{
	uint64_t count;

	memcpy(&count, (const char *)counts + offset, sizeof count);
	return count;
}

void
tide_rate_judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_detector *rate = finding->detector;
	const struct tide_distribution *distribution = subject->distribution;
	uint64_t k = count_at(&subject->counts, rate->part);
	uint64_t n = count_at(&subject->counts, rate->whole);

	if (n == 0) {
		finding_fails(finding, TIDE_NO_DATA,
		              rate->whole == offsetof(struct tide_counts, rows) ? "no prediction"
		                                                                : "no value");
		return;
	}
	finding_proportion(finding, k, n);
	if (distribution)
		finding_rate_test(finding, k, n, count_at(&distribution->counts, rate->part),
		                  count_at(&distribution->counts, rate->whole));
}
