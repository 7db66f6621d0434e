#include "app/worker.h"
#include "alerts/encode.h"
#include "schemas/decode.h"
#include "windowing/window.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FINDINGS_MAX 65536
#define ALERTS_MAX 1024
#define POISON_FIRST 1000 /* SPEC 3.8 */
#define LETTER_BYTES_MAX (16u << 20)

struct queue {
	const struct tide_queue *about;
	struct tide_decoder *decoder;
	struct tide_mapping mapping;
	struct tide_clock clock;
	struct tide_batch batch;
	size_t at;
	struct tide_event event;
	bool has_event, ended;
	uint64_t read, poisoned;
};

struct worker {
	const struct tide_worker_setup *setup;
	struct tide_worker_summary *summary;
	struct queue *queues;
	size_t queue_count;
	struct tide_pool pool;
	struct tide_windows *windows;
	struct tide_alerts *alerts;
	struct tide_finding *findings;
	struct tide_scratch scratch;
	struct tide_alert *found;
	struct tide_buffer value, key;
	struct tide_encode_context context;
	struct tide_shape no_shape;
};

static int
no_memory(struct tide_error *error)
{
	return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
}

static int
letter_give(struct worker *worker, enum tide_letter_kind kind, struct tide_error *error)
{
	struct tide_letter letter = {.kind = kind,
	                             .key = (const uint8_t *) worker->key.bytes,
	                             .value = (const uint8_t *) worker->value.bytes,
	                             .key_size = worker->key.length,
	                             .value_size = worker->value.length,
	                             .time_ms = INT64_MIN};

	if (worker->value.failed || worker->key.failed)
		return no_memory(error);
	return worker->setup->sink->ops->give(worker->setup->sink, &letter, error);
}

static int
dead_letter(struct worker *worker, const struct queue *queue, const struct tide_record *record,
            const char *code, const char *field, struct tide_error *error)
{
	char partition[16], offset[24], time[24], message[160];
	struct tide_header headers[] = {
	        {"__tidemark.errors.topic", tide_text_of(queue->about->topic)},
	        {"__tidemark.errors.partition", {partition, 0}},
	        {"__tidemark.errors.offset", {offset, 0}},
	        {"__tidemark.errors.timestamp", {time, 0}},
	        {"__tidemark.errors.stage", TIDE_TEXT("decode")},
	        {"__tidemark.errors.code", tide_text_of(code)},
	        {"__tidemark.errors.message", {message, 0}},
	};

	snprintf(partition, sizeof partition, "%d", (int) queue->about->partition);
	snprintf(offset, sizeof offset, "%lld", (long long) record->offset);
	snprintf(time, sizeof time, "%lld", (long long) record->time_ms);
	snprintf(message, sizeof message, "%s%s%s", code, field ? ": " : "", field ? field : "");
	headers[1].value = tide_text_of(partition);
	headers[2].value = tide_text_of(offset);
	headers[3].value = tide_text_of(time);
	headers[6].value = tide_text_of(message);
	struct tide_letter letter = {.kind = TIDE_LETTER_DEAD,
	                             .key = record->key,
	                             .value = record->value,
	                             .key_size = record->key_size,
	                             .value_size = record->value_size,
	                             .time_ms = record->time_ms,
	                             .headers = headers,
	                             .header_count = sizeof headers / sizeof *headers,
	                             .original_headers = record->headers};
	return worker->setup->sink->ops->give(worker->setup->sink, &letter, error);
}

static int
record_refuse(struct worker *worker, struct queue *queue, const struct tide_record *record,
              enum tide_outcome outcome, const char *code, const char *field,
              struct tide_error *error)
{
	int64_t watermark_ms = tide_clock_watermark(
	        &queue->clock, worker->setup->config->window.out_of_orderness_ms);

	tide_window_charge(worker->windows, (enum tide_role) queue->about->role, outcome,
	                   watermark_ms);
	queue->poisoned += outcome == TIDE_POISON;
	if (queue->poisoned == POISON_FIRST && queue->read == POISON_FIRST)
		return tide_error_stop(error, TIDE_ERROR_DATA,
		                       "%s: the first %d records are all unreadable, the last one "
		                       "because of %s%s%s: check `map:` and `format:`",
		                       queue->about->topic, POISON_FIRST, code, field ? " in " : "",
		                       field ? field : "");
	return dead_letter(worker, queue, record, code, field, error);
}

/* Decodes on until the queue has a good event at its head, or nothing more for now. */
static int
queue_fill(struct worker *worker, size_t number, enum tide_supply *supply, struct tide_error *error)
{
	struct queue *queue = &worker->queues[number];
	struct tide_source *source = worker->setup->source;

	*supply = TIDE_SUPPLY_RECORDS;
	while (!queue->has_event) {
		if (queue->at == queue->batch.count) {
			queue->at = 0;
			queue->batch.count = 0;
			if (source->ops->take(source, number, &queue->batch, supply, error))
				return -1;
			if (queue->batch.count == 0)
				return 0;
		}
		const struct tide_record *record = &queue->batch.records[queue->at++];
		queue->read++;
		worker->summary->read[queue->about->role]++;
		queue->event = (struct tide_event){.role = (enum tide_role) queue->about->role,
		                                   .partition = queue->about->partition,
		                                   .offset = record->offset,
		                                   .record_ms = record->time_ms};
		if (!record->damage)
			tide_decode(queue->decoder, record->value, record->value_size,
			            &queue->event);
		const char *code = record->damage ? "damaged_line" : queue->event.poison;
		if (!code) {
			queue->has_event = true;
			return 0;
		}
		if (record_refuse(worker, queue, record, TIDE_POISON, code, queue->event.field,
		                  error))
			return -1;
	}
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

/* Least watermark over queues of the roles in the mask. */
static int64_t
clock_least(const struct worker *worker, unsigned roles)
{
	int64_t least_ms = TIDE_CLOCK_END;

	for (size_t i = 0; i < worker->queue_count; i++) {
		const struct queue *queue = &worker->queues[i];
		int64_t watermark_ms = tide_clock_watermark(
		        &queue->clock, worker->setup->config->window.out_of_orderness_ms);
		if ((roles >> queue->about->role & 1) && watermark_ms < least_ms)
			least_ms = watermark_ms;
	}
	return least_ms;
}

/* Pane numbers of one key: early panes, then final, then revised (SPEC 4.2). */
static uint64_t
revision_of(const struct tide_window_options *options, const struct tide_evidence *evidence)
{
	uint64_t revision = 0;

	if (evidence->side != TIDE_SIDE_LABEL)
		return 0;
	if (evidence->timing != TIDE_TIMING_EARLY)
		return options->early_count + (evidence->timing == TIDE_TIMING_REVISED);
	while (options->early_ms[revision] != evidence->age_ms)
		revision++;
	return revision;
}

static int
evidence_judge(struct worker *worker, const struct tide_evidence *evidence,
               struct tide_error *error)
{
	const struct tide_worker_setup *setup = worker->setup;
	size_t count = evidence->side == TIDE_SIDE_INPUT
	                       ? 0
	                       : tide_detector_judge(evidence, setup->reference,
	                                             &worker->scratch, worker->findings,
	                                             FINDINGS_MAX);

	for (size_t i = 0; evidence->counts && i < 2 * TIDE_OUTCOMES; i++)
		worker->summary->outcomes[i / TIDE_OUTCOMES][i % TIDE_OUTCOMES] +=
		        evidence->counts->outcomes[i / TIDE_OUTCOMES][i % TIDE_OUTCOMES];
	tide_text_buffer_reset(&worker->value);
	tide_text_buffer_reset(&worker->key);
	tide_encode_result_key(&worker->key, &worker->context, evidence);
	tide_encode_result(&worker->value, &worker->context, evidence,
	                   revision_of(&setup->config->window, evidence), worker->findings, count);
	if (letter_give(worker, TIDE_LETTER_RESULT, error))
		return -1;
	worker->summary->results++;
	int alerts = tide_alert_weigh(worker->alerts, evidence, worker->findings, count,
	                              worker->found, ALERTS_MAX);
	if (alerts < 0)
		return no_memory(error);
	for (int i = 0; i < alerts; i++) {
		tide_text_buffer_reset(&worker->value);
		tide_text_buffer_reset(&worker->key);
		tide_text_put_string(&worker->key, worker->found[i].alert_id);
		tide_encode_alert(&worker->value, &worker->context, &worker->found[i]);
		if (letter_give(worker, TIDE_LETTER_ALERT, error))
			return -1;
		if (setup->on_alert)
			setup->on_alert(setup->closure, &worker->found[i], worker->value.bytes);
		worker->summary->alerts++;
	}
	return 0;
}

static int
panes_close(struct worker *worker, struct tide_error *error)
{
	struct tide_evidence evidence;
	int64_t clock_ms = clock_least(worker, 3), prediction_ms = clock_least(worker, 1);

	while (tide_window_close(worker->windows, clock_ms, prediction_ms, &evidence))
		if (evidence_judge(worker, &evidence, error))
			return -1;
	return 0;
}

static int
event_add(struct worker *worker, struct queue *queue, struct tide_error *error)
{
	const struct tide_window_options *options = &worker->setup->config->window;
	struct tide_event *event = &queue->event;
	int64_t before_ms = tide_clock_watermark(&queue->clock, options->out_of_orderness_ms);

	queue->has_event = false;
	if (!tide_window_has_room(worker->windows))
		return tide_error_stop(error, TIDE_ERROR_MEMORY,
		                       "pending predictions and windows need more than "
		                       "memory.pending = %zu bytes: raise it or shorten "
		                       "label_horizon",
		                       worker->setup->config->memory_bytes);
	if (!tide_clock_accept(&queue->clock, event->time_ms, event->record_ms,
	                       options->max_future_skew_ms))
		return record_refuse(worker, queue, &queue->batch.records[queue->at - 1],
		                     TIDE_FUTURE, "future", "timestamp", error);
	tide_window_add(worker->windows, event, before_ms);
	if (tide_clock_watermark(&queue->clock, options->out_of_orderness_ms) != before_ms)
		return panes_close(worker, error);
	return 0;
}

/* One step of the merge: the earliest head, or what is missing for it. */
static int
step(struct worker *worker, bool *done, bool *wait, struct tide_error *error)
{
	struct queue *first = NULL;
	size_t ended = 0;

	*wait = false;
	for (size_t i = 0; i < worker->queue_count; i++) {
		struct queue *queue = &worker->queues[i];
		enum tide_supply supply;
		if (!queue->ended && queue_fill(worker, i, &supply, error))
			return -1;
		if (!queue->ended && !queue->has_event && supply == TIDE_SUPPLY_END) {
			queue->ended = queue->clock.ended = true;
			if (panes_close(worker, error))
				return -1;
		}
		*wait |= !queue->ended && !queue->has_event && supply == TIDE_SUPPLY_WAIT;
		ended += queue->ended;
		if (queue->has_event && (!first || event_before(&queue->event, &first->event)))
			first = queue;
	}
	*done = ended == worker->queue_count;
	if (!first || *wait)
		return 0;
	return event_add(worker, first, error);
}

static int
queues_open(struct worker *worker, struct tide_error *error)
{
	const struct tide_config *config = worker->setup->config;
	const struct tide_queue *about;

	worker->queue_count = worker->setup->source->ops->queues(worker->setup->source, &about);
	worker->queues = calloc(worker->queue_count ? worker->queue_count : 1, sizeof(struct queue));
	if (!worker->queues)
		return no_memory(error);
	for (size_t i = 0; i < worker->queue_count; i++) {
		struct queue *queue = &worker->queues[i];
		queue->about = &about[i];
		queue->mapping = about[i].role == TIDE_PREDICTIONS ? config->predictions.mapping
		                                                   : config->labels.mapping;
		queue->mapping.seed = worker->setup->seed;
		tide_clock_start(&queue->clock, about[i].start_watermark_ms,
		                 config->window.out_of_orderness_ms);
		if (tide_decode_new(&queue->mapping, worker->setup->columns, &queue->decoder, error))
			return -1;
	}
	return 0;
}

static int
worker_open(struct worker *worker, struct tide_error *error)
{
	const struct tide_config *config = worker->setup->config;
	struct tide_window_setup setup = {
	        .options = config->window,
	        .problem = config->problem,
	        .segments = config->segments,
	        .segment_count = config->segment_count,
	        .positive_class = config->positive_class,
	        .decision_threshold = config->decision_threshold,
	        .prediction_mapped = config->predictions.mapping.prediction != NULL,
	        .columns = worker->setup->columns,
	        .shape = &worker->no_shape,
	};

	if (worker->setup->reference)
		setup.shape = tide_reference_shape(worker->setup->reference);
	tide_pool_init(&worker->pool, config->memory_bytes);
	tide_text_buffer_init(&worker->value, LETTER_BYTES_MAX);
	tide_text_buffer_init(&worker->key, LETTER_BYTES_MAX);
	worker->context = (struct tide_encode_context){
	        .name = config->name,
	        .config_hash = config->hash,
	        .reference_id = worker->setup->reference
	                                ? tide_reference_id(worker->setup->reference)
	                                : NULL,
	        .segments = config->segments,
	        .segment_count = config->segment_count};
	worker->windows = tide_window_new(&setup, &worker->pool);
	worker->alerts = tide_alert_new(config->name, config->rules, config->rule_count,
	                                config->segments, config->segment_count);
	worker->findings = calloc(FINDINGS_MAX, sizeof *worker->findings);
	worker->found = calloc(ALERTS_MAX, sizeof *worker->found);
	worker->scratch.count = 2 * config->window.exact_rows;
	worker->scratch.doubles = calloc(worker->scratch.count + 1, sizeof(double));
	if (!worker->windows || !worker->alerts || !worker->findings || !worker->found ||
	    !worker->scratch.doubles)
		return no_memory(error);
	return queues_open(worker, error);
}

static void
worker_close(struct worker *worker)
{
	for (size_t i = 0; worker->queues && i < worker->queue_count; i++)
		tide_decode_free(worker->queues[i].decoder);
	free(worker->queues);
	free(worker->findings);
	free(worker->found);
	free(worker->scratch.doubles);
	tide_alert_free(worker->alerts);
	tide_window_free(worker->windows);
	worker->summary->memory_peak_bytes = worker->pool.peak_bytes;
	tide_pool_fini(&worker->pool);
	tide_text_buffer_fini(&worker->value);
	tide_text_buffer_fini(&worker->key);
}

int
tide_worker_run(const struct tide_worker_setup *setup, struct tide_worker_summary *summary,
                struct tide_error *error)
{
	struct worker worker = {.setup = setup, .summary = summary};
	bool done = false, wait, changed;
	int failed;

	*summary = (struct tide_worker_summary){0};
	failed = worker_open(&worker, error);
	while (!failed && !done) {
		failed = step(&worker, &done, &wait, error);
		if (!failed && wait)
			failed = setup->source->ops->poll(setup->source, 10, &changed, error);
	}
	if (!failed)
		failed = panes_close(&worker, error);
	if (!failed)
		failed = setup->sink->ops->commit(setup->sink, NULL, 0, error);
	worker_close(&worker);
	return failed;
}
