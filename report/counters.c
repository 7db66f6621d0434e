#include "report/counters.h"
#include <string.h>

const double tide_counters_commit_seconds[TIDE_COUNTERS_COMMIT_BUCKETS] = {
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10};

void
tide_counters_start(struct tide_counters *counters)
{
	memset(counters, 0, sizeof *counters);
	tide_counters_set_ms(&counters->watermark_ms[0], INT64_MIN);
	tide_counters_set_ms(&counters->watermark_ms[1], INT64_MIN);
	tide_counters_set_ms(&counters->snapshot_ms, INT64_MIN);
}

void
tide_counters_commit(struct tide_counters *counters, uint64_t duration_ns)
{
	size_t bucket = 0;

	while (bucket < TIDE_COUNTERS_COMMIT_BUCKETS &&
	       (double) duration_ns > tide_counters_commit_seconds[bucket] * 1e9)
		bucket++;
	tide_counters_add(&counters->commit_buckets[bucket], 1);
	tide_counters_add(&counters->commit_ns, duration_ns);
	tide_counters_add(&counters->commits, 1);
}
