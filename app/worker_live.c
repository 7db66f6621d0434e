#include "app/worker_private.h"
#include "base/log.h"
#include "consumer/kafka_placement.h"
#include "report/counters.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STEPS_MAX       1024       /* between two looks at the world */
#define SENT_BYTES_MAX  (8u << 20) /* a transaction is closed early beyond this */
#define TASK_OF_MANY    (-1) /* epoch of a note: that of its stage is in another note */
#define TRAIL_STRETCHES 4          /* marks a window */

static int64_t
now_ms(const struct worker *worker)
{
	struct timespec now;

	if (worker->setup->now_ms)
		return worker->setup->now_ms(worker->setup->closure);
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t
time_back(int64_t time_ms, int64_t by_ms)
{
	return time_ms < INT64_MIN + by_ms ? INT64_MIN : time_ms - by_ms;
}

/* A window's rows need the records of all windows whose predictions could still be met (as
 * duplicates, or by labels that are charged) when its own first record was read; their labels may
 * be early by the time to live. */
int64_t
tide_worker_live_needed(const struct tide_window_options *window, enum tide_role role,
			int64_t whole_start_ms)
{
	int64_t by_ms = window->label_horizon_ms + window->label_lateness_ms + window->lateness_ms +
			window->out_of_orderness_ms + window->size_ms;

	if (role == TIDE_LABELS)
		by_ms += window->early_label_ttl_ms;
	return time_back(whole_start_ms, by_ms);
}

bool
tide_worker_live_is_idle(const struct worker *worker, const struct worker_queue *queue)
{
	int64_t timeout_ms = worker->setup->config->window.idle_timeout_ms;

	return worker->setup->live && queue->supply == TIDE_SUPPLY_DRAINED && !queue->has_event &&
	       now_ms(worker) - queue->read_ms >= timeout_ms;
}

int
tide_worker_live_begin(struct worker_queue *queue, int64_t began_ms, struct tide_error *error)
{
	queue->began_ms = began_ms;
	if (began_ms == TIDE_NO_TIME ||
	    tide_window_begin(queue->task->windows, queue->about->partition, began_ms))
		return 0;
	return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
}

/* Windows that were begun with other words cannot be finished with these (SPEC 8.8). */
static int
state_differs(const struct tide_config *config, struct tide_error *error)
{
	return tide_error_stop(error, TIDE_ERROR_CONFIG,
	                       "%s: what its group has read was read with another map, window, "
	                       "model, segment, column, business measure or reference: give it "
	                       "another `name`, or another kafka.group.id and transactional.id, and "
	                       "it begins anew; rules and alerting may change freely",
	                       config->path);
}

/* What the note of a queue says of its task or its stage. Panes that were sent from hand to hand
 * are the stage's; where there are many workers, what a task has sent are its partials. */
static void
note_apply(struct worker *worker, const struct worker_queue *queue,
           const struct tide_position_note *note)
{
	struct worker_task *task = queue->task;
	struct worker_stage *stage = queue->stage;

	if (task && worker_is_one_of_many(worker)) {
		tide_clock_raise(&task->told_ms, note->frontier_ms);
		tide_clock_raise(&task->told_input_ms, note->input_ms);
		tide_clock_raise(&task->from_ms, note->whole_start_ms);
		return;
	}
	if (task) {
		stage = &worker->stages[0];
		tide_clock_raise(&stage->from_ms, note->whole_start_ms);
	}
	stage->told_ms = note->frontier_ms > stage->told_ms ? note->frontier_ms : stage->told_ms;
	tide_clock_raise(&stage->told_input_ms, note->input_ms);
	tide_clock_raise(&stage->epoch, note->epoch);
	stage->adopts = queue->stage && !*queue->about->metadata;
}

/* The queue begins where its task's snapshot goes on, which says all else. */
static bool
snapshot_want(const struct worker *worker, const struct worker_queue *queue,
              const struct tide_position_note *note)
{
	struct worker_task *task = queue->task;

	tide_clock_raise(&task->snapshot_last, note->snapshot);
	if (note->snapshot == 0 || !worker->setup->revoke || worker->setup->revoke->distrusts ||
	    queue->about->start_offset != note->snapshot_offset)
		return false;
	task->snapshot = task->loading.wanted = note->snapshot;
	return true;
}

/* What their stages have not merged yet is in the topic of the partials. */
static int
many_before(const struct tide_config *config, struct tide_error *error)
{
	return tide_error_stop(error, TIDE_ERROR_CONFIG,
	                       "%s: many workers have read here before, through a topic of partials: "
	                       "write `outputs: {partials: ...}` again (one worker may do, too), or "
	                       "give the config another `name`, and it begins anew",
	                       config->path);
}

static int
queue_recover(struct worker *worker, struct worker_queue *queue, struct tide_error *error)
{
	const struct tide_worker_setup *setup = worker->setup;
	const struct tide_window_options *window = &setup->config->window;
	struct tide_position_note note;

	if (tide_position_read(queue->about->metadata, &note, error))
		return -1;
	if (*note.state_hash && strcmp(note.state_hash, setup->config->state_hash) != 0)
		return state_differs(setup->config, error);
	if (tide_kafka_placement_grown(queue->about, note.partitions, error))
		return -1;
	if (note.epoch == TASK_OF_MANY && !worker_is_one_of_many(worker))
		return many_before(setup->config, error);
	if (!tide_poison_start(&queue->poison, note.read_offset, note.poison))
		return tide_position_refuse(queue->about->metadata, error);
	queue->told_offset = note.read_offset;
	queue->read_ms = now_ms(worker);
	note_apply(worker, queue, &note);
	if (queue->stage)
		return 0;
	tide_clock_start(&queue->clock, note.watermark_ms, window->out_of_orderness_ms);
	tide_position_start(&queue->trail, window->size_ms / TRAIL_STRETCHES + 1,
	                    queue->about->start_offset, note.watermark_ms);
	if (snapshot_want(worker, queue, &note))
		return 0;
	queue->began_ms = note.began_ms;
	if (setup->live && !*queue->about->metadata && queue->about->role == TIDE_PREDICTIONS)
		queue->began_ms = TIDE_CLOCK_END;
	return tide_worker_live_begin(queue, queue->began_ms, error);
}

int
tide_worker_live_recover(struct worker *worker, struct tide_error *error)
{
	if (worker->setup->live)
		worker->setup->sink->ops->drop(worker->setup->sink);
	for (size_t i = 0; i < worker->stage_count; i++)
		worker->stages[i].told_ms = worker->stages[i].told_input_ms = INT64_MIN;
	for (size_t i = 0; i < worker->queue_count; i++)
		if (queue_recover(worker, &worker->queues[i], error))
			return -1;
	for (size_t i = 0; i < worker->stage_count; i++)
		tide_panes_resume(worker->stages[i].panes, worker->stages[i].told_ms,
		                  worker->stages[i].told_input_ms, worker->stages[i].epoch == 0);
	return 0;
}

bool
tide_worker_live_is_rewinding(const struct worker *worker)
{
	for (size_t i = 0; i < worker->queue_count; i++)
		if (worker->queues[i].next_offset < worker->queues[i].told_offset)
			return true;
	return false;
}

/* The oldest window that has more to say, or into which a prediction may still come. */
static int64_t
whole_start(const struct worker *worker, const struct worker_task *task)
{
	const struct tide_window_options *window = &worker->setup->config->window;
	bool many = worker_is_one_of_many(worker);
	const struct worker_stage *stage = many ? NULL : &worker->stages[0];
	int64_t from_ms = many ? task->from_ms : stage->from_ms;
	int64_t clock_ms = many ? task->clock_ms : tide_panes_clock(stage->panes);
	int64_t oldest_ms = many ? INT64_MAX : tide_panes_oldest(stage->panes);

	if (clock_ms == TIDE_NO_TIME)
		return from_ms;
	for (size_t i = 0; i < worker->task_count; i++) {
		const struct worker_task *one = &worker->tasks[i];
		if (one == task || !many)
			tide_clock_lower(&oldest_ms, tide_window_close_oldest(one->windows));
	}
	tide_clock_lower(&oldest_ms, tide_clock_window(window, time_back(clock_ms, window->lateness_ms)));
	return oldest_ms > from_ms ? oldest_ms : from_ms;
}

static void
task_note(const struct worker *worker, struct worker_queue *queue,
          struct tide_position_note *note, int64_t *offset)
{
	const struct tide_window_options *window = &worker->setup->config->window;
	const struct worker_task *task = queue->task;
	bool many = worker_is_one_of_many(worker);
	int64_t whole_start_ms = whole_start(worker, task);
	int64_t needed_ms = tide_worker_live_needed(window, (enum tide_role)queue->about->role,
	                                            whole_start_ms);
	struct tide_position_mark mark =
	    tide_position_find(&queue->trail, time_back(needed_ms, window->out_of_orderness_ms));

	note->watermark_ms = mark.watermark_ms;
	note->whole_start_ms = whole_start_ms;
	note->began_ms = queue->began_ms;
	note->frontier_ms = task->told_ms;
	note->input_ms = task->told_input_ms;
	if (many)
		note->epoch = TASK_OF_MANY;
	if (many)
		tide_clock_raise(&note->frontier_ms, task->progress.whole_ms);
	if (many && !task->progress.idle) /* an idle one has no clock */
		tide_clock_raise(&note->input_ms, task->progress.input_ms);
	note->snapshot = task->snapshot;
	note->snapshot_offset = task->snapshot ? queue->snapshot_offset : 0;
	*offset = mark.offset;
}

static void
position_of(const struct worker *worker, struct worker_queue *queue,
            struct tide_position *position, char text[TIDE_POSITION_NOTE])
{
	const struct worker_stage *stage = queue->stage;
	struct tide_position_note note = {.watermark_ms = INT64_MIN,
	                                  .whole_start_ms = INT64_MIN,
	                                  .began_ms = INT64_MIN,
	                                  .read_offset = queue->next_offset,
	                                  .poison = stage ? -1
	                                                  : tide_poison_pack(&queue->poison,
	                                                                     queue->next_offset),
	                                  .partitions = queue->about->partition_count};
	int64_t offset = queue->next_offset;

	if (stage)
		offset = tide_worker_partials_low_water(stage, queue->next_offset);
	else
		task_note(worker, queue, &note, &offset);
	if (!worker_is_one_of_many(worker))
		stage = &worker->stages[0];
	if (stage) {
		note.frontier_ms = tide_panes_clock(stage->panes);
		note.input_ms = tide_panes_input(stage->panes);
		note.epoch = stage->epoch;
	}
	memcpy(note.state_hash, worker->setup->config->state_hash, sizeof note.state_hash);
	tide_position_write(&note, text);
	*position = (struct tide_position){.role = queue->about->role,
					   .partition = queue->about->partition,
					   .offset = offset,
					   .metadata = text};
}

int
tide_worker_live_commit(struct worker *worker, struct tide_error *error)
{
	struct tide_sink *sink = worker->setup->sink;
	size_t count = worker->queue_count;

	worker->committed_ms = now_ms(worker);
	tide_worker_counters_update(worker);
	if (!worker->has_moved || count == 0 ||
	    tide_worker_live_is_rewinding(worker))
		return 0;
	struct tide_position *positions = calloc(count, sizeof *positions);
	char(*notes)[TIDE_POSITION_NOTE] = calloc(count, sizeof *notes);
	int failed =
	    positions && notes ? 0 : tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	if (!failed && (tide_worker_partials_tell(worker, error) ||
	                tide_worker_state_give(worker, error)))
		failed = -1;
	for (size_t i = 0; !failed && i < worker->task_count; i++)
		failed = tide_worker_snapshot_give(worker, &worker->tasks[i], worker->committed_ms,
		                                   error);
	for (size_t i = 0; !failed && i < count; i++)
		position_of(worker, &worker->queues[i], &positions[i], notes[i]);
	int64_t began_ms = now_ms(worker);
	if (!failed)
		failed = sink->ops->commit(sink, positions, count, error);
	if (!failed && worker->setup->counters)
		tide_counters_commit(worker->setup->counters,
		                     (uint64_t) (now_ms(worker) - began_ms) * 1000000);
	free(positions);
	free(notes);
	if (failed && error->remedy == TIDE_RETRY) {
		tide_log(TIDE_LOG_WARN, "worker", "%s; trying again", error->text);
		return 0; /* the sink keeps its letters, and has_moved says that they wait */
	}
	if (failed)
		return -1;
	worker->has_moved = false;
	worker->sent_bytes = 0;
	worker->summary->commits++;
	return 0;
}

static int
world_look(struct worker *worker, int wait_ms, struct tide_error *error)
{
	struct tide_source *source = worker->setup->source;
	bool changed = false;

	if (source->ops->poll(source, wait_ms, &changed, error))
		return -1;
	if (!changed)
		return 0;
	tide_worker_close(worker);
	worker->has_moved = false;
	if (tide_worker_open(worker, error))
		return -1;
	tide_log(TIDE_LOG_INFO, "worker", "%zu partitions are ours", worker->task_count);
	return 0;
}

/* Until there is nothing to do for now, or it is time to look at the world. */
static int
steps_take(struct worker *worker, int *wait_ms, struct tide_error *error)
{
	bool wait = false, done;

	for (size_t i = 0; i < STEPS_MAX; i++) {
		int turn = tide_worker_step(worker, &wait, &done, error);
		if (turn < 0)
			return -1;
		*wait_ms = turn ? 0 : wait ? 2 : 50;
		if (turn == 0)
			return 0;
	}
	return 0;
}

/* Records keep a queue from being idle; a queue that becomes idle lets the others go on. */
static int
idle_mark(struct worker *worker, struct tide_error *error)
{
	for (size_t i = 0; i < worker->queue_count; i++) {
		struct worker_queue *queue = &worker->queues[i];
		if (queue->supply != TIDE_SUPPLY_DRAINED || queue->has_event)
			queue->read_ms = now_ms(worker);
		if (queue->task && tide_worker_live_is_idle(worker, queue) &&
		    tide_worker_task_move(worker, queue->task, error))
			return -1;
	}
	return 0;
}

void
tide_worker_live_revoke(void *context)
{
	struct worker *worker = ((struct tide_worker_revoke *)context)->worker;
	struct tide_error error;

	if (worker && tide_worker_live_commit(worker, &error))
		tide_log(TIDE_LOG_WARN, "worker", "no last commit: %s", error.text);
}

/* Nothing waits to be sent, and nothing is on its way back. */
static bool
is_between(const struct worker *worker)
{
	return !worker->has_moved && !tide_worker_live_is_rewinding(worker);
}

int
tide_worker_live_run(struct worker *worker, struct tide_error *error)
{
	const struct tide_worker_setup *setup = worker->setup;
	int wait_ms = 0;

	setup->revoke->worker = worker;
	while (!*setup->stop) {
		if (setup->heartbeat)
			setup->heartbeat(setup->closure);
		tide_worker_counters_move(worker);
		if (steps_take(worker, &wait_ms, error) || idle_mark(worker, error))
			return -1;
		if ((now_ms(worker) - worker->committed_ms >= setup->commit_interval_ms ||
		     worker->sent_bytes > SENT_BYTES_MAX) &&
		    tide_worker_live_commit(worker, error))
			return -1;
		if (setup->leaves && is_between(worker) && setup->leaves(setup->closure))
			return 0;
		if (world_look(worker, wait_ms, error))
			return -1;
	}
	if (tide_worker_live_commit(worker, error))
		return -1;
	if (worker->has_moved && !tide_worker_live_is_rewinding(worker))
		return tide_error_stop(error, TIDE_ERROR_UNAVAILABLE,
		                       "interrupted before a last commit; nothing is lost, the next "
		                       "start reads again");
	return tide_error_stop(error, TIDE_ERROR_INTERRUPTED, "interrupted after a clean commit");
}
