#include "app/worker_private.h"
#include "consumer/kafka_partitioner.h"
#include <stdlib.h>
#include <string.h>

/*
 * Partials from worker to worker (SPEC 3.9): records of a compacted topic. What a record is, its
 * first byte says, in its key and in its value:
 *
 *  P  a part of a partial. Key: partition, part, and the bytes that name the partial. Value: state
 *     hash, partition, part, parts, and bytes. Parts stand behind one another.
 *  W  how far a partition is. Key: partition. Value: state hash, partition, partitions, times.
 *
 * A partial goes to the partition of the topic that its model's name has by murmur2; how far a
 * partition is, to every one. What has left is forgotten: its keys come once more, without a value.
 */
#define PART 'P'
#define PROGRESS 'W'
#define PART_BYTES 900000u
#define PARTS_MAX  1200u /* about a gigabyte */
#define PARTITIONS_MAX 100000u
#define IDLE 1u

/* Without a value the topic may forget the key. */
static int
letter_give(struct worker *worker, int32_t partition, struct tide_text key,
            const struct tide_buffer *value, struct tide_error *error)
{
	struct tide_letter letter = {.kind = TIDE_LETTER_PARTIAL,
	                             .key = (const uint8_t *) key.bytes,
	                             .key_size = key.length,
	                             .value = value ? (const uint8_t *) value->bytes : NULL,
	                             .value_size = value ? value->length : 0,
	                             .time_ms = INT64_MIN,
	                             .is_placed = true,
	                             .partition = partition};

	if (value && value->failed)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	return tide_worker_stage_letter(worker, &letter, error);
}

static int
value_give(struct worker *worker, int32_t partition, struct tide_error *error)
{
	if (worker->key.failed)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	return letter_give(worker, partition,
	                   (struct tide_text){worker->key.bytes, worker->key.length},
	                   &worker->value, error);
}

static void
part_key(struct tide_buffer *key, int32_t partition, uint64_t part, struct tide_text name)
{
	tide_text_put(key, "P", 1);
	tide_bytes_put_number(key, (uint64_t) partition);
	tide_bytes_put_number(key, part);
	tide_text_put(key, name.bytes, name.length);
}

static void
value_begin(struct worker *worker, char kind, int32_t partition)
{
	tide_text_buffer_reset(&worker->key);
	tide_text_buffer_reset(&worker->value);
	tide_text_put(&worker->value, &kind, 1);
	tide_text_put_string(&worker->value, worker->setup->config->state_hash);
	tide_bytes_put_number(&worker->value, (uint64_t) partition);
}

/* Sent before a restart, or of a window of which the rewind did not bring back all. */
static bool
is_told(const struct worker_task *task, const struct tide_pane *pane)
{
	if (pane->start_ms < task->from_ms)
		return true;
	return pane->side == TIDE_SIDE_INPUT ? pane->end_ms <= task->told_input_ms
	                                     : pane->trigger_ms <= task->told_ms;
}

static uint64_t
parts_of(size_t size)
{
	return (size + PART_BYTES - 1) / PART_BYTES;
}

int
tide_worker_partials_give(struct worker *worker, const struct worker_task *task,
                          const struct tide_partial *partial, struct tide_error *error)
{
	struct tide_text model = partial->key.model;
	uint32_t hash = tide_kafka_partitioner_murmur2(model.bytes ? model.bytes : "", model.length);
	struct tide_buffer *bytes = &worker->partial;

	if (is_told(task, &partial->pane))
		return 0;
	tide_text_buffer_reset(bytes);
	tide_window_close_save(task->windows, partial, bytes);
	if (bytes->failed)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	struct tide_text name = {bytes->bytes,
	                         tide_partial_name_bytes((const uint8_t *) bytes->bytes,
	                                                 bytes->length)};
	uint64_t parts = parts_of(bytes->length);
	for (uint64_t part = 0; part < parts; part++) {
		size_t at = part * PART_BYTES, left = bytes->length - at;
		value_begin(worker, PART, task->partition);
		part_key(&worker->key, task->partition, part, name);
		tide_bytes_put_number(&worker->value, part);
		tide_bytes_put_number(&worker->value, parts);
		tide_text_put(&worker->value, bytes->bytes + at,
		              left < PART_BYTES ? left : PART_BYTES);
		if (value_give(worker, (int32_t) (hash % (uint32_t) worker->setup->partials_count),
		               error))
			return -1;
	}
	return 0;
}

void
tide_worker_partials_forget(void *closure, int32_t partition, struct tide_text name, size_t size)
{
	struct worker_stage *stage = closure;
	struct tide_buffer key;

	tide_text_buffer_init(&key, WORKER_BYTES_MAX);
	for (uint64_t part = 0; part < parts_of(size); part++) {
		tide_text_buffer_reset(&key);
		part_key(&key, partition, part, name);
		tide_bytes_put_number(&stage->forgotten, key.length);
		tide_text_put(&stage->forgotten, key.bytes, key.length);
		stage->forgotten.failed |= key.failed;
	}
	tide_text_buffer_fini(&key);
}

int
tide_worker_partials_clear(struct worker *worker, struct worker_stage *stage,
                           struct tide_error *error)
{
	struct tide_buffer *keys = &stage->forgotten;
	struct tide_reader reader = {(const uint8_t *) keys->bytes,
	                             (const uint8_t *) keys->bytes + keys->length, false};

	if (keys->failed)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	while (keys->length && reader.at < reader.end) {
		size_t size = (size_t) tide_bytes_number(&reader);
		if (letter_give(worker, stage->number,
		                (struct tide_text){(const char *) reader.at, size}, NULL, error))
			return -1;
		reader.at += size;
	}
	tide_text_buffer_reset(keys);
	return 0;
}

static int
progress_give(struct worker *worker, const struct worker_task *task, struct tide_error *error)
{
	for (int32_t i = 0; i < worker->setup->partials_count; i++) {
		value_begin(worker, PROGRESS, task->partition);
		tide_text_put(&worker->key, "W", 1);
		tide_bytes_put_number(&worker->key, (uint64_t) task->partition);
		tide_bytes_put_number(&worker->value, (uint64_t) task->partitions);
		tide_bytes_put_signed(&worker->value, task->progress.clock_ms);
		tide_bytes_put_signed(&worker->value, task->progress.whole_ms);
		tide_bytes_put_signed(&worker->value, task->progress.input_ms);
		tide_bytes_put_number(&worker->value, task->progress.idle ? IDLE : 0);
		if (value_give(worker, i, error))
			return -1;
	}
	return 0;
}

int
tide_worker_partials_tell(struct worker *worker, struct tide_error *error)
{
	for (size_t i = 0; worker_is_one_of_many(worker) && i < worker->task_count; i++) {
		if (worker->tasks[i].has_progress &&
		    progress_give(worker, &worker->tasks[i], error))
			return -1;
		worker->tasks[i].has_progress = false;
	}
	return 0;
}

static enum tide_panes_answer
progress_read(struct worker_stage *stage, int32_t partition, struct tide_reader *reader)
{
	uint64_t partitions = tide_bytes_number(reader);
	struct tide_progress progress;

	progress.clock_ms = tide_bytes_signed(reader);
	progress.whole_ms = tide_bytes_signed(reader);
	progress.input_ms = tide_bytes_signed(reader);
	progress.idle = tide_bytes_number(reader) & IDLE;
	if (reader->bad || reader->at != reader->end || partitions > PARTITIONS_MAX || partitions == 0)
		return TIDE_PANES_STRANGE;
	return tide_panes_tell(stage->panes, partition, (int32_t) partitions, &progress);
}

/* Parts of several partitions may stand among one another. */
static struct worker_join *
join_of(struct worker_stage *stage, int32_t partition)
{
	size_t count = (size_t) partition + 1;

	if (count > stage->join_count) {
		struct worker_join *grown = realloc(stage->joins, count * sizeof *grown);
		if (!grown)
			return NULL;
		stage->joins = grown;
		for (size_t i = stage->join_count; i < count; i++) {
			grown[i] = (struct worker_join){0};
			tide_text_buffer_init(&grown[i].bytes, (size_t) PARTS_MAX * PART_BYTES);
		}
		stage->join_count = count;
	}
	return &stage->joins[partition];
}

/* A rewind may begin behind the first part: that partial was dealt with, and is passed over. */
static enum tide_panes_answer
part_join(struct worker_stage *stage, int32_t partition, uint64_t part, uint64_t parts,
          int64_t offset, const struct tide_reader *reader)
{
	struct worker_join *join = join_of(stage, partition);

	if (!join)
		return TIDE_PANES_NO_ROOM;
	if (part == 0) {
		tide_text_buffer_reset(&join->bytes);
		join->offset = offset;
	} else if (part != join->parts) {
		join->parts = 0;
		return TIDE_PANES_OK;
	}
	tide_text_put(&join->bytes, reader->at, (size_t) (reader->end - reader->at));
	join->parts = part + 1;
	if (join->bytes.failed)
		return TIDE_PANES_NO_ROOM;
	if (join->parts < parts)
		return TIDE_PANES_OK;
	join->parts = 0;
	return tide_panes_put(stage->panes, partition, (const uint8_t *) join->bytes.bytes,
	                      join->bytes.length, join->offset);
}

static enum tide_panes_answer
part_read(struct worker_stage *stage, int32_t partition, int64_t offset,
          struct tide_reader *reader)
{
	uint64_t part = tide_bytes_number(reader), parts = tide_bytes_number(reader);

	if (reader->bad || part >= parts || parts > PARTS_MAX)
		return TIDE_PANES_STRANGE;
	if (parts == 1)
		return tide_panes_put(stage->panes, partition, reader->at,
		                      (size_t) (reader->end - reader->at), offset);
	return part_join(stage, partition, part, parts, offset, reader);
}

int64_t
tide_worker_partials_low_water(const struct worker_stage *stage, int64_t next_offset)
{
	int64_t least = tide_panes_state_low_water(stage->panes);

	for (size_t i = 0; i < stage->join_count; i++)
		if (stage->joins[i].parts && stage->joins[i].offset < least)
			least = stage->joins[i].offset;
	return least < next_offset ? least : next_offset;
}

static enum tide_panes_answer
record_read(const struct worker *worker, struct worker_stage *stage,
            const struct tide_record *record)
{
	const char *hash = worker->setup->config->state_hash;
	size_t length = strlen(hash);
	const uint8_t *value = record->value;
	struct tide_reader reader;

	if (!value)
		return TIDE_PANES_OK; /* forgotten */
	if (record->value_size < 1 + length || memcmp(value + 1, hash, length) != 0)
		return TIDE_PANES_STRANGE;
	reader = (struct tide_reader){value + 1 + length, value + record->value_size, false};
	uint64_t partition = tide_bytes_number(&reader);
	if (reader.bad || partition >= PARTITIONS_MAX)
		return TIDE_PANES_STRANGE;
	if (value[0] == PROGRESS)
		return progress_read(stage, (int32_t) partition, &reader);
	return value[0] == PART
	               ? part_read(stage, (int32_t) partition, record->offset, &reader)
	               : TIDE_PANES_STRANGE;
}

int
tide_worker_partials_take(struct worker *worker, struct worker_queue *queue, size_t number,
                          struct tide_error *error)
{
	struct tide_source *source = worker->setup->source;

	for (;;) {
		queue->batch.count = 0;
		if (source->ops->take(source, number, &queue->batch, &queue->supply, error))
			return -1;
		if (queue->batch.count == 0)
			return 0;
		for (size_t i = 0; i < queue->batch.count; i++) {
			const struct tide_record *record = &queue->batch.records[i];
			enum tide_panes_answer answer = record_read(worker, queue->stage, record);
			if (answer != TIDE_PANES_OK)
				return tide_worker_stage_refuse(worker, answer, error);
			queue->next_offset = record->offset + 1;
		}
		worker->has_moved = queue->stage->has_moved = true;
		if (tide_worker_stage_judge(worker, queue->stage, error))
			return -1;
	}
}
