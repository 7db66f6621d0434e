#include "app/command_state.h"
#include "app/utc.h"
#include "consumer/source.h"
#include "windowing/clock.h"

static const char *const roles[TIDE_SOURCE_ROLES] = {"predictions", "labels", "partials"};

static void
time_print(struct tide_buffer *out, const char *before, int64_t time_ms)
{
	tide_text_put_string(out, before);
	if (time_ms == TIDE_NO_TIME || time_ms == TIDE_CLOCK_END)
		tide_text_put_string(out, time_ms == TIDE_NO_TIME ? "none" : "the end");
	else
		tide_utc_print(out, time_ms);
}

/* How many records a start reads that were read before. */
static int64_t
again_count(const struct tide_state_view *view, const struct tide_state_queue *queue)
{
	int64_t start = tide_state_view_start(view, queue);

	return start < 0 || queue->note.read_offset < start ? 0 : queue->note.read_offset - start;
}

static void
queue_print(struct tide_buffer *out, const struct tide_state_queue *queue)
{
	const struct tide_position_note *note = &queue->note;
	int64_t read = note->read_offset;

	tide_text_put_format(out, "  %-11s %s[%d] holds [%lld,%lld)", roles[queue->role],
	                     queue->topic, (int) queue->partition, (long long) queue->first,
	                     (long long) queue->end);
	if (queue->committed < 0) {
		tide_text_put_string(out, ", nothing was committed\n");
		return;
	}
	tide_text_put_format(out, ", read to %lld, %lld behind; rewinds to %lld\n",
	                     (long long) read, (long long) (queue->end - read),
	                     (long long) queue->committed);
	time_print(out, "              watermark there ", note->watermark_ms);
	time_print(out, ", panes left up to ", note->frontier_ms);
	time_print(out, ", input records before ", note->input_ms);
	time_print(out, ", first whole window ", note->whole_start_ms);
	tide_text_put_format(out, ", epoch %lld\n", (long long) note->epoch);
}

static void
snapshot_print(struct tide_buffer *out, const struct tide_state_snapshot *snapshot, int64_t now_ms)
{
	if (!snapshot->wanted) {
		tide_text_put_string(out, "  snapshot    none\n");
		return;
	}
	tide_text_put_format(out, "  snapshot    %lld: %s, %llu pieces, %llu bytes",
	                     (long long) snapshot->wanted,
	                     tide_state_snapshot_is_whole(snapshot) ? "whole"
	                     : snapshot->index == 0                  ? "not there"
	                                                             : "damaged",
	                     (unsigned long long) snapshot->index,
	                     (unsigned long long) snapshot->bytes);
	if (snapshot->time_ms != INT64_MIN)
		tide_text_put_format(out, ", %lld s old",
		                     (long long) ((now_ms - snapshot->time_ms) / 1000));
	tide_text_put_string(out, "\n");
}

static void
task_restart_print(struct tide_buffer *out, const struct tide_state_view *view, size_t partition)
{
	const struct tide_state_snapshot *snapshot = &view->snapshots[partition];
	const struct tide_state_queue *refused = NULL;
	int64_t again = 0, behind = 0;
	bool begun = false;

	for (size_t i = 0; i < view->queue_count; i++) {
		const struct tide_state_queue *queue = &view->queues[i];
		if (queue->role == TIDE_PARTIALS || (size_t) queue->partition != partition)
			continue;
		if (queue->refusal.code && !refused)
			refused = queue;
		begun |= queue->committed >= 0;
		again += again_count(view, queue);
		behind += queue->committed < 0 ? 0 : queue->end - queue->note.read_offset;
	}
	tide_text_put_string(out, "  a start     ");
	if (refused)
		tide_text_put_format(out, "refuses: %s\n", refused->refusal.text);
	else if (!begun)
		tide_text_put_string(out, "begins where `inputs.start` says\n");
	else if (snapshot->wanted && tide_state_snapshot_is_whole(snapshot))
		tide_text_put_format(out,
		                     "loads snapshot %lld of %llu bytes, reads %lld records again and "
		                     "%lld new ones\n",
		                     (long long) snapshot->wanted, (unsigned long long) snapshot->bytes,
		                     (long long) again, (long long) behind);
	else
		tide_text_put_format(out,
		                     "rewinds: it reads %lld records again and %lld new ones, for there "
		                     "is no %s\n",
		                     (long long) again, (long long) behind,
		                     snapshot->wanted ? "whole snapshot" : "snapshot");
}

static void
stage_print(struct tide_buffer *out, const struct tide_state_view *view,
            const struct tide_state_place *stage)
{
	tide_text_put_format(out, "stage %d\n", (int) stage->number);
	for (size_t i = 0; i < view->queue_count; i++)
		if (view->queues[i].role == TIDE_PARTIALS &&
		    view->queues[i].partition == stage->number)
			queue_print(out, &view->queues[i]);
	tide_text_put_format(out, "  epoch       %lld in the state, %lld in the offsets",
	                     (long long) stage->found.epoch, (long long) stage->epoch);
	time_print(out, "; panes left up to ", stage->clock_ms);
	time_print(out, ", input records before ", stage->input_ms);
	tide_text_put_format(out,
	                     "\n  remembers   %zu alert records, %zu incidents open, %zu drift "
	                     "records, %zu follow records, %zu strange ones\n",
	                     stage->alerts, stage->open, stage->drifts, stage->follows,
	                     stage->strange);
	tide_text_put_format(out, "  a start     %s%s\n", stage->refusal.code ? "refuses: " : "goes on",
	                     stage->refusal.code ? stage->refusal.text : "");
}

void
tide_command_state_print(struct tide_buffer *out, const struct tide_state_view *view,
                         size_t members, int64_t now_ms)
{
	tide_text_put_format(out, "group %s, %zu members; state topic %s\n", view->names.group, members,
	                     view->config->state_topic);
	for (size_t task = 0; task < view->task_count; task++) {
		tide_text_put_format(out, "task %zu\n", task);
		for (size_t i = 0; i < view->queue_count; i++)
			if (view->queues[i].role != TIDE_PARTIALS &&
			    (size_t) view->queues[i].partition == task)
				queue_print(out, &view->queues[i]);
		snapshot_print(out, &view->snapshots[task], now_ms);
		task_restart_print(out, view, task);
	}
	for (size_t i = 0; i < view->stage_count; i++)
		stage_print(out, view, &view->stages[i]);
}

static void
time_json(struct tide_buffer *out, const char *key, int64_t time_ms)
{
	tide_text_json_key(out, key);
	if (time_ms == TIDE_NO_TIME || time_ms == TIDE_CLOCK_END)
		tide_text_json_null(out);
	else
		tide_text_json_integer(out, time_ms);
}

/* −1 stands for none. */
static void
offset_json(struct tide_buffer *out, const char *key, int64_t offset)
{
	tide_text_json_key(out, key);
	if (offset < 0)
		tide_text_json_null(out);
	else
		tide_text_json_integer(out, offset);
}

static void
refusal_json(struct tide_buffer *out, const struct tide_error *refusal)
{
	tide_text_json_put_string(out, "refusal", refusal->code ? refusal->text : NULL);
}

static void
queue_json(struct tide_buffer *out, const struct tide_state_view *view,
           const struct tide_state_queue *queue)
{
	const struct tide_position_note *note = &queue->note;

	tide_text_json_open(out, '{');
	tide_text_json_put_string(out, "role", roles[queue->role]);
	tide_text_json_put_string(out, "topic", queue->topic);
	tide_text_json_put_integer(out, "partition", queue->partition);
	tide_text_json_put_integer(out, "first", queue->first);
	tide_text_json_put_integer(out, "end", queue->end);
	offset_json(out, "committed", queue->committed);
	offset_json(out, "read", note->read_offset);
	offset_json(out, "start", tide_state_view_start(view, queue));
	offset_json(out, "lag", queue->committed < 0 ? -1 : queue->end - note->read_offset);
	tide_text_json_put_integer(out, "again", again_count(view, queue));
	time_json(out, "watermark", note->watermark_ms);
	time_json(out, "frontier", note->frontier_ms);
	time_json(out, "input_frontier", note->input_ms);
	time_json(out, "first_whole_window", note->whole_start_ms);
	tide_text_json_put_integer(out, "epoch", note->epoch);
	refusal_json(out, &queue->refusal);
	tide_text_json_close(out, '}');
}

static void
snapshot_json(struct tide_buffer *out, const struct tide_state_snapshot *snapshot, size_t task)
{
	tide_text_json_open(out, '{');
	tide_text_json_put_integer(out, "partition", (int64_t) task);
	tide_text_json_put_integer(out, "number", snapshot->wanted);
	tide_text_json_put_bool(out, "whole",
	                        snapshot->wanted && tide_state_snapshot_is_whole(snapshot));
	tide_text_json_put_integer(out, "pieces", (int64_t) snapshot->index);
	tide_text_json_put_integer(out, "bytes", (int64_t) snapshot->bytes);
	time_json(out, "written", snapshot->time_ms);
	tide_text_json_close(out, '}');
}

static void
stage_json(struct tide_buffer *out, const struct tide_state_place *stage)
{
	tide_text_json_open(out, '{');
	tide_text_json_put_integer(out, "partition", stage->number);
	tide_text_json_put_integer(out, "epoch", stage->epoch);
	tide_text_json_put_integer(out, "epoch_found", stage->found.epoch);
	time_json(out, "frontier", stage->clock_ms);
	time_json(out, "input_frontier", stage->input_ms);
	tide_text_json_put_integer(out, "alert_records", (int64_t) stage->alerts);
	tide_text_json_put_integer(out, "open", (int64_t) stage->open);
	tide_text_json_put_integer(out, "drift_records", (int64_t) stage->drifts);
	tide_text_json_put_integer(out, "follow_records", (int64_t) stage->follows);
	tide_text_json_put_integer(out, "strange_records", (int64_t) stage->strange);
	refusal_json(out, &stage->refusal);
	tide_text_json_close(out, '}');
}

void
tide_command_state_print_json(struct tide_buffer *out, const struct tide_state_view *view,
                              size_t members)
{
	tide_text_json_open(out, '{');
	tide_text_json_put_string(out, "group", view->names.group);
	tide_text_json_put_integer(out, "members", (int64_t) members);
	tide_text_json_put_string(out, "state_topic", view->config->state_topic);
	tide_text_json_put_bool(out, "refused", tide_state_view_refusal(view) != NULL);
	tide_text_json_key(out, "inputs");
	tide_text_json_open(out, '[');
	for (size_t i = 0; i < view->queue_count; i++)
		queue_json(out, view, &view->queues[i]);
	tide_text_json_close(out, ']');
	tide_text_json_key(out, "snapshots");
	tide_text_json_open(out, '[');
	for (size_t i = 0; i < view->task_count; i++)
		snapshot_json(out, &view->snapshots[i], i);
	tide_text_json_close(out, ']');
	tide_text_json_key(out, "stages");
	tide_text_json_open(out, '[');
	for (size_t i = 0; i < view->stage_count; i++)
		stage_json(out, &view->stages[i]);
	tide_text_json_close(out, ']');
	tide_text_json_close(out, '}');
	tide_text_put_string(out, "\n");
}
