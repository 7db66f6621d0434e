#include "alerts/alert_state.h"
#include "app/worker_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * What a commit remembers, as records of a compacted topic (SPEC 3.1). The partition of a stage's
 * number holds its small state:
 *
 *  stage        its epoch, the state hash, and what of its panes a rewind does not bring back
 *  alert/…      a record a rule's memory of one cell and column (alerts/alert_state.h)
 *  drift/…      and one a model: in which windows its inputs drifted
 *
 * and that of a task's number its snapshots (worker_snapshot.c).
 */
#define STAGE TIDE_TEXT("stage")
#define VALUE_BYTES_MAX (1u << 20)

static struct worker_stage *
stage_at(const struct worker *worker, int32_t number)
{
	for (size_t i = 0; i < worker->stage_count; i++)
		if (worker->stages[i].number == number)
			return &worker->stages[i];
	return NULL;
}

static int
state_strange(const struct worker *worker, int32_t partition, int64_t offset,
              struct tide_error *error)
{
	return tide_error_stop(error, TIDE_ERROR_DATA,
	                       "%s, partition %d, offset %lld: no record of this program and config: "
	                       "name another topic in outputs.state, or say `tidemark state repair "
	                       "%s`: windows and results are kept, open alerts forgotten",
	                       worker->setup->config->state_topic, (int) partition,
	                       (long long) offset, worker->setup->config->path);
}

static int
digit_of(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Turns hex digits into the bytes that they stand for, in place. */
static bool
bytes_read(char *text, size_t length)
{
	for (size_t i = 0; i + 1 < length; i += 2) {
		int high = digit_of(text[i]), low = digit_of(text[i + 1]);
		if (high < 0 || low < 0)
			return false;
		text[i / 2] = (char) (high * 16 + low);
	}
	return length % 2 == 0;
}

/* "s1;E=<epoch>;H=<state hash>;" and the panes as hex digits. */
static void
stage_write(const struct worker *worker, const struct worker_stage *stage,
            struct tide_buffer *value)
{
	struct tide_buffer panes;

	tide_text_buffer_init(&panes, VALUE_BYTES_MAX / 2);
	tide_panes_state_save(stage->panes, &panes);
	tide_text_put_format(value, "s1;E=%lld;H=%s;", (long long) stage->epoch,
	                     worker->setup->config->state_hash);
	for (size_t i = 0; i < panes.length; i++)
		tide_text_put_format(value, "%02x", (unsigned char) panes.bytes[i]);
	value->failed |= panes.failed;
	tide_text_buffer_fini(&panes);
}

/* *epoch is what the record says; where it is not that of the offsets, restore refuses. */
static bool
stage_read(struct worker *worker, struct worker_stage *stage, struct tide_text value,
           int64_t *epoch)
{
	struct tide_buffer *copy = &worker->value;
	long long number;
	char hash[17];
	int head = 0;

	tide_text_buffer_reset(copy);
	tide_text_put(copy, value.bytes, value.length);
	tide_text_put(copy, "", 1);
	if (copy->failed || sscanf(copy->bytes, "s1;E=%lld;H=%16[0-9a-f];%n", &number, hash, &head) != 2 ||
	    head == 0 || strcmp(hash, worker->setup->config->state_hash) != 0 ||
	    !bytes_read(copy->bytes + head, value.length - (size_t) head))
		return false;
	*epoch = number;
	return tide_panes_state_load(stage->panes, (const uint8_t *) copy->bytes + head,
	                       (value.length - (size_t) head) / 2) == TIDE_PANES_OK;
}

static int
record_put(struct worker *worker, struct worker_stage *stage, const struct tide_record *record,
           int64_t *epoch, struct tide_error *error)
{
	struct tide_text key = {(const char *) record->key, record->key ? record->key_size : 0};
	struct tide_text value = {(const char *) record->value, record->value_size};

	if (tide_text_equal(key, STAGE))
		return value.bytes && stage_read(worker, stage, value, epoch)
		               ? 0
		               : state_strange(worker, stage->number, record->offset, error);
	enum tide_alert_put put = tide_alert_state_put(stage->alerts, key, value);
	if (put == TIDE_ALERT_PUT_OK)
		return 0;
	if (put == TIDE_ALERT_PUT_NO_MEMORY)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	return state_strange(worker, stage->number, record->offset, error);
}

#define SNAPSHOT "snapshot/"

/* Each finds what is its own. */
static int
record_take(struct worker *worker, int32_t partition, const struct tide_record *record,
            int64_t *epoch, struct tide_error *error)
{
	struct worker_stage *stage = stage_at(worker, partition);
	size_t length = sizeof SNAPSHOT - 1;

	if (record->key && record->key_size > length && memcmp(record->key, SNAPSHOT, length) == 0) {
		for (size_t i = 0; i < worker->task_count; i++)
			if (worker->tasks[i].partition == partition)
				tide_worker_snapshot_take(worker, &worker->tasks[i], record);
		return 0;
	}
	return stage ? record_put(worker, stage, record, epoch, error) : 0;
}

/* All records of one partition, in their order. */
static int
partition_read(struct worker *worker, struct tide_source *source, size_t queue,
               int32_t partition, int64_t *epoch, struct tide_error *error)
{
	enum tide_supply supply = TIDE_SUPPLY_RECORDS;
	struct tide_batch batch = {0};
	bool changed;

	while (supply != TIDE_SUPPLY_END) {
		batch.count = 0;
		if (source->ops->take(source, queue, &batch, &supply, error))
			return -1;
		for (size_t i = 0; i < batch.count; i++)
			if (record_take(worker, partition, &batch.records[i], epoch, error))
				return -1;
		if (batch.count == 0 && supply != TIDE_SUPPLY_END &&
		    source->ops->poll(source, 5, &changed, error))
			return -1;
	}
	return 0;
}

/* Small state that is not of the committed offsets cannot be gone on with. Where it is newer,
 * another worker has gone on, unless somebody moved them. So it may have where it is older, and
 * compaction took what was there when we began to read: a second look tells. */
static int
epochs_match(const struct worker *worker, const struct worker_stage *stage, int64_t found,
             struct tide_error *error)
{
	struct tide_worker_revoke *revoke = worker->setup->revoke;
	bool again = found < stage->epoch && !revoke->doubts;

	if (stage->epoch == found)
		return 0;
	revoke->doubts |= again;
	return tide_error_set(
	        error, again || found > stage->epoch ? TIDE_ERROR_RESTART : TIDE_ERROR_DATA,
	        again ? TIDE_ABORT_TRANSACTION : TIDE_STOP,
	        "%s, partition %d: the state is of commit %lld, the offsets of the group are of commit "
	        "%lld: the topic was emptied, or the offsets were moved. Say `tidemark state repair "
	        "%s` to go on from the offsets: windows and results are kept, open alerts forgotten",
	        worker->setup->config->state_topic, (int) stage->number, (long long) found,
	        (long long) stage->epoch, worker->setup->config->path);
}

static int
source_read(struct worker *worker, struct tide_source *source, struct tide_error *error)
{
	const struct tide_queue *queues;
	size_t count = source->ops->queues(source, &queues);

	for (size_t i = 0; i < count; i++) {
		const struct worker_stage *stage = stage_at(worker, queues[i].partition);
		int64_t epoch = 0;
		if (partition_read(worker, source, i, queues[i].partition, &epoch, error))
			return -1;
		if (stage && epochs_match(worker, stage, epoch, error))
			return -1;
	}
	return 0;
}

/* Those of the stages, and of tasks that want a snapshot. */
static size_t
partitions_list(const struct worker *worker, int32_t *partitions)
{
	size_t count = 0;

	for (; count < worker->stage_count; count++)
		partitions[count] = worker->stages[count].number;
	for (size_t i = 0; i < worker->task_count; i++)
		if (worker->tasks[i].loading.wanted && !stage_at(worker, worker->tasks[i].partition))
			partitions[count++] = worker->tasks[i].partition;
	return count;
}

static int
partitions_read(struct worker *worker, struct tide_error *error)
{
	size_t room = worker->stage_count + worker->task_count + 1;
	int32_t *partitions = calloc(room, sizeof *partitions);
	struct tide_source *source;

	if (!partitions)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	size_t count = partitions_list(worker, partitions);
	int failed = count ? worker->setup->state_open(worker->setup->closure, partitions, count,
	                                               &source, error)
	                   : 0;
	free(partitions);
	if (failed || count == 0)
		return failed;
	failed = source_read(worker, source, error);
	source->ops->close(source);
	return failed;
}

int
tide_worker_state_restore(struct worker *worker, struct tide_error *error)
{
	if (worker->setup->state_open && worker->queue_count && partitions_read(worker, error))
		return -1;
	for (size_t i = 0; i < worker->task_count; i++)
		if (tide_worker_snapshot_end(worker, &worker->tasks[i], error))
			return -1;
	if (worker->setup->revoke)
		worker->setup->revoke->doubts = false;
	return 0;
}

static int
state_letter(struct worker *worker, int32_t partition, struct tide_text key,
             const struct tide_buffer *value, struct tide_error *error)
{
	struct tide_letter letter = {.kind = TIDE_LETTER_STATE,
	                             .key = (const uint8_t *) key.bytes,
	                             .key_size = key.length,
	                             .value = value->length ? (const uint8_t *) value->bytes : NULL,
	                             .value_size = value->length,
	                             .time_ms = INT64_MIN,
	                             .is_placed = true,
	                             .partition = partition};

	if (value->failed)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	return tide_worker_stage_letter(worker, &letter, error);
}

static int
stage_give(struct worker *worker, struct worker_stage *stage, struct tide_buffer *value,
           struct tide_error *error)
{
	char key[TIDE_ALERT_STATE_KEY];

	tide_text_buffer_reset(value);
	while (tide_alert_state_take(stage->alerts, key, value)) {
		if (state_letter(worker, stage->number, tide_text_of(key), value, error))
			return -1;
		tide_text_buffer_reset(value);
	}
	stage->epoch++;
	stage_write(worker, stage, value);
	stage->has_moved = false;
	return state_letter(worker, stage->number, STAGE, value, error);
}

int
tide_worker_state_give(struct worker *worker, struct tide_error *error)
{
	struct tide_buffer value;
	int failed = 0;

	if (!worker->setup->state_open)
		return 0;
	tide_text_buffer_init(&value, VALUE_BYTES_MAX);
	for (size_t i = 0; !failed && i < worker->stage_count; i++)
		if (worker->stages[i].has_moved)
			failed = stage_give(worker, &worker->stages[i], &value, error);
	tide_text_buffer_fini(&value);
	return failed;
}
