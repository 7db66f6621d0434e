#include "app/worker_private.h"
#include "report/counters.h"
#include <time.h>

static int64_t
watermark_least(const struct worker *worker, int role)
{
	int64_t least_ms = TIDE_CLOCK_END;

	for (size_t i = 0; i < worker->queue_count; i++) {
		const struct worker_queue *queue = &worker->queues[i];
		int64_t watermark_ms = tide_worker_watermark(worker, queue);
		if (queue->about->role == role && watermark_ms < least_ms)
			least_ms = watermark_ms;
	}
	return least_ms == TIDE_CLOCK_END ? TIDE_NO_TIME : least_ms;
}

void
tide_worker_counters_move(const struct worker *worker)
{
	struct timespec now;

	if (!worker->setup->counters)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	tide_counters_set_ms(&worker->setup->counters->moved_ms,
	                     (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

void
tide_worker_counters_update(const struct worker *worker)
{
	const struct tide_worker_summary *summary = worker->summary;
	struct tide_counters *counters = worker->setup->counters;
	struct tide_input_counts counts = {0};
	uint64_t pending = 0;

	if (!counters)
		return;
	for (size_t i = 0; i < worker->task_count; i++) {
		tide_window_close_counts(worker->tasks[i].windows, &counts);
		pending += tide_window_pending(worker->tasks[i].windows);
	}
	for (int role = 0; role < 2; role++) {
		tide_counters_set(&counters->read[role], summary->read[role]);
		for (size_t i = 0; i < TIDE_OUTCOMES; i++)
			tide_counters_set(&counters->outcomes[role][i],
			                  summary->outcomes[role][i] + counts.outcomes[role][i]);
		tide_counters_set_ms(&counters->watermark_ms[role],
		                     watermark_least(worker, role));
	}
	tide_counters_set(&counters->results, summary->results);
	tide_counters_set(&counters->fired, summary->fired);
	tide_counters_set(&counters->resolved, summary->alerts - summary->fired);
	tide_counters_set(&counters->dead_letters, summary->dead_letters);
	tide_counters_set(&counters->pending, pending);
	tide_counters_set(&counters->memory_bytes, worker->pool.held_bytes);
	tide_counters_set(&counters->memory_limit_bytes, worker->pool.cap_bytes);
	atomic_store(&counters->ready, worker->queue_count > 0);
}
