#include "app/repartition.h"
#include "base/log.h"
#include "consumer/kafka_partitioner.h"
#include "schemas/compact.h"
#include "schemas/decode.h"
#include "windowing/clock.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STEPS_MAX     1024       /* between two looks at the world */
#define HELD_BYTES    (8u << 20) /* a transaction is closed early beyond this */
#define NOTE_SIZE     32
#define LETTER_BYTES  256 /* what a letter weighs without its key and value */

struct repartition_queue {
	const struct tide_queue *about;
	struct tide_mapping mapping;
	struct tide_decoder *decoder;
	struct tide_batch batch;
	size_t at; /* behind the record of the head */
	enum tide_supply supply;
	struct tide_event head;
	bool has_head;
	int64_t head_ms;     /* when it came, on the steady clock */
	int64_t read_ms;     /* when there was a record last */
	int64_t next_offset; /* everything before it has been given */
};

struct repartition {
	const struct tide_repartition_setup *setup;
	struct tide_repartition_summary *summary;
	struct repartition_queue *queues;
	size_t queue_count;
	struct tide_buffer compact;
	size_t held_bytes; /* since the last commit */
	int64_t committed_ms;
	bool has_moved; /* since the last commit */
};

static int64_t
now_ms(const struct repartition *repartition)
{
	struct timespec now;

	if (repartition->setup->now_ms)
		return repartition->setup->now_ms(repartition->setup->closure);
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
note_write(const struct repartition *repartition, char note[NOTE_SIZE])
{
	snprintf(note, NOTE_SIZE, "tr1;Q=%d", (int)repartition->setup->partitions);
}

/* Ids belong elsewhere when there are more partitions. */
static int
note_check(const struct repartition *repartition, const struct tide_queue *about,
           struct tide_error *error)
{
	char note[NOTE_SIZE];

	note_write(repartition, note);
	if (!*about->metadata || strcmp(about->metadata, note) == 0)
		return 0;
	if (strncmp(about->metadata, "tr1;Q=", 6) == 0)
		return tide_error_stop(
		    error, TIDE_ERROR_CONFIG,
		    "%s: records of %s were put into %s partitions before and there are %d now, so "
		    "a label would miss its prediction: start with a new `name` or kafka.group.id",
		    repartition->setup->config->path, about->topic, about->metadata + 6,
		    (int)repartition->setup->partitions);
	return tide_error_stop(error, TIDE_ERROR_DATA,
	                       "%s: its group committed \"%.64s\", which is not of this program: "
	                       "give it a kafka.group.id of its own",
	                       about->topic, about->metadata);
}

static int
queue_open(struct repartition *repartition, struct repartition_queue *queue,
           const struct tide_queue *about, struct tide_error *error)
{
	const struct tide_config *config = repartition->setup->config;

	queue->about = about;
	queue->next_offset = about->start_offset;
	queue->read_ms = now_ms(repartition);
	queue->mapping = about->role == TIDE_PREDICTIONS ? config->predictions.mapping
	                                                 : config->labels.mapping;
	if (note_check(repartition, about, error))
		return -1;
	/* a group without offsets would begin elsewhere when it is started again */
	repartition->has_moved |= !*about->metadata;
	return tide_decode_new(&queue->mapping, repartition->setup->columns, &queue->decoder, error);
}

static void
queues_close(struct repartition *repartition)
{
	for (size_t i = 0; i < repartition->queue_count; i++)
		tide_decode_free(repartition->queues[i].decoder);
	free(repartition->queues);
	repartition->queues = NULL;
	repartition->queue_count = 0;
}

/* What was given and not committed comes again. */
static int
queues_open(struct repartition *repartition, struct tide_error *error)
{
	struct tide_source *source = repartition->setup->source;
	const struct tide_queue *about;
	size_t count = source->ops->queues(source, &about);

	queues_close(repartition);
	repartition->setup->sink->ops->drop(repartition->setup->sink);
	repartition->held_bytes = 0;
	repartition->has_moved = false;
	repartition->queues = calloc(count + 1, sizeof *repartition->queues);
	if (!repartition->queues)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	repartition->queue_count = count;
	for (size_t i = 0; i < count; i++)
		if (queue_open(repartition, &repartition->queues[i], &about[i], error))
			return -1;
	return 0;
}

static int
record_give(struct repartition *repartition, struct repartition_queue *queue,
            const struct tide_record *record, int32_t partition, struct tide_text value,
            struct tide_error *error)
{
	char origin[16], offset[24];
	const struct tide_queue *about = queue->about;
	struct tide_sink *sink = repartition->setup->sink;

	snprintf(origin, sizeof origin, "%d", (int)about->partition);
	snprintf(offset, sizeof offset, "%lld", (long long)record->offset);
	const struct tide_header headers[] = {
	    {"__tidemark.origin.topic", tide_text_of(about->topic)},
	    {"__tidemark.origin.partition", tide_text_of(origin)},
	    {"__tidemark.origin.offset", tide_text_of(offset)}};
	struct tide_letter letter = {
	    .kind = about->role == TIDE_PREDICTIONS ? TIDE_LETTER_PREDICTION : TIDE_LETTER_LABEL,
	    .key = record->key,
	    .value = (const uint8_t *)value.bytes,
	    .key_size = record->key_size,
	    .value_size = value.length,
	    .time_ms = record->time_ms,
	    .is_placed = true,
	    .partition = partition,
	    .headers = headers,
	    .header_count = sizeof headers / sizeof *headers,
	    .original_headers = record->headers};
	queue->next_offset = record->offset + 1;
	repartition->has_moved = true;
	repartition->held_bytes += record->key_size + value.length + LETTER_BYTES;
	repartition->summary->given[about->role]++;
	repartition->summary->bytes_read += record->value_size;
	repartition->summary->bytes_given += value.length;
	return sink->ops->give(sink, &letter, error);
}

static struct tide_text
record_value(const struct tide_record *record)
{
	return (struct tide_text){(const char *)record->value, record->value_size};
}

/* What the mapping names, where that is less. */
static struct tide_text
head_value(struct repartition *repartition, const struct repartition_queue *queue,
           const struct tide_record *record)
{
	const struct tide_json_node *nodes = tide_decode_json(queue->decoder);
	struct tide_buffer *compact = &repartition->compact;

	tide_text_buffer_reset(compact);
	if (nodes)
		tide_compact(&queue->mapping, nodes, compact);
	if (!nodes || compact->failed || compact->length >= record->value_size)
		return record_value(record);
	return (struct tide_text){compact->bytes, compact->length};
}

static int
head_give(struct repartition *repartition, struct repartition_queue *queue,
          struct tide_error *error)
{
	const struct tide_record *record = &queue->batch.records[queue->at - 1];
	uint32_t hash = tide_kafka_partitioner_murmur2(queue->head.id.bytes, queue->head.id.length);

	queue->has_head = false;
	return record_give(repartition, queue, record,
	                   (int32_t)(hash % (uint32_t)repartition->setup->partitions),
	                   head_value(repartition, queue, record), error);
}

/* The next record becomes the head, or is one that a worker will refuse. */
static int
record_take(struct repartition *repartition, struct repartition_queue *queue,
            struct tide_error *error)
{
	const struct tide_record *record = &queue->batch.records[queue->at++];
	int64_t skew_ms = repartition->setup->config->window.max_future_skew_ms;
	struct tide_event *head = &queue->head;
	struct tide_clock clock = {.max_ms = TIDE_NO_TIME};

	*head = (struct tide_event){.partition = queue->about->partition,
	                            .offset = record->offset,
	                            .record_ms = record->time_ms};
	tide_decode(queue->decoder, record->value, record->value_size, head);
	if (tide_decode_lost(queue->decoder))
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "no memory for a column's name");
	queue->head_ms = queue->read_ms = now_ms(repartition);
	queue->has_head = !head->poison &&
	                  tide_clock_accept(&clock, head->time_ms, head->record_ms, skew_ms);
	if (queue->has_head)
		return 0;
	repartition->summary->refused[queue->about->role]++;
	return record_give(repartition, queue, record,
	                   queue->about->partition % repartition->setup->partitions,
	                   record_value(record), error);
}

/* Until the queue has a head, or nothing more for now. */
static int
queue_fill(struct repartition *repartition, struct repartition_queue *queue,
           struct tide_error *error)
{
	struct tide_source *source = repartition->setup->source;
	size_t number = (size_t)(queue - repartition->queues);

	while (!queue->has_head) {
		if (queue->at == queue->batch.count) {
			queue->at = 0;
			queue->batch.count = 0;
			if (source->ops->take(source, number, &queue->batch, &queue->supply, error))
				return -1;
			if (queue->batch.count == 0)
				return 0;
		}
		if (record_take(repartition, queue, error))
			return -1;
	}
	queue->supply = TIDE_SUPPLY_RECORDS;
	return 0;
}

static bool
head_before(const struct tide_event *a, const struct tide_event *b)
{
	if (a->time_ms != b->time_ms)
		return a->time_ms < b->time_ms;
	return a->partition < b->partition;
}

/* One step of the merge of an input: 1 a record was given, 0 there is none for now, -1 failed. */
static int
role_step(struct repartition *repartition, int role, bool *wait, struct tide_error *error)
{
	int64_t timeout_ms = repartition->setup->config->window.idle_timeout_ms;
	struct repartition_queue *first = NULL;
	bool holds = false, more = false;

	for (size_t i = 0; i < repartition->queue_count; i++) {
		struct repartition_queue *queue = &repartition->queues[i];
		if (queue->about->role != role)
			continue;
		if (queue_fill(repartition, queue, error))
			return -1;
		if (queue->has_head) {
			if (!first || head_before(&queue->head, &first->head))
				first = queue;
			continue;
		}
		more |= queue->supply == TIDE_SUPPLY_WAIT;
		holds |= queue->supply != TIDE_SUPPLY_END &&
		         now_ms(repartition) - queue->read_ms < timeout_ms;
	}
	*wait |= more;
	if (!first || more || (holds && now_ms(repartition) - first->head_ms < timeout_ms))
		return 0;
	return head_give(repartition, first, error) ? -1 : 1;
}

/* Until there is nothing to do for now, or it is time to look at the world. */
static int
steps_take(struct repartition *repartition, int *wait_ms, struct tide_error *error)
{
	for (size_t i = 0; i < STEPS_MAX && repartition->held_bytes < HELD_BYTES; i++) {
		bool wait = false, moved = false;
		for (int role = TIDE_PREDICTIONS; role <= TIDE_LABELS; role++) {
			int turn = role_step(repartition, role, &wait, error);
			if (turn < 0)
				return -1;
			moved |= turn > 0;
		}
		*wait_ms = moved ? 0 : wait ? 2 : 50;
		if (!moved)
			return 0;
	}
	return 0;
}

static int
commit(struct repartition *repartition, struct tide_error *error)
{
	struct tide_sink *sink = repartition->setup->sink;
	size_t count = repartition->queue_count;
	char note[NOTE_SIZE];

	repartition->committed_ms = now_ms(repartition);
	if (!repartition->has_moved || count == 0)
		return 0;
	struct tide_position *positions = calloc(count, sizeof *positions);
	if (!positions)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	note_write(repartition, note);
	for (size_t i = 0; i < count; i++)
		positions[i] = (struct tide_position){
		    .role = repartition->queues[i].about->role,
		    .partition = repartition->queues[i].about->partition,
		    .offset = repartition->queues[i].next_offset,
		    .metadata = note};
	int failed = sink->ops->commit(sink, positions, count, error);
	free(positions);
	if (failed && error->remedy == TIDE_RETRY) {
		tide_log(TIDE_LOG_WARN, "repartition", "%s; trying again", error->text);
		return 0; /* the sink keeps its letters, and has_moved says that they wait */
	}
	if (failed)
		return -1;
	repartition->has_moved = false;
	repartition->held_bytes = 0;
	repartition->summary->commits++;
	return 0;
}

static int
world_look(struct repartition *repartition, int wait_ms, struct tide_error *error)
{
	struct tide_source *source = repartition->setup->source;
	bool changed = false;

	if (source->ops->poll(source, wait_ms, &changed, error))
		return -1;
	if (!changed)
		return 0;
	if (queues_open(repartition, error))
		return -1;
	tide_log(TIDE_LOG_INFO, "repartition", "%zu partitions are ours", repartition->queue_count);
	return 0;
}

static int
run(struct repartition *repartition, struct tide_error *error)
{
	const struct tide_repartition_setup *setup = repartition->setup;
	int wait_ms = 0;

	while (!*setup->stop) {
		if (setup->heartbeat)
			setup->heartbeat(setup->closure);
		if (steps_take(repartition, &wait_ms, error))
			return -1;
		if ((now_ms(repartition) - repartition->committed_ms >= setup->commit_interval_ms ||
		     repartition->held_bytes >= HELD_BYTES) &&
		    commit(repartition, error))
			return -1;
		if (world_look(repartition, wait_ms, error))
			return -1;
	}
	if (commit(repartition, error))
		return -1;
	if (repartition->has_moved)
		return tide_error_stop(error, TIDE_ERROR_UNAVAILABLE,
		                       "interrupted before a last commit; nothing is lost, the next "
		                       "start reads again");
	return tide_error_stop(error, TIDE_ERROR_INTERRUPTED, "interrupted after a clean commit");
}

void
tide_repartition_revoke(void *context)
{
	struct repartition *running = ((struct tide_repartition_setup *)context)->running;
	struct tide_error error;

	if (running && commit(running, &error))
		tide_log(TIDE_LOG_WARN, "repartition", "no last commit: %s", error.text);
}

int
tide_repartition_run(struct tide_repartition_setup *setup,
                     struct tide_repartition_summary *summary, struct tide_error *error)
{
	struct repartition repartition = {.setup = setup, .summary = summary};

	tide_text_buffer_init(&repartition.compact, TIDE_RECORD_BYTES_MAX);
	int failed = queues_open(&repartition, error);
	setup->running = &repartition;
	if (!failed)
		failed = run(&repartition, error);
	setup->running = NULL;
	queues_close(&repartition);
	tide_text_buffer_fini(&repartition.compact);
	return failed;
}
