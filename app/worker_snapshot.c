#include "app/worker_private.h"
#include "base/log.h"
#include "windowing/window_save.h"
#include <string.h>

/*
 * Bulk state (SPEC 3.1): what a task knows, as records of its partition of the state topic
 * (state_snapshot.h). It is a cache: where it is not there, or was damaged, the inputs are read
 * again from further back. Its items:
 *
 *  H  state hash, seed of the ids, and where each queue stood
 *  W  a portion of the windows (windowing/window_save.h)
 *  P  a partial that waits for other partitions, where these are all ours
 *  E  the end
 */
#define PIECE_BYTES 900000u

struct saving {
	struct worker *worker;
	struct worker_task *task;
	struct tide_buffer stream; /* what was not sent of it */
	uint64_t index, bytes; /* of the pieces that were sent */
	bool failed;
	struct tide_error *error;
};

static int
piece_send(struct saving *saving, size_t size)
{
	struct worker *worker = saving->worker;
	int64_t number = saving->task->snapshot_last;
	struct tide_text piece = {saving->stream.bytes, size};
	char key[TIDE_STATE_SNAPSHOT_KEY];

	tide_state_snapshot_key(number, saving->index, key);
	tide_text_buffer_reset(&worker->value);
	tide_state_snapshot_value(&worker->value, number, saving->index++, piece);
	if (worker->value.failed)
		return tide_error_stop(saving->error, TIDE_ERROR_MEMORY, "out of memory");
	struct tide_letter letter = {.kind = TIDE_LETTER_STATE,
	                             .key = (const uint8_t *) key,
	                             .key_size = strlen(key),
	                             .value = (const uint8_t *) worker->value.bytes,
	                             .value_size = worker->value.length,
	                             .time_ms = INT64_MIN,
	                             .is_placed = true,
	                             .partition = saving->task->partition};
	struct tide_sink *sink = worker->setup->sink;
	if (sink->ops->give(sink, &letter, saving->error))
		return -1;
	saving->bytes += size;
	memmove(saving->stream.bytes, saving->stream.bytes + size, saving->stream.length - size);
	saving->stream.length -= size;
	return 0;
}

static bool
item_put(struct saving *saving, char kind, const void *bytes, size_t size)
{
	struct tide_buffer *stream = &saving->stream;

	tide_text_put(stream, &kind, 1);
	tide_bytes_put_number(stream, size);
	tide_text_put(stream, bytes, size);
	if (stream->failed)
		saving->failed = true;
	while (!saving->failed && stream->length >= PIECE_BYTES)
		saving->failed = piece_send(saving, PIECE_BYTES) != 0;
	return !saving->failed;
}

static void
head_save(const struct saving *saving, struct tide_buffer *head)
{
	const struct worker *worker = saving->worker;
	const struct worker_task *task = saving->task;

	tide_bytes_put_text(head, tide_text_of(worker->setup->config->state_hash));
	tide_bytes_put_word(head, task->seed);
	tide_bytes_put_signed(head, task->clock_ms);
	for (size_t i = 0; i < worker->queue_count; i++) {
		struct worker_queue *queue = &worker->queues[i];
		if (queue->task != task)
			continue;
		queue->snapshot_offset = queue->next_offset;
		tide_bytes_put_number(head, (uint64_t) queue->about->role);
		tide_bytes_put_signed(head, queue->next_offset);
		tide_bytes_put_signed(head, tide_worker_watermark(worker, queue));
		tide_bytes_put_signed(head, queue->first_ms);
		tide_bytes_put_signed(head, queue->began_ms);
		tide_bytes_put_counts(head, queue->held, TIDE_OUTCOMES);
		tide_bytes_put_number(head, queue->trail.count);
		for (size_t j = 0; j < queue->trail.count; j++) {
			tide_bytes_put_signed(head, queue->trail.marks[j].offset);
			tide_bytes_put_signed(head, queue->trail.marks[j].watermark_ms);
		}
	}
}

static bool
partial_save(void *closure, const uint8_t *bytes, size_t size)
{
	return item_put(closure, 'P', bytes, size);
}

static bool
task_save(struct saving *saving)
{
	struct worker *worker = saving->worker;
	struct tide_window_cursor cursor = {0};
	struct tide_buffer *portion = &worker->partial;

	tide_text_buffer_reset(portion);
	head_save(saving, portion);
	bool good = !portion->failed && item_put(saving, 'H', portion->bytes, portion->length);
	tide_text_buffer_reset(portion);
	while (good && tide_window_save(saving->task->windows, &cursor, portion)) {
		good = !portion->failed && item_put(saving, 'W', portion->bytes, portion->length);
		tide_text_buffer_reset(portion);
	}
	if (good && !worker_is_one_of_many(worker))
		good = tide_panes_state_walk(worker->stages[0].panes, saving->task->partition,
		                             partial_save, saving);
	return good && item_put(saving, 'E', "", 0) &&
	       piece_send(saving, saving->stream.length) == 0;
}

int
tide_worker_snapshot_give(struct worker *worker, struct worker_task *task, int64_t now_ms,
                          struct tide_error *error)
{
	struct saving saving = {.worker = worker, .task = task, .error = error};

	if (!worker->setup->state_open || !worker->setup->snapshot_interval_ms ||
	    now_ms < task->snapshot_due_ms)
		return 0;
	task->snapshot_last++;
	tide_text_buffer_init(&saving.stream, WORKER_BYTES_MAX);
	bool good = task_save(&saving);
	tide_text_buffer_fini(&saving.stream);
	task->snapshot_due_ms = now_ms + worker->setup->snapshot_interval_ms;
	task->snapshot = good ? task->snapshot_last : 0;
	if (good) {
		task->snapshot_bytes = saving.bytes;
		task->snapshot_ms = tide_worker_counters_now_ms();
	}
	if (!good)
		tide_log(TIDE_LOG_WARN, "worker",
		         "partition %d has no new snapshot: what it knows does not fit into one "
		         "transaction or into memory; a restart reads again from further back",
		         (int) task->partition);
	return 0;
}

static struct worker_queue *
queue_of(const struct worker *worker, const struct worker_task *task, uint64_t role)
{
	for (size_t i = 0; i < worker->queue_count; i++)
		if (worker->queues[i].task == task && (uint64_t) worker->queues[i].about->role == role)
			return &worker->queues[i];
	return NULL;
}

static bool
queue_load(struct worker *worker, struct worker_task *task, struct tide_reader *reader)
{
	struct worker_queue *queue = queue_of(worker, task, tide_bytes_number(reader));
	int64_t offset = tide_bytes_signed(reader), watermark_ms = tide_bytes_signed(reader);

	if (!queue || offset != queue->next_offset)
		return false;
	tide_clock_start(&queue->clock, watermark_ms,
	                 worker->setup->config->window.out_of_orderness_ms);
	queue->first_ms = tide_bytes_signed(reader);
	queue->began_ms = tide_bytes_signed(reader);
	tide_bytes_counts(reader, queue->held, TIDE_OUTCOMES);
	uint64_t marks = tide_bytes_number(reader);
	if (reader->bad || marks == 0 || marks > TIDE_POSITION_TRAIL)
		return false;
	queue->trail.count = (size_t) marks;
	for (uint64_t i = 0; i < marks; i++) {
		queue->trail.marks[i].offset = tide_bytes_signed(reader);
		queue->trail.marks[i].watermark_ms = tide_bytes_signed(reader);
	}
	queue->snapshot_offset = offset;
	queue->mapping.seed = task->seed;
	return !reader->bad;
}

static bool
head_load(struct worker *worker, struct worker_task *task, struct tide_reader *reader)
{
	struct tide_text hash = tide_bytes_text(reader);

	task->seed = tide_bytes_word(reader);
	task->clock_ms = tide_bytes_signed(reader);
	if (reader->bad || !tide_text_is(hash, worker->setup->config->state_hash))
		return false;
	while (reader->at < reader->end)
		if (!queue_load(worker, task, reader))
			return false;
	return true;
}

struct loading {
	struct worker *worker;
	struct worker_task *task;
};

static bool
item_load(void *closure, uint8_t kind, const uint8_t *bytes, size_t size)
{
	const struct loading *loading = closure;
	struct worker *worker = loading->worker;
	struct worker_task *task = loading->task;
	struct tide_reader reader = {bytes, bytes + size, false};

	if (kind == 'H')
		return head_load(worker, task, &reader);
	if (kind == 'W')
		return tide_window_load(task->windows, bytes, size) == TIDE_WINDOW_LOAD_OK;
	if (kind == 'P') /* of one worker; with many, partials are in their topic */
		return !worker_is_one_of_many(worker) &&
		       tide_panes_put(worker->stages[0].panes, task->partition, bytes, size,
		                      INT64_MAX) == TIDE_PANES_OK;
	return kind == 'E' && tide_window_load_end(task->windows) == TIDE_WINDOW_LOAD_OK;
}

void
tide_worker_snapshot_take(struct worker *worker, struct worker_task *task,
                          const struct tide_record *record)
{
	struct loading loading = {worker, task};

	tide_state_snapshot_take(&task->loading, record, item_load, &loading);
}

int
tide_worker_snapshot_end(struct worker *worker, struct worker_task *task,
                         struct tide_error *error)
{
	bool good = tide_state_snapshot_is_whole(&task->loading);

	if (good && task->loading.wanted) {
		task->snapshot_bytes = task->loading.bytes;
		if (task->loading.time_ms != INT64_MIN)
			task->snapshot_ms = task->loading.time_ms;
	}
	tide_state_snapshot_fini(&task->loading);
	task->loading.wanted = 0;
	if (good)
		return 0;
	worker->setup->revoke->distrusts = true;
	return tide_error_set(error, TIDE_ERROR_RESTART, TIDE_ABORT_TRANSACTION,
	                      "%s, partition %d: the snapshot is not there, or was damaged; reading "
	                      "again from further back",
	                      worker->setup->config->state_topic, (int) task->partition);
}

int64_t
tide_worker_snapshot_start(void *context, const struct tide_queue *queue)
{
	const struct tide_worker_revoke *revoke = context;
	struct tide_position_note note;
	struct tide_error error;

	if (revoke->distrusts || tide_position_read(queue->metadata, &note, &error) ||
	    note.snapshot == 0)
		return queue->start_offset;
	return note.snapshot_offset;
}
