#include "app/worker_private.h"
#include "base/log.h"
#include "report/counters.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STEPS_MAX       1024       /* between two looks at the world */
#define SENT_BYTES_MAX  (8u << 20) /* a transaction is closed early beyond this */
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
tide_worker_live_begin(struct worker *worker, struct worker_queue *queue, int64_t began_ms,
		       struct tide_error *error)
{
	queue->began_ms = began_ms;
	if (began_ms == TIDE_NO_TIME ||
	    tide_window_begin(worker->windows, queue->about->partition, began_ms))
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

int
tide_worker_live_recover(struct worker *worker, struct tide_error *error)
{
	const struct tide_worker_setup *setup = worker->setup;
	const struct tide_window_options *window = &setup->config->window;
	int64_t stretch_ms = window->size_ms / TRAIL_STRETCHES + 1;

	worker->range = (struct worker_range){.from_ms = setup->from_ms,
					      .until_ms = setup->until_ms,
					      .told_ms = INT64_MIN,
					      .told_input_ms = INT64_MIN};
	if (setup->live)
		setup->sink->ops->drop(setup->sink);
	for (size_t i = 0; i < worker->queue_count; i++) {
		struct worker_queue *queue = &worker->queues[i];
		struct tide_position_note note;
		if (tide_position_read(queue->about->metadata, &note, error))
			return -1;
		if (*note.state_hash && strcmp(note.state_hash, setup->config->state_hash) != 0)
			return state_differs(setup->config, error);
		tide_clock_start(&queue->clock, note.watermark_ms, window->out_of_orderness_ms);
		tide_position_start(&queue->trail, stretch_ms, queue->about->start_offset,
				    note.watermark_ms);
		queue->told_offset = note.read_offset;
		queue->began_ms = note.began_ms;
		if (setup->live && !*queue->about->metadata &&
		    queue->about->role == TIDE_PREDICTIONS)
			queue->began_ms = TIDE_CLOCK_END;
		if (tide_worker_live_begin(worker, queue, queue->began_ms, error))
			return -1;
		queue->read_ms = now_ms(worker);
		if (note.frontier_ms > worker->range.told_ms)
			worker->range.told_ms = note.frontier_ms;
		if (note.input_ms > worker->range.told_input_ms)
			worker->range.told_input_ms = note.input_ms;
		if (note.whole_start_ms > worker->range.from_ms)
			worker->range.from_ms = note.whole_start_ms;
	}
	worker->range.frontier_ms = worker->range.told_ms;
	worker->range.input_ms = worker->range.told_input_ms;
	return 0;
}

/* While what was read before the restart is read again there is nothing new to commit. */
static bool
is_rewinding(const struct worker *worker)
{
	for (size_t i = 0; i < worker->queue_count; i++)
		if (worker->queues[i].next_offset < worker->queues[i].told_offset)
			return true;
	return false;
}

/* The oldest window that has more to say, or into which a prediction may still come. */
static int64_t
whole_start(const struct worker *worker)
{
	const struct tide_window_options *window = &worker->setup->config->window;
	int64_t oldest_ms = tide_window_close_oldest(worker->windows);

	if (worker->clock_ms == TIDE_NO_TIME)
		return worker->range.from_ms;
	int64_t open_ms = tide_clock_window(window, time_back(worker->clock_ms, window->lateness_ms));
	if (open_ms < oldest_ms)
		oldest_ms = open_ms;
	return oldest_ms > worker->range.from_ms ? oldest_ms : worker->range.from_ms;
}

static void
position_of(const struct worker *worker, struct worker_queue *queue, int64_t whole_start_ms,
	    struct tide_position *position, char text[TIDE_POSITION_NOTE])
{
	const struct tide_window_options *window = &worker->setup->config->window;
	int64_t needed_ms =
	    tide_worker_live_needed(window, (enum tide_role)queue->about->role, whole_start_ms);
	struct tide_position_mark mark =
	    tide_position_find(&queue->trail, time_back(needed_ms, window->out_of_orderness_ms));
	struct tide_position_note note = {.watermark_ms = mark.watermark_ms,
					  .read_offset = queue->next_offset,
					  .frontier_ms = worker->range.frontier_ms,
					  .input_ms = worker->range.input_ms,
					  .whole_start_ms = whole_start_ms,
					  .began_ms = queue->began_ms};

	memcpy(note.state_hash, worker->setup->config->state_hash, sizeof note.state_hash);
	tide_position_write(&note, text);
	*position = (struct tide_position){.role = queue->about->role,
					   .partition = queue->about->partition,
					   .offset = mark.offset,
					   .metadata = text};
}

int
tide_worker_live_commit(struct worker *worker, struct tide_error *error)
{
	struct tide_sink *sink = worker->setup->sink;
	size_t count = worker->queue_count;

	worker->committed_ms = now_ms(worker);
	tide_worker_counters_update(worker);
	if (!worker->has_moved || count == 0 || is_rewinding(worker))
		return 0;
	struct tide_position *positions = calloc(count, sizeof *positions);
	char(*notes)[TIDE_POSITION_NOTE] = calloc(count, sizeof *notes);
	int64_t whole_start_ms = whole_start(worker);
	int failed =
	    positions && notes ? 0 : tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	for (size_t i = 0; !failed && i < count; i++)
		position_of(worker, &worker->queues[i], whole_start_ms, &positions[i], notes[i]);
	if (!failed)
		failed = tide_worker_state_give(worker, error);
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
	tide_log(TIDE_LOG_INFO, "worker", "%zu partitions are ours", worker->queue_count);
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
	bool idle = false;

	for (size_t i = 0; i < worker->queue_count; i++) {
		struct worker_queue *queue = &worker->queues[i];
		if (queue->supply != TIDE_SUPPLY_DRAINED || queue->has_event)
			queue->read_ms = now_ms(worker);
		idle |= tide_worker_live_is_idle(worker, queue);
	}
	return idle ? tide_worker_panes_close(worker, error) : 0;
}

void
tide_worker_live_revoke(void *context)
{
	struct worker *worker = ((struct tide_worker_revoke *)context)->worker;
	struct tide_error error;

	if (worker && tide_worker_live_commit(worker, &error))
		tide_log(TIDE_LOG_WARN, "worker", "no last commit: %s", error.text);
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
		if (world_look(worker, wait_ms, error))
			return -1;
	}
	if (tide_worker_live_commit(worker, error))
		return -1;
	if (worker->has_moved && !is_rewinding(worker))
		return tide_error_stop(error, TIDE_ERROR_UNAVAILABLE,
		                       "interrupted before a last commit; nothing is lost, the next "
		                       "start reads again");
	return tide_error_stop(error, TIDE_ERROR_INTERRUPTED, "interrupted after a clean commit");
}
