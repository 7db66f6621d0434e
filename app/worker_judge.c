#include "app/worker_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FINDINGS_MAX     65536
#define ALERTS_MAX       1024
#define LETTER_BYTES_MAX (16u << 20)

int
tide_worker_judge_open(struct worker *worker, struct tide_error *error)
{
	const struct tide_config *config = worker->setup->config;
	const struct tide_reference *reference = worker->setup->reference;
	const struct tide_budget budget = {.rules = config->rules,
					   .rule_count = config->rule_count,
					   .segments = config->segments,
					   .reference = reference,
					   .columns = worker->setup->columns,
					   .alarms = config->false_alarms,
					   .per_ms = config->false_alarms_ms,
					   .size_ms = config->window.size_ms};

	tide_text_buffer_init(&worker->value, LETTER_BYTES_MAX);
	tide_text_buffer_init(&worker->key, LETTER_BYTES_MAX);
	worker->context = (struct tide_encode_context){
	    .name = config->name,
	    .config_hash = config->hash,
	    .reference_id = reference ? tide_reference_id(reference) : NULL,
	    .segments = config->segments,
	    .segment_count = config->segment_count};
	worker->alerts = tide_alert_new(config->name, config->rules, config->rule_count,
					config->segments, config->segment_count);
	worker->findings = calloc(FINDINGS_MAX, sizeof *worker->findings);
	worker->found = calloc(ALERTS_MAX, sizeof *worker->found);
	worker->scratch.count = 2 * worker->setup->config->window.exact_rows;
	worker->scratch.doubles = calloc(worker->scratch.count + 1, sizeof(double));
	if (!worker->alerts || !worker->findings || !worker->found || !worker->scratch.doubles)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	tide_alert_budget(worker->alerts, &budget);
	return 0;
}

void
tide_worker_judge_close(struct worker *worker)
{
	free(worker->findings);
	free(worker->scratch.doubles);
	free(worker->found);
	tide_alert_free(worker->alerts);
	tide_text_buffer_fini(&worker->value);
	tide_text_buffer_fini(&worker->key);
	worker->findings = NULL;
	worker->scratch.doubles = NULL;
	worker->found = NULL;
	worker->alerts = NULL;
}

int
tide_worker_judge_letter(struct worker *worker, const struct tide_letter *letter,
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
result_give(struct worker *worker, enum tide_letter_kind kind, struct tide_error *error)
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
	snprintf(watermark, sizeof watermark, "%lld", (long long)worker->clock_ms);
	headers[2].value = tide_text_of(watermark);
	return tide_worker_judge_letter(worker, &letter, error);
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
tide_worker_judge_dead(struct worker *worker, const struct worker_queue *queue,
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

	if (record->offset < queue->told_offset)
		return 0;
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
	return tide_worker_judge_letter(worker, &letter, error);
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
alerts_give(struct worker *worker, const struct tide_evidence *evidence, size_t findings,
            struct tide_error *error)
{
	const struct tide_worker_setup *setup = worker->setup;
	int alerts = tide_alert_weigh(worker->alerts, evidence,
				      revision_of(&setup->config->window, evidence),
				      worker->findings, findings, worker->found, ALERTS_MAX);

	if (alerts < 0)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	for (int i = 0; i < alerts; i++) {
		tide_text_buffer_reset(&worker->value);
		tide_text_buffer_reset(&worker->key);
		tide_text_put_string(&worker->key, worker->found[i].alert_id);
		tide_encode_alert(&worker->value, &worker->context, &worker->found[i]);
		if (result_give(worker, TIDE_LETTER_ALERT, error))
			return -1;
		alert_tell(worker, &worker->found[i]);
		worker->summary->alerts++;
		worker->summary->fired += worker->found[i].state == TIDE_ALERT_FIRING;
	}
	return 0;
}

static int
parts_give(struct worker *worker, const struct tide_evidence *evidence, size_t findings,
	   struct tide_error *error)
{
	uint64_t revision = revision_of(&worker->setup->config->window, evidence);

	for (size_t part = 1, parts = 0; part == 1 || part <= parts; part++) {
		tide_text_buffer_reset(&worker->value);
		tide_text_buffer_reset(&worker->key);
		tide_encode_result_key(&worker->key, &worker->context, evidence, part);
		parts = tide_encode_result(&worker->value, &worker->context, evidence, revision,
					   worker->findings, findings, part, parts);
		if (result_give(worker, TIDE_LETTER_RESULT, error))
			return -1;
		worker->summary->results++;
	}
	return 0;
}

/* A pane that was judged before a restart: only what later panes ask of it is noted again. */
static int
told_note(struct worker *worker, const struct tide_evidence *evidence, struct tide_error *error)
{
	if (evidence->side != TIDE_SIDE_PREDICTION)
		return 0;
	size_t count = tide_detector_judge(evidence, worker->setup->reference, &worker->scratch,
	                                   worker->findings, FINDINGS_MAX);
	if (tide_alert_remember(worker->alerts, evidence, worker->findings, count))
		return 0;
	return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
}

static int
evidence_judge(struct worker *worker, const struct tide_evidence *evidence,
               struct tide_error *error)
{
	const struct tide_worker_setup *setup = worker->setup;
	const struct worker_range *range = &worker->range;
	bool input = evidence->side == TIDE_SIDE_INPUT;
	size_t count = 0;

	if (evidence->start_ms < range->from_ms || evidence->start_ms >= range->until_ms)
		return 0;
	if (input ? evidence->start_ms < range->told_input_ms
	          : evidence->trigger_ms <= range->told_ms)
		return told_note(worker, evidence, error);
	for (size_t i = 0; input && i < 2 * TIDE_OUTCOMES; i++)
		worker->summary->outcomes[i / TIDE_OUTCOMES][i % TIDE_OUTCOMES] +=
		        evidence->counts->outcomes[i / TIDE_OUTCOMES][i % TIDE_OUTCOMES];
	if (!input)
		count = tide_detector_judge(evidence, setup->reference, &worker->scratch,
		                            worker->findings, FINDINGS_MAX);
	if (parts_give(worker, evidence, count, error))
		return -1;
	if (setup->on_result)
		setup->on_result(setup->closure, evidence, worker->findings, count);
	return alerts_give(worker, evidence, count, error);
}

int
tide_worker_judge_panes(struct worker *worker, int64_t clock_ms, int64_t prediction_clock_ms,
                        int64_t whole_ms, struct tide_error *error)
{
	struct tide_evidence evidence;

	while (tide_window_close(worker->windows, clock_ms, prediction_clock_ms, &evidence)) {
		evidence.complete &= evidence.trigger_ms <= whole_ms;
		if (evidence_judge(worker, &evidence, error))
			return -1;
		if (evidence.side == TIDE_SIDE_INPUT && evidence.end_ms > worker->range.input_ms)
			worker->range.input_ms = evidence.end_ms;
	}
	if (clock_ms > worker->range.frontier_ms)
		worker->range.frontier_ms = clock_ms;
	return 0;
}
