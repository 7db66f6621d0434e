#include "alerts/alert_state.h"
#include "app/drain.h"
#include "app/state_record.h"
#include "app/worker_private.h"
#include <stdlib.h>

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

/* What the last record of each key says. */
static int
table_load(const struct worker *worker, const struct worker_stage *stage,
           const struct tide_state_table *table, int64_t *epoch, struct tide_error *error)
{
	struct tide_state_stage loaded = {.state_hash = worker->setup->config->state_hash,
	                                  .panes = stage->panes,
	                                  .alerts = stage->alerts};

	for (size_t i = 0; i < table->count; i++) {
		const struct tide_state_entry *entry = &table->entries[i];
		enum tide_alert_put put = entry->value ? tide_state_record_load(&loaded, entry)
		                                       : TIDE_ALERT_PUT_OK;
		if (put == TIDE_ALERT_PUT_NO_MEMORY)
			return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
		if (put == TIDE_ALERT_PUT_STRANGE)
			return state_strange(worker, stage->number, entry->offset, error);
	}
	*epoch = loaded.epoch;
	return 0;
}

/* Small state that is not of the committed offsets cannot be gone on with. Where it is newer,
 * another worker has gone on, unless somebody moved them. So it may have where it is older, and
 * compaction took what was there when we began to read: a second look tells. */
static int
epochs_match(const struct worker *worker, struct worker_stage *stage, int64_t found,
             struct tide_error *error)
{
	struct tide_worker_revoke *revoke = worker->setup->revoke;

	if (stage->adopts)
		stage->epoch = found; /* one worker had it before there were many */
	if (stage->epoch == found)
		return 0;
	bool again = found < stage->epoch && !revoke->doubts;
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
stage_restore(const struct worker *worker, struct worker_stage *stage,
              const struct tide_state_table *table, struct tide_error *error)
{
	int64_t epoch = 0;

	return table_load(worker, stage, table, &epoch, error) ||
	                       epochs_match(worker, stage, epoch, error)
	               ? -1
	               : 0;
}

struct restoring {
	struct worker *worker;
	const struct tide_queue *queues; /* of the state topic */
	struct tide_state_table *tables; /* of each */
};

/* Each finds what is its own. */
static int
record_take(void *closure, size_t queue, const struct tide_record *record,
            struct tide_error *error)
{
	const struct restoring *restoring = closure;
	struct worker *worker = restoring->worker;
	int32_t partition = restoring->queues[queue].partition;
	struct tide_text key = {(const char *) record->key, record->key ? record->key_size : 0};

	if (tide_state_record_kind(key) != TIDE_STATE_SNAPSHOT)
		return stage_at(worker, partition)
		               ? tide_state_table_put(&restoring->tables[queue], record, error)
		               : 0;
	for (size_t i = 0; i < worker->task_count; i++)
		if (worker->tasks[i].partition == partition)
			tide_worker_snapshot_take(worker, &worker->tasks[i], record);
	return 0;
}

static int
source_read(struct worker *worker, struct tide_source *source, struct tide_error *error)
{
	struct restoring restoring = {.worker = worker};
	size_t count = source->ops->queues(source, &restoring.queues);

	restoring.tables = calloc(count + 1, sizeof *restoring.tables);
	if (!restoring.tables)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	int failed = tide_drain(source, record_take, &restoring, error);
	for (size_t i = 0; !failed && i < count; i++) {
		struct worker_stage *stage = stage_at(worker, restoring.queues[i].partition);
		if (stage)
			failed = stage_restore(worker, stage, &restoring.tables[i], error);
	}
	for (size_t i = 0; i < count; i++)
		tide_state_table_fini(&restoring.tables[i]);
	free(restoring.tables);
	return failed;
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

/* How far a task is that came out of a snapshot: no record may come that says it. */
static int
loaded_tell(struct worker *worker, struct tide_error *error)
{
	for (size_t i = 0; i < worker->task_count; i++)
		if (worker->tasks[i].snapshot &&
		    tide_worker_task_move(worker, &worker->tasks[i], error))
			return -1;
	return 0;
}

int
tide_worker_state_restore(struct worker *worker, struct tide_error *error)
{
	if (worker->setup->state_open && worker->queue_count && partitions_read(worker, error))
		return -1;
	for (size_t i = 0; i < worker->task_count; i++)
		if (tide_worker_snapshot_end(worker, &worker->tasks[i], error))
			return -1;
	if (worker->setup->revoke && worker->queue_count)
		worker->setup->revoke->doubts = false; /* a look at nothing does not tell */
	return loaded_tell(worker, error);
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
	tide_state_record_stage(value, stage->epoch, worker->setup->config->state_hash,
	                        stage->panes);
	stage->has_moved = false;
	return state_letter(worker, stage->number, TIDE_TEXT(TIDE_STATE_STAGE_KEY), value,
	                    error);
}

int
tide_worker_state_give(struct worker *worker, struct tide_error *error)
{
	struct tide_buffer value;
	int failed = 0;

	if (!worker->setup->state_open)
		return 0;
	tide_text_buffer_init(&value, TIDE_STATE_VALUE_BYTES);
	for (size_t i = 0; !failed && i < worker->stage_count; i++)
		if (worker->stages[i].has_moved)
			failed = stage_give(worker, &worker->stages[i], &value, error);
	tide_text_buffer_fini(&value);
	return failed;
}
