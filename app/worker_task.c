#include "app/worker_private.h"
#include "detectors/concept/risk.h"
#include <stdlib.h>

/* Predictions and labels of one id must meet: partition by partition (SPEC 1.3). */
static int
task_join(struct worker *worker, struct worker_queue *queue, struct tide_error *error)
{
	struct worker_task *task = NULL;

	for (size_t i = 0; i < worker->task_count; i++)
		if (worker->tasks[i].partition == queue->about->partition)
			task = &worker->tasks[i];
	if (!task) {
		task = &worker->tasks[worker->task_count++];
		task->partition = queue->about->partition;
		task->partitions = queue->about->partition_count;
	}
	queue->task = task;
	if (task->partitions == queue->about->partition_count)
		return 0;
	return tide_error_stop(error, TIDE_ERROR_CONFIG,
	                       "the topics of predictions and labels have %d and %d partitions: a label "
	                       "is looked for in the partition that has the number of its "
	                       "prediction's, so make them equal, with the same key and partitioner",
	                       queue->about->role == TIDE_PREDICTIONS
	                               ? (int) queue->about->partition_count
	                               : (int) task->partitions,
	                       queue->about->role == TIDE_PREDICTIONS
	                               ? (int) task->partitions
	                               : (int) queue->about->partition_count);
}

/* From hand to hand a pane is whole only where one worker has all partitions. */
static int
tasks_are_all(const struct worker *worker, struct tide_error *error)
{
	if (worker_is_one_of_many(worker) || worker->task_count == 0 ||
	    worker->task_count == (size_t) worker->tasks[0].partitions)
		return 0;
	return tide_error_stop(
	        error, TIDE_ERROR_CONFIG,
	        "%zu of %d partitions are ours: another worker is in this group. For several, write "
	        "`outputs: {partials: {topic: %s-partials}}` and give each `--instance NAME`",
	        worker->task_count, (int) worker->tasks[0].partitions,
	        worker->setup->config->name);
}

int
tide_worker_task_open(struct worker *worker, struct tide_error *error)
{
	const struct tide_worker_setup *setup = worker->setup;
	const struct tide_config *config = setup->config;
	const struct tide_shape *shape = setup->reference ? tide_reference_shape(setup->reference)
	                                                  : &worker->no_shape;
	struct tide_window_setup windows =
	        tide_worker_windows(config, &config->window, setup->columns, shape);

	windows.error_cap = tide_risk_error_cap(setup->reference);
	worker->tasks = calloc(worker->queue_count + 1, sizeof *worker->tasks);
	if (!worker->tasks)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	for (size_t i = 0; i < worker->queue_count; i++)
		if (worker->queues[i].about->role != TIDE_PARTIALS &&
		    task_join(worker, &worker->queues[i], error))
			return -1;
	for (size_t i = 0; i < worker->task_count; i++) {
		struct worker_task *task = &worker->tasks[i];
		task->clock_ms = TIDE_NO_TIME;
		task->from_ms = INT64_MIN;
		task->told_ms = task->told_input_ms = INT64_MIN;
		task->progress = (struct tide_progress){TIDE_NO_TIME, TIDE_NO_TIME, TIDE_NO_TIME,
		                                        false};
		task->seed = setup->seed;
		task->snapshot_ms = tide_worker_counters_now_ms();
		tide_state_snapshot_init(&task->loading, WORKER_BYTES_MAX);
		task->windows = tide_window_new(&windows, &worker->pool);
		if (!task->windows)
			return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	}
	return tasks_are_all(worker, error);
}

void
tide_worker_task_close(struct worker *worker)
{
	for (size_t i = 0; i < worker->task_count; i++) {
		tide_window_free(worker->tasks[i].windows);
		tide_state_snapshot_fini(&worker->tasks[i].loading);
	}
	free(worker->tasks);
	worker->tasks = NULL;
	worker->task_count = 0;
}

/* Idle queues are left out; true where all are, and the clock says nothing (SPEC 1.4, `hold`). */
static bool
task_round(const struct worker *worker, struct worker_task *task, struct tide_window_round *round)
{
	bool awake = false, predicts = false;

	*round = (struct tide_window_round){TIDE_CLOCK_END, TIDE_CLOCK_END, TIDE_CLOCK_END};
	for (size_t i = 0; i < worker->queue_count; i++) {
		const struct worker_queue *queue = &worker->queues[i];
		if (queue->task != task)
			continue;
		int64_t watermark_ms = tide_worker_watermark(worker, queue);
		tide_clock_lower(&round->whole_ms, watermark_ms);
		if (tide_worker_live_is_idle(worker, queue))
			continue;
		awake = true;
		tide_clock_lower(&round->clock_ms, watermark_ms);
		if (queue->about->role != TIDE_PREDICTIONS)
			continue;
		predicts = true;
		tide_clock_lower(&round->prediction_ms, watermark_ms);
	}
	if (awake && round->clock_ms > task->clock_ms)
		task->clock_ms = round->clock_ms;
	if (worker->setup->live && !predicts)
		round->prediction_ms = task->clock_ms;
	return !awake;
}

static int
task_send(struct worker *worker, struct worker_task *task, const struct tide_window_round *round,
          bool idle, struct tide_error *error)
{
	enum tide_window_closed closed;
	struct tide_partial partial;

	while ((closed = tide_window_close(task->windows, round, &partial)) == TIDE_CLOSED_PARTIAL)
		if (tide_worker_partials_give(worker, task, &partial, error))
			return -1;
	if (closed == TIDE_CLOSED_NO_ROOM)
		return tide_worker_stage_refuse(worker, TIDE_PANES_NO_ROOM, error);
	struct tide_progress progress = {
	        .clock_ms = round->clock_ms,
	        .whole_ms = round->whole_ms,
	        .input_ms = tide_window_close_input(task->windows, round->clock_ms),
	        .idle = idle};
	task->has_progress |= progress.clock_ms != task->progress.clock_ms ||
	                      progress.whole_ms != task->progress.whole_ms ||
	                      progress.input_ms != task->progress.input_ms ||
	                      progress.idle != task->progress.idle;
	task->progress = progress;
	worker->has_moved |= task->has_progress;
	return 0;
}

int
tide_worker_task_move(struct worker *worker, struct worker_task *task, struct tide_error *error)
{
	struct tide_window_round round;
	bool idle = task_round(worker, task, &round);

	if (worker_is_one_of_many(worker))
		return task_send(worker, task, &round, idle, error);
	struct worker_stage *stage = &worker->stages[0];
	enum tide_panes_answer answer =
	        tide_panes_take(stage->panes, task->partition, task->partitions, task->windows,
	                        &round, idle, &worker->partial);
	if (answer != TIDE_PANES_OK)
		return tide_worker_stage_refuse(worker, answer, error);
	return tide_worker_stage_judge(worker, stage, error);
}

int
tide_worker_task_move_all(struct worker *worker, struct tide_error *error)
{
	for (size_t i = 0; i < worker->task_count; i++)
		if (tide_worker_task_move(worker, &worker->tasks[i], error))
			return -1;
	return 0;
}
