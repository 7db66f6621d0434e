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

int64_t
tide_worker_counters_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
tide_worker_counters_open(struct worker *worker)
{
	worker->opened_ms = tide_worker_counters_now_ms();
	if (worker->setup->counters)
		atomic_store(&worker->setup->counters->ready, false);
}

void
tide_worker_counters_move(const struct worker *worker)
{
	if (worker->setup->counters)
		tide_counters_set_ms(&worker->setup->counters->moved_ms,
		                     tide_worker_counters_now_ms());
}

/* Inputs of which half is refused, and letters that this kept back. */
static void
poison_update(const struct worker *worker, struct tide_counters *counters)
{
	uint64_t broken[2] = {0}, capped = worker->summary->capped;

	for (size_t i = 0; i < worker->queue_count; i++) {
		const struct worker_queue *queue = &worker->queues[i];
		if (!queue->task)
			continue;
		broken[queue->about->role] += queue->poison.broken;
		capped += queue->poison.capped;
	}
	for (int role = 0; role < 2; role++)
		tide_counters_set(&counters->broken[role], broken[role]);
	tide_counters_set(&counters->capped, capped);
}

static void
state_update(struct worker *worker, struct tide_counters *counters)
{
	bool rewinding = tide_worker_live_is_rewinding(worker);
	bool ready = worker->queue_count > 0 && !rewinding;
	int64_t oldest_ms = INT64_MAX;
	uint64_t bytes = 0;

	for (size_t i = 0; i < worker->task_count; i++) {
		bytes += worker->tasks[i].snapshot_bytes;
		tide_clock_lower(&oldest_ms, worker->tasks[i].snapshot_ms);
	}
	if (!worker->setup->snapshot_interval_ms || worker->task_count == 0)
		oldest_ms = INT64_MIN;
	tide_counters_set(&counters->tasks, worker->task_count);
	tide_counters_set(&counters->stages, worker->queue_count ? worker->stage_count : 0);
	tide_counters_set(&counters->snapshot_bytes, bytes);
	tide_counters_set_ms(&counters->snapshot_ms, oldest_ms);
	if (ready && worker->opened_ms) {
		int64_t took_ms = tide_worker_counters_now_ms() - worker->opened_ms;
		tide_counters_set(&counters->restore_ms, took_ms > 0 ? (uint64_t) took_ms : 0);
		worker->opened_ms = 0;
	}
	atomic_store(&counters->rewinding, rewinding);
	atomic_store(&counters->ready, ready);
}

void
tide_worker_counters_update(struct worker *worker)
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
	poison_update(worker, counters);
	state_update(worker, counters);
}
