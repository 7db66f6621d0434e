#include "app/worker_private.h"
#include <stdlib.h>

#define POISON_FIRST 1000 /* SPEC 3.8 */

static int64_t
queue_watermark(const struct worker *worker, const struct worker_queue *queue)
{
	return tide_clock_watermark(&queue->clock,
				    worker->setup->config->window.out_of_orderness_ms);
}

static int
room_ask(struct worker *worker, struct tide_error *error)
{
	if (tide_window_has_room(worker->windows))
		return 0;
	return tide_error_stop(error, TIDE_ERROR_MEMORY,
			       "pending predictions and windows need more than "
			       "memory.pending = %zu bytes: raise it or shorten label_horizon",
			       worker->setup->config->memory_bytes);
}

static int
record_refuse(struct worker *worker, struct worker_queue *queue, const struct tide_record *record,
	      enum tide_outcome outcome, const char *code, const char *field,
	      struct tide_error *error)
{
	int64_t charged_ms = queue_watermark(worker, queue);

	if (room_ask(worker, error))
		return -1;
	if (charged_ms == TIDE_NO_TIME)
		charged_ms = queue->first_ms;
	if (charged_ms == TIDE_NO_TIME)
		queue->held[outcome]++;
	else
		tide_window_charge(worker->windows, (enum tide_role)queue->about->role, outcome,
				   charged_ms);
	queue->poisoned += outcome == TIDE_POISON;
	if (queue->poisoned == POISON_FIRST && queue->read == POISON_FIRST)
		return tide_error_stop(error, TIDE_ERROR_DATA,
				       "%s: the first %d records are all unreadable, the last one "
				       "because of %s%s%s: check `map:` and `format:`",
				       queue->about->topic, POISON_FIRST, code, field ? " in " : "",
				       field ? field : "");
	return tide_worker_judge_dead(worker, queue, record, code, field, error);
}

/* The next record of the queue becomes its event, or is refused. */
static int
record_decode(struct worker *worker, struct worker_queue *queue, struct tide_error *error)
{
	const struct tide_record *record = &queue->batch.records[queue->at++];

	queue->read++;
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

#define PREDICTION_QUEUES 1u
#define ALL_QUEUES 3u
#define IDLE_TOO 4u

/* Least watermark over the queues of the roles in the mask; idle ones are left out unless they are
 * asked for, and when all are idle the clock stands (SPEC 1.4, `hold`). */
static int64_t
clock_least(const struct worker *worker, unsigned mask)
{
	int64_t least_ms = TIDE_CLOCK_END;
	bool found = false;

	for (size_t i = 0; i < worker->queue_count; i++) {
		const struct worker_queue *queue = &worker->queues[i];
		int64_t watermark_ms = queue_watermark(worker, queue);
		if (!(mask >> queue->about->role & 1) ||
		    (!(mask & IDLE_TOO) && tide_worker_live_is_idle(worker, queue)))
			continue;
		found = true;
		if (watermark_ms < least_ms)
			least_ms = watermark_ms;
	}
	return found || !worker->setup->live ? least_ms : worker->clock_ms;
}

int
tide_worker_panes_close(struct worker *worker, struct tide_error *error)
{
	int64_t clock_ms = clock_least(worker, ALL_QUEUES);

	if (clock_ms > worker->clock_ms)
		worker->clock_ms = clock_ms;
	return tide_worker_judge_panes(worker, clock_ms, clock_least(worker, PREDICTION_QUEUES),
	                               clock_least(worker, ALL_QUEUES | IDLE_TOO), error);
}

/* The queue's first valid timestamp: what was refused before it is charged there. */
static void
queue_begin(struct worker *worker, struct worker_queue *queue, int64_t time_ms)
{
	queue->first_ms = time_ms;
	for (size_t i = 0; i < TIDE_OUTCOMES; i++)
		for (; queue->held[i]; queue->held[i]--)
			tide_window_charge(worker->windows, (enum tide_role)queue->about->role,
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
	int64_t before_ms = queue_watermark(worker, queue);

	queue->has_event = false;
	queue->next_offset = event->offset + 1;
	worker->has_moved = true;
	if (room_ask(worker, error))
		return -1;
	if (!tide_clock_accept(&queue->clock, event->time_ms, event->record_ms,
			       options->max_future_skew_ms))
		return record_refuse(worker, queue, &queue->batch.records[queue->at - 1],
				     TIDE_FUTURE, "future", "timestamp", error);
	if (queue->first_ms == TIDE_NO_TIME)
		queue_begin(worker, queue, event->time_ms);
	if (queue->began_ms == TIDE_CLOCK_END &&
	    tide_worker_live_begin(worker, queue,
				   tide_clock_window(options, event->time_ms) + options->size_ms,
				   error))
		return -1;
	tide_window_add(worker->windows, event, before_ms);
	int64_t after_ms = queue_watermark(worker, queue);
	if (after_ms == before_ms)
		return 0;
	tide_position_add(&queue->trail, event->offset, before_ms, after_ms);
	return tide_worker_panes_close(worker, error);
}

int
tide_worker_step(struct worker *worker, bool *wait, bool *done, struct tide_error *error)
{
	struct worker_queue *first = NULL;
	size_t ended = 0;

	*wait = false;
	/* behind a queue that is waited for none is looked at: dead letters leave in one order */
	for (size_t i = 0; i < worker->queue_count && !*wait; i++) {
		struct worker_queue *queue = &worker->queues[i];
		if (!queue->ended && queue_fill(worker, i, error))
			return -1;
		if (!queue->ended && !queue->has_event && queue->supply == TIDE_SUPPLY_END) {
			queue_end(worker, queue);
			if (tide_worker_panes_close(worker, error))
				return -1;
		}
		*wait = !queue->ended && !queue->has_event && queue->supply == TIDE_SUPPLY_WAIT;
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
	queue->mapping = input->mapping;
	queue->mapping.seed = worker->setup->seed;
	queue->next_offset = about->start_offset;
	queue->first_ms = TIDE_NO_TIME;
	return tide_decode_new(&queue->mapping, worker->setup->columns, &queue->decoder, error);
}

struct tide_window_setup
tide_worker_windows(const struct tide_config *config, const struct tide_window_options *window,
                    const struct tide_columns *columns, const struct tide_shape *shape)
{
	const struct tide_mapping *mapping = &config->predictions.mapping;

	return (struct tide_window_setup){.options = *window,
	                                  .models = config->models,
	                                  .model_count = config->model_count,
	                                  .segments = config->segments,
	                                  .segment_count = config->segment_count,
	                                  .prediction_mapped = mapping->prediction != NULL,
	                                  .proba_mapped = mapping->proba != NULL,
	                                  .weight_mapped = mapping->weight != NULL,
	                                  .classes = mapping->classes,
	                                  .class_count = mapping->class_count,
	                                  .columns = columns,
	                                  .shape = shape,
	                                  .measures = &config->measures};
}

int
tide_worker_open(struct worker *worker, struct tide_error *error)
{
	const struct tide_config *config = worker->setup->config;
	const struct tide_queue *about;
	const struct tide_shape *shape = worker->setup->reference
	                                         ? tide_reference_shape(worker->setup->reference)
	                                         : &worker->no_shape;
	struct tide_window_setup setup = tide_worker_windows(config, &config->window,
	                                                        worker->setup->columns, shape);

	tide_pool_init(&worker->pool, config->memory_bytes);
	worker->clock_ms = TIDE_NO_TIME;
	if (tide_worker_judge_open(worker, error))
		return -1;
	worker->windows = tide_window_new(&setup, &worker->pool);
	worker->queue_count = worker->setup->source->ops->queues(worker->setup->source, &about);
	worker->queues = calloc(worker->queue_count + 1, sizeof *worker->queues);
	if (!worker->windows || !worker->queues)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	for (size_t i = 0; i < worker->queue_count; i++)
		if (queue_open(worker, &worker->queues[i], &about[i], error))
			return -1;
	if (tide_worker_live_recover(worker, error))
		return -1;
	return tide_worker_state_restore(worker, error);
}

void
tide_worker_close(struct worker *worker)
{
	for (size_t i = 0; worker->queues && i < worker->queue_count; i++)
		tide_decode_free(worker->queues[i].decoder);
	free(worker->queues);
	worker->queues = NULL;
	worker->queue_count = 0;
	tide_window_free(worker->windows);
	worker->windows = NULL;
	tide_worker_judge_close(worker);
	if (worker->pool.peak_bytes > worker->summary->memory_peak_bytes)
		worker->summary->memory_peak_bytes = worker->pool.peak_bytes;
	tide_pool_fini(&worker->pool);
}

/* Every window of the range has said what it has to say. */
static bool
range_is_over(const struct worker *worker)
{
	const struct tide_window_options *window = &worker->setup->config->window;
	int64_t last_ms = window->label_horizon_ms + window->label_lateness_ms;

	if (last_ms < window->lateness_ms)
		last_ms = window->lateness_ms;
	return worker->setup->until_ms != INT64_MAX && worker->clock_ms != TIDE_NO_TIME &&
	       worker->clock_ms - last_ms >= worker->setup->until_ms &&
	       tide_window_close_oldest(worker->windows) >= worker->setup->until_ms;
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
	if (tide_worker_panes_close(worker, error))
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
