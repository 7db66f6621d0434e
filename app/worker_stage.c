#include "app/worker_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FINDINGS_MAX     65536
#define ALERTS_MAX       1024
#define LETTER_BYTES_MAX (16u << 20)

static int
no_memory(struct tide_error *error)
{
	return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
}

struct tide_budget
tide_worker_stage_budget(const struct tide_worker_setup *setup)
{
	const struct tide_config *config = setup->config;

	return (struct tide_budget){.rules = config->rules,
	                            .rule_count = config->rule_count,
	                            .segments = config->segments,
	                            .reference = setup->reference,
	                            .columns = setup->columns,
	                            .alarms = config->false_alarms,
	                            .per_ms = config->false_alarms_ms,
	                            .size_ms = config->window.size_ms};
}

static int
stage_open(struct worker *worker, struct worker_stage *stage, int32_t number,
           struct tide_error *error)
{
	const struct tide_worker_setup *setup = worker->setup;
	const struct tide_config *config = setup->config;
	const struct tide_reference *reference = setup->reference;
	const struct tide_budget budget = tide_worker_stage_budget(setup);
	const struct tide_shape *shape = reference ? tide_reference_shape(reference)
	                                           : &worker->no_shape;
	struct tide_window_setup windows = tide_worker_windows(config, &config->window,
	                                                       setup->columns, shape);

	stage->number = number;
	stage->from_ms = setup->from_ms;
	stage->until_ms = setup->until_ms;
	stage->panes = tide_panes_new(&windows, &worker->pool);
	stage->alerts = tide_alert_new(config->name, config->rules, config->rule_count,
	                               config->segments, config->segment_count);
	if (!stage->panes || !stage->alerts)
		return no_memory(error);
	tide_alert_budget(stage->alerts, &budget);
	tide_text_buffer_init(&stage->forgotten, WORKER_BYTES_MAX);
	if (worker_is_one_of_many(worker))
		tide_panes_forget(stage->panes, tide_worker_partials_forget, stage);
	return 0;
}

/* What all stages use in turn. */
static int
room_open(struct worker *worker, struct tide_error *error)
{
	const struct tide_config *config = worker->setup->config;
	const struct tide_reference *reference = worker->setup->reference;

	tide_text_buffer_init(&worker->value, LETTER_BYTES_MAX);
	tide_text_buffer_init(&worker->key, LETTER_BYTES_MAX);
	tide_text_buffer_init(&worker->partial, WORKER_BYTES_MAX);
	worker->context = (struct tide_encode_context){
	    .name = config->name,
	    .config_hash = config->hash,
	    .reference_id = reference ? tide_reference_id(reference) : NULL,
	    .segments = config->segments,
	    .segment_count = config->segment_count,
	    .reference = reference};
	worker->findings = calloc(FINDINGS_MAX, sizeof *worker->findings);
	worker->found = calloc(ALERTS_MAX, sizeof *worker->found);
	worker->scratch.count = 2 * config->window.exact_rows;
	worker->scratch.doubles = calloc(worker->scratch.count + 1, sizeof(double));
	if (!worker->findings || !worker->found || !worker->scratch.doubles)
		return no_memory(error);
	return 0;
}

int
tide_worker_stage_open(struct worker *worker, struct tide_error *error)
{
	bool many = worker_is_one_of_many(worker);

	worker->stages = calloc(worker->queue_count + 1, sizeof *worker->stages);
	if (!worker->stages)
		return no_memory(error);
	if (room_open(worker, error))
		return -1;
	if (!many)
		return stage_open(worker, &worker->stages[worker->stage_count++], 0, error);
	for (size_t i = 0; i < worker->queue_count; i++) {
		struct worker_queue *queue = &worker->queues[i];
		if (queue->about->role != TIDE_PARTIALS)
			continue;
		queue->stage = &worker->stages[worker->stage_count++];
		if (stage_open(worker, queue->stage, queue->about->partition, error))
			return -1;
	}
	return 0;
}

void
tide_worker_stage_close(struct worker *worker)
{
	for (size_t i = 0; i < worker->stage_count; i++) {
		struct worker_stage *stage = &worker->stages[i];
		tide_panes_free(stage->panes);
		tide_text_buffer_fini(&stage->forgotten);
		tide_alert_free(stage->alerts);
		for (size_t j = 0; j < stage->join_count; j++)
			tide_text_buffer_fini(&stage->joins[j].bytes);
		free(stage->joins);
	}
	free(worker->stages);
	free(worker->findings);
	free(worker->scratch.doubles);
	free(worker->found);
	tide_text_buffer_fini(&worker->value);
	tide_text_buffer_fini(&worker->key);
	tide_text_buffer_fini(&worker->partial);
	worker->stages = NULL;
	worker->stage_count = 0;
	worker->findings = NULL;
	worker->scratch.doubles = NULL;
	worker->found = NULL;
}

int
tide_worker_stage_refuse(const struct worker *worker, enum tide_panes_answer answer,
                         struct tide_error *error)
{
	if (answer == TIDE_PANES_NO_ROOM)
		return tide_worker_full(worker, error);
	return tide_error_stop(error, TIDE_ERROR_DATA,
	                       "%s: what stands there is no partial of this config, or was damaged: "
	                       "empty the topic, or name another in outputs.partials",
	                       worker_is_one_of_many(worker) ? worker->setup->config->partials_topic
	                                                     : "partials");
}

int
tide_worker_stage_letter(struct worker *worker, const struct tide_letter *letter,
                         struct tide_error *error)
{
	struct tide_sink *sink = worker->setup->sink;

	worker->sent_bytes += letter->key_size + letter->value_size;
	if (sink->ops->give(sink, letter, error) == 0)
		return 0;
	if (error->remedy != TIDE_RETRY)
		return -1;
	return tide_error_stop(error, TIDE_ERROR_MEMORY,
			       "the records of one moment do not fit into one transaction: declare "
			       "fewer segments, or a larger window.size");
}

static int
result_give(struct worker *worker, const struct worker_stage *stage, enum tide_letter_kind kind,
            struct tide_error *error)
{
	char watermark[24];
	struct tide_header headers[] = {
	    {"tidemark-version", tide_text_of(worker->setup->version)},
	    {"tidemark-mode", tide_text_of(worker->setup->live ? "live" : "replay")},
	    {"tidemark-watermark", {watermark, 0}},
	};
	struct tide_letter letter = {.kind = kind,
				     .key = (const uint8_t *)worker->key.bytes,
				     .value = (const uint8_t *)worker->value.bytes,
				     .key_size = worker->key.length,
				     .value_size = worker->value.length,
				     .time_ms = INT64_MIN,
				     .headers = headers,
				     .header_count = sizeof headers / sizeof *headers};

	if (worker->value.failed || worker->key.failed)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	snprintf(watermark, sizeof watermark, "%lld", (long long)tide_panes_clock(stage->panes));
	headers[2].value = tide_text_of(watermark);
	return tide_worker_stage_letter(worker, &letter, error);
}

static const char *
reason_text(const char *code)
{
	for (size_t i = 0; tide_decode_reasons[i]; i++)
		if (strcmp(tide_decode_reasons[i], code) == 0)
			return tide_decode_reasons_text[i];
	return code;
}

int
tide_worker_stage_dead(struct worker *worker, const struct worker_queue *queue,
		       const struct tide_record *record, const char *code, const char *field,
		       struct tide_error *error)
{
	char partition[16], offset[24], time[24], message[320];
	struct tide_header headers[] = {
	    {"__tidemark.errors.topic", tide_text_of(queue->about->topic)},
	    {"__tidemark.errors.partition", {partition, 0}},
	    {"__tidemark.errors.offset", {offset, 0}},
	    {"__tidemark.errors.timestamp", {time, 0}},
	    {"__tidemark.errors.stage", TIDE_TEXT("decode")},
	    {"__tidemark.errors.code", tide_text_of(code)},
	    {"__tidemark.errors.message", {message, 0}},
	};

	snprintf(partition, sizeof partition, "%d", (int)queue->about->partition);
	snprintf(offset, sizeof offset, "%lld", (long long)record->offset);
	snprintf(time, sizeof time, "%lld", (long long)record->time_ms);
	snprintf(message, sizeof message, "%s%s%s", reason_text(code), field ? ": " : "",
		 field ? field : "");
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
	worker->summary->dead_letters++;
	return tide_worker_stage_letter(worker, &letter, error);
}

/* To whoever looks on: text from records reaches a terminal only in the escapes of JSON. */
static void
alert_tell(struct worker *worker, const struct tide_alert *alert)
{
	const struct tide_worker_setup *setup = worker->setup;
	struct tide_buffer *plain = &worker->key, *quoted = &worker->value;

	if (!setup->on_alert)
		return;
	tide_text_buffer_reset(plain);
	tide_text_buffer_reset(quoted);
	tide_encode_alert_message(plain, &worker->context, alert);
	tide_text_json_text(quoted, (struct tide_text){plain->bytes, plain->length});
	if (!plain->failed && !quoted->failed)
		setup->on_alert(setup->closure, alert,
				(struct tide_text){quoted->bytes, quoted->length});
}

static int
alerts_give(struct worker *worker, struct worker_stage *stage,
            const struct tide_evidence *evidence, size_t findings, struct tide_error *error)
{
	int alerts = tide_alert_weigh(stage->alerts, evidence, evidence->revision, worker->findings,
	                              findings, worker->found, ALERTS_MAX);

	if (alerts < 0)
		return no_memory(error);
	for (int i = 0; i < alerts; i++) {
		tide_text_buffer_reset(&worker->value);
		tide_text_buffer_reset(&worker->key);
		tide_text_put_string(&worker->key, worker->found[i].alert_id);
		tide_encode_alert(&worker->value, &worker->context, &worker->found[i]);
		if (result_give(worker, stage, TIDE_LETTER_ALERT, error))
			return -1;
		alert_tell(worker, &worker->found[i]);
		worker->summary->alerts++;
		worker->summary->fired += worker->found[i].state == TIDE_ALERT_FIRING;
	}
	return 0;
}

static int
parts_give(struct worker *worker, const struct worker_stage *stage,
           const struct tide_evidence *evidence, size_t findings, struct tide_error *error)
{
	for (size_t part = 1, parts = 0; part == 1 || part <= parts; part++) {
		tide_text_buffer_reset(&worker->value);
		tide_text_buffer_reset(&worker->key);
		tide_encode_result_key(&worker->key, &worker->context, evidence, part);
		parts = tide_encode_result(&worker->value, &worker->context, evidence,
		                           evidence->revision, worker->findings, findings, part,
		                           parts);
		if (result_give(worker, stage, TIDE_LETTER_RESULT, error))
			return -1;
		worker->summary->results++;
	}
	return 0;
}

static int
evidence_judge(struct worker *worker, struct worker_stage *stage,
               const struct tide_evidence *evidence, struct tide_error *error)
{
	const struct tide_worker_setup *setup = worker->setup;
	bool input = evidence->side == TIDE_SIDE_INPUT;
	size_t count = 0;

	if (evidence->start_ms < stage->from_ms || evidence->start_ms >= stage->until_ms)
		return 0;
	for (size_t i = 0; input && i < 2 * TIDE_OUTCOMES; i++)
		worker->summary->outcomes[i / TIDE_OUTCOMES][i % TIDE_OUTCOMES] +=
		        evidence->counts->outcomes[i / TIDE_OUTCOMES][i % TIDE_OUTCOMES];
	if (!input)
		count = tide_detector_judge(evidence, setup->reference, &worker->scratch,
		                            worker->findings, FINDINGS_MAX);
	if (parts_give(worker, stage, evidence, count, error))
		return -1;
	if (setup->on_result)
		setup->on_result(setup->closure, evidence, worker->findings, count);
	return alerts_give(worker, stage, evidence, count, error);
}

int
tide_worker_stage_judge(struct worker *worker, struct worker_stage *stage,
                        struct tide_error *error)
{
	enum tide_panes_answer answer;
	struct tide_evidence evidence;

	while ((answer = tide_panes_close(stage->panes, &evidence)) == TIDE_PANES_OK) {
		worker->has_moved = stage->has_moved = true;
		if (evidence_judge(worker, stage, &evidence, error))
			return -1;
	}
	if (answer != TIDE_PANES_NONE)
		return tide_worker_stage_refuse(worker, answer, error);
	return tide_worker_partials_clear(worker, stage, error);
}
