#include "app/worker_private.h"
#include "base/log.h"
#include <stdlib.h>

int64_t
tide_worker_watermark(const struct worker *worker, const struct worker_queue *queue)
{
	return tide_clock_watermark(&queue->clock,
				    worker->setup->config->window.out_of_orderness_ms);
}

int
tide_worker_full(const struct worker *worker, struct tide_error *error)
{
	return tide_error_stop(error, TIDE_ERROR_MEMORY,
			       "pending predictions and windows need more than "
			       "memory.pending = %zu bytes: raise it or shorten label_horizon",
			       worker->setup->config->memory_bytes);
}

static int
room_ask(const struct worker *worker, const struct worker_queue *queue, struct tide_error *error)
{
	return tide_window_has_room(queue->task->windows) ? 0 : tide_worker_full(worker, error);
}

static int
record_refuse(struct worker *worker, struct worker_queue *queue, const struct tide_record *record,
	      enum tide_outcome outcome, const char *code, const char *field,
	      struct tide_error *error)
{
	int64_t charged_ms = tide_worker_watermark(worker, queue);

	if (room_ask(worker, queue, error))
		return -1;
	if (charged_ms == TIDE_NO_TIME)
		charged_ms = queue->first_ms;
	if (charged_ms == TIDE_NO_TIME)
		queue->held[outcome]++;
	else
		tide_window_charge(queue->task->windows, (enum tide_role)queue->about->role, outcome,
				   charged_ms);
	unsigned answer = tide_poison_tell(&queue->poison, record->offset, outcome);
	if (answer & TIDE_POISON_HOPELESS)
		return tide_error_stop(error, TIDE_ERROR_DATA,
				       "%s: the first 1000 records are all unreadable, the last one "
				       "because of %s%s%s: check `map:` and `format:`",
				       queue->about->topic, code, field ? " in " : "",
				       field ? field : "");
	if (answer & TIDE_POISON_BREAKS)
		tide_log(TIDE_LOG_WARN, "worker",
			 "%s, partition %d: half of the records are refused, the last one because "
			 "of %s%s%s",
			 queue->about->topic, (int)queue->about->partition, code,
			 field ? " in " : "", field ? field : "");
	return answer & TIDE_POISON_LETTER
	           ? tide_worker_stage_dead(worker, queue, record, code, field, error)
	           : 0;
}

/* The next record of the queue becomes its event, or is refused. */
static int
record_decode(struct worker *worker, struct worker_queue *queue, struct tide_error *error)
{
	const struct tide_record *record = &queue->batch.records[queue->at++];

	worker->summary->read[queue->about->role]++;
	queue->next_offset = record->offset;
	queue->event = (struct tide_event){.role = (enum tide_role)queue->about->role,
					   .partition = queue->about->partition,
					   .offset = record->offset,
					   .record_ms = record->time_ms};
	if (!record->damage)
		tide_decode(queue->decoder, record->value, record->value_size, &queue->event);
	if (tide_decode_lost(queue->decoder))
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "no memory for a column's name");
	const char *code = record->damage ? "damaged_line" : queue->event.poison;
	queue->has_event = !code;
	if (!code)
		return 0;
	queue->next_offset++;
	worker->has_moved = true;
	return record_refuse(worker, queue, record, TIDE_POISON, code, queue->event.field, error);
}

/* Decodes on until the queue has a good event at its head, or nothing more for now. */
static int
queue_fill(struct worker *worker, size_t number, struct tide_error *error)
{
	struct worker_queue *queue = &worker->queues[number];
	struct tide_source *source = worker->setup->source;

	while (!queue->has_event) {
		if (queue->at == queue->batch.count) {
			queue->at = 0;
			queue->batch.count = 0;
			if (source->ops->take(source, number, &queue->batch, &queue->supply, error))
				return -1;
			if (queue->batch.count == 0)
				return 0;
		}
		if (record_decode(worker, queue, error))
			return -1;
	}
	queue->supply = TIDE_SUPPLY_RECORDS;
	return 0;
}

static bool
event_before(const struct tide_event *a, const struct tide_event *b)
{
	if (a->time_ms != b->time_ms)
		return a->time_ms < b->time_ms;
	if (a->role != b->role)
		return a->role < b->role;
	if (a->partition != b->partition)
		return a->partition < b->partition;
	return a->offset < b->offset;
}

/* The queue's first valid timestamp: what was refused before it is charged there. */
static void
queue_begin(struct worker_queue *queue, int64_t time_ms)
{
	queue->first_ms = time_ms;
	for (size_t i = 0; i < TIDE_OUTCOMES; i++)
		for (; queue->held[i]; queue->held[i]--)
			tide_window_charge(queue->task->windows, (enum tide_role)queue->about->role,
					   (enum tide_outcome)i, time_ms);
}

/* Without one valid timestamp there is no window to charge: the summary alone says it. */
static void
queue_end(struct worker *worker, struct worker_queue *queue)
{
	queue->ended = queue->clock.ended = true;
	for (size_t i = 0; i < TIDE_OUTCOMES; i++)
		worker->summary->outcomes[queue->about->role][i] += queue->held[i];
}

static int
event_add(struct worker *worker, struct worker_queue *queue, struct tide_error *error)
{
	const struct tide_window_options *options = &worker->setup->config->window;
	struct tide_event *event = &queue->event;
	int64_t before_ms = tide_worker_watermark(worker, queue);

	queue->has_event = false;
	queue->next_offset = event->offset + 1;
	worker->has_moved = true;
	if (room_ask(worker, queue, error))
		return -1;
	if (!tide_clock_accept(&queue->clock, event->time_ms, event->record_ms,
			       options->max_future_skew_ms))
		return record_refuse(worker, queue, &queue->batch.records[queue->at - 1],
				     TIDE_FUTURE, "future", "timestamp", error);
	if (tide_poison_tell(&queue->poison, event->offset, TIDE_ACCEPTED) & TIDE_POISON_HEALS)
		tide_log(TIDE_LOG_INFO, "worker", "%s, partition %d: records can be read again",
			 queue->about->topic, (int)queue->about->partition);
	if (queue->first_ms == TIDE_NO_TIME)
		queue_begin(queue, event->time_ms);
	if (queue->began_ms == TIDE_CLOCK_END &&
	    tide_worker_live_begin(queue,
				   tide_clock_window(options, event->time_ms) + options->size_ms,
				   error))
		return -1;
	if (!worker->setup->on_event || worker->setup->on_event(worker->setup->closure, event))
		tide_window_add(queue->task->windows, event, before_ms);
	int64_t after_ms = tide_worker_watermark(worker, queue);
	if (after_ms == before_ms)
		return 0;
	tide_position_add(&queue->trail, event->offset, before_ms, after_ms);
	return tide_worker_task_move(worker, queue->task, error);
}

/* A queue that has nothing at its head: more may come, for now there is none, or it has ended. */
static int
queue_rest(struct worker *worker, struct worker_queue *queue, bool *wait, struct tide_error *error)
{
	*wait |= queue->supply == TIDE_SUPPLY_WAIT;
	if (queue->supply != TIDE_SUPPLY_END)
		return 0;
	queue_end(worker, queue);
	return queue->task ? tide_worker_task_move(worker, queue->task, error) : 0;
}

int
tide_worker_step(struct worker *worker, bool *wait, bool *done, struct tide_error *error)
{
	struct worker_queue *first = NULL;
	size_t ended = 0;

	*wait = false;
	for (size_t i = 0; i < worker->queue_count; i++) {
		struct worker_queue *queue = &worker->queues[i];
		if (queue->ended) {
			ended++;
			continue;
		}
		/* behind an input that is waited for: dead letters leave in one order */
		if (*wait && !queue->stage)
			continue;
		if (queue->stage ? tide_worker_partials_take(worker, queue, i, error)
		                 : queue_fill(worker, i, error))
			return -1;
		if (!queue->has_event && queue_rest(worker, queue, wait, error))
			return -1;
		ended += queue->ended;
		if (queue->has_event && (!first || event_before(&queue->event, &first->event)))
			first = queue;
	}
	*done = ended == worker->queue_count;
	if (!first || *wait)
		return 0;
	return event_add(worker, first, error) ? -1 : 1;
}

static int
queue_open(struct worker *worker, struct worker_queue *queue, const struct tide_queue *about,
	   struct tide_error *error)
{
	const struct tide_config *config = worker->setup->config;
	const struct tide_input *input =
	    about->role == TIDE_PREDICTIONS ? &config->predictions : &config->labels;

	queue->about = about;
	queue->next_offset = about->start_offset;
	queue->first_ms = TIDE_NO_TIME;
	if (about->role == TIDE_PARTIALS)
		return 0;
	queue->mapping = input->mapping;
	queue->mapping.seed = worker->setup->seed;
	return tide_decode_new(&queue->mapping, worker->setup->columns, &queue->decoder, error);
}

struct tide_window_setup
tide_worker_windows(const struct tide_config *config, const struct tide_window_options *window,
                    struct tide_columns *columns, const struct tide_shape *shape)
{
	const struct tide_mapping *mapping = &config->predictions.mapping;

	return (struct tide_window_setup){.options = *window,
	                                  .models = config->models,
	                                  .model_count = config->model_count,
	                                  .segments = config->segments,
	                                  .segment_count = config->segment_count,
	                                  .group_min_n = config->group_min_n,
	                                  .prediction_mapped = mapping->prediction != NULL,
	                                  .proba_mapped = mapping->proba != NULL,
	                                  .weight_mapped = mapping->weight != NULL,
	                                  .classes = mapping->classes,
	                                  .class_count = mapping->class_count,
	                                  .columns = columns,
	                                  .shape = shape,
	                                  .measures = &config->measures,
	                                  .absence = &config->absence};
}

int
tide_worker_open(struct worker *worker, struct tide_error *error)
{
	const struct tide_queue *about;

	tide_worker_counters_open(worker);
	tide_pool_init(&worker->pool, worker->setup->config->memory_bytes);
	worker->queue_count = worker->setup->source->ops->queues(worker->setup->source, &about);
	worker->queues = calloc(worker->queue_count + 1, sizeof *worker->queues);
	if (!worker->queues)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	for (size_t i = 0; i < worker->queue_count; i++)
		if (queue_open(worker, &worker->queues[i], &about[i], error))
			return -1;
	if (tide_worker_stage_open(worker, error) || tide_worker_task_open(worker, error) ||
	    tide_worker_live_recover(worker, error))
		return -1;
	return tide_worker_state_restore(worker, error);
}

void
tide_worker_close(struct worker *worker)
{
	for (size_t i = 0; worker->queues && i < worker->queue_count; i++) {
		tide_decode_free(worker->queues[i].decoder);
		worker->summary->capped += worker->queues[i].poison.capped;
	}
	free(worker->queues);
	worker->queues = NULL;
	worker->queue_count = 0;
	tide_worker_task_close(worker);
	tide_worker_stage_close(worker);
	if (worker->pool.peak_bytes > worker->summary->memory_peak_bytes)
		worker->summary->memory_peak_bytes = worker->pool.peak_bytes;
	tide_pool_fini(&worker->pool);
}

/* Every window of the range has said what it has to say. */
static bool
range_is_over(const struct worker *worker)
{
	const struct tide_window_options *window = &worker->setup->config->window;
	const struct worker_stage *stage = &worker->stages[0];
	int64_t last_ms = window->label_horizon_ms + window->label_lateness_ms;
	int64_t clock_ms = tide_panes_clock(stage->panes), until_ms = worker->setup->until_ms;

	if (last_ms < window->lateness_ms)
		last_ms = window->lateness_ms;
	if (until_ms == INT64_MAX || clock_ms == TIDE_NO_TIME || clock_ms - last_ms < until_ms ||
	    tide_panes_oldest(stage->panes) < until_ms)
		return false;
	for (size_t i = 0; i < worker->task_count; i++)
		if (tide_window_close_oldest(worker->tasks[i].windows) < until_ms)
			return false;
	return true;
}

/* A bounded input: to its end, and one commit. */
static int
bounded_run(struct worker *worker, struct tide_error *error)
{
	struct tide_source *source = worker->setup->source;
	bool done = false, wait = false, changed;
	int turn;

	while (!done && !range_is_over(worker)) {
		if ((turn = tide_worker_step(worker, &wait, &done, error)) < 0)
			return -1;
		if (turn == 0 && !done && source->ops->poll(source, wait ? 2 : 20, &changed, error))
			return -1;
		if (worker->setup->on_progress)
			worker->setup->on_progress(worker->setup->closure,
						   source->ops->progress(source));
	}
	if (tide_worker_task_move_all(worker, error))
		return -1;
	return worker->setup->sink->ops->commit(worker->setup->sink, NULL, 0, error);
}

int
tide_worker_run(const struct tide_worker_setup *setup, struct tide_worker_summary *summary,
		struct tide_error *error)
{
	struct worker worker = {.setup = setup, .summary = summary};
	int failed = tide_worker_open(&worker, error);

	if (!failed)
		failed = setup->live ? tide_worker_live_run(&worker, error)
				     : bounded_run(&worker, error);
	if (setup->revoke)
		setup->revoke->worker = NULL;
	tide_worker_close(&worker);
	return failed;
}
