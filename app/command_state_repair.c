#include "app/command.h"
#include "app/command_state.h"
#include "app/service.h"
#include "consumer/kafka_sink.h"
#include <string.h>

#define SINK_BYTES ((size_t) 256 << 20)

struct repair {
	struct tide_state_view *view;
	struct tide_sink *sink; /* NULL: nothing is written, only counted */
	size_t forgotten;
	bool rewritten; /* the stage's own record */
	struct tide_error *error;
};

/* An empty value forgets the key. */
static int
record_write(struct repair *repair, const struct tide_state_place *stage, struct tide_text key,
             struct tide_text value)
{
	const struct tide_letter letter = {
	        .kind = TIDE_LETTER_STATE,
	        .key = (const uint8_t *) key.bytes,
	        .key_size = key.length,
	        .value = value.length ? (const uint8_t *) value.bytes : NULL,
	        .value_size = value.length,
	        .time_ms = INT64_MIN,
	        .is_placed = true,
	        .partition = stage->number};

	return repair->sink ? repair->sink->ops->give(repair->sink, &letter, repair->error) : 0;
}

/* Of a group that has committed nothing, or not yet a stage, there is no record. Else everything up
 * to the frontiers was sent, and nothing is left over. */
static int
stage_write(struct repair *repair, const struct tide_state_place *stage)
{
	struct tide_panes *panes = tide_state_view_panes(repair->view);
	struct tide_buffer value;

	if (!panes)
		return tide_error_stop(repair->error, TIDE_ERROR_MEMORY, "out of memory");
	tide_text_buffer_init(&value, TIDE_STATE_VALUE_BYTES);
	tide_panes_resume(panes, stage->clock_ms, stage->input_ms, true);
	if (stage->epoch)
		tide_state_record_stage(&value, stage->epoch, repair->view->config->state_hash,
		                        panes);
	int failed = value.failed ? tide_error_stop(repair->error, TIDE_ERROR_MEMORY,
	                                            "out of memory")
	                          : record_write(repair, stage, TIDE_TEXT(TIDE_STATE_STAGE_KEY),
	                                         (struct tide_text){value.bytes, value.length});
	repair->rewritten = true;
	tide_text_buffer_fini(&value);
	tide_panes_free(panes);
	return failed;
}

/* Where the stage's record is of the offsets, what can be read of the others stays. */
static int
stage_repair(struct repair *repair, struct tide_state_place *stage)
{
	for (size_t i = 0; i < stage->table.count; i++) {
		const struct tide_state_entry *entry = &stage->table.entries[i];
		struct tide_text key = tide_state_table_key(entry);
		if (!entry->value || tide_state_record_kind(key) == TIDE_STATE_STAGE)
			continue;
		if (stage->fits &&
		    tide_state_record_load(&stage->found, entry) == TIDE_ALERT_PUT_OK)
			continue;
		repair->forgotten++;
		if (record_write(repair, stage, key, (struct tide_text){0}))
			return -1;
	}
	return stage->fits ? 0 : stage_write(repair, stage);
}

static int
stages_repair(struct tide_state_view *view, struct tide_sink *sink, struct tide_error *error)
{
	for (size_t i = 0; i < view->stage_count; i++) {
		struct tide_state_place *stage = &view->stages[i];
		struct repair repair = {.view = view, .sink = sink, .error = error};
		if (!stage->refusal.code)
			continue;
		if (stage_repair(&repair, stage))
			return -1;
		printf("stage %d: %s\n  %s %zu records%s", (int) stage->number, stage->refusal.text,
		       sink ? "forgot" : "would forget", repair.forgotten,
		       repair.rewritten ? "" : "\n");
		if (repair.rewritten)
			printf(", and %s with commit %lld\n", sink ? "goes on" : "go on",
			       (long long) stage->epoch);
	}
	return 0;
}

static int
stages_write(struct tide_state_view *view, struct tide_error *error)
{
	const struct tide_config *config = view->config;
	struct tide_service_names names;
	struct tide_kafka_sink_options options = {
	        .properties = config->kafka,
	        .transactional_id = names.worker,
	        .topics = {[TIDE_LETTER_STATE] = config->state_topic},
	        .cap_bytes = SINK_BYTES};
	struct tide_sink *sink;

	if (tide_service_names(config, "-repair", NULL, &names, error) ||
	    tide_kafka_sink_open(&options, &sink, error))
		return -1;
	int failed = stages_repair(view, sink, error);
	if (!failed)
		failed = sink->ops->commit(sink, NULL, 0, error);
	sink->ops->close(sink);
	return failed;
}

int
tide_command_state_repair(struct tide_state_view *view, bool yes, struct tide_error *error)
{
	for (size_t i = 0; i < view->queue_count; i++) {
		if (!view->queues[i].refusal.code)
			continue;
		*error = view->queues[i].refusal;
		return tide_error_prefix(error, "this cannot be repaired; start with a new group.id: ");
	}
	if (!tide_state_view_refusal(view)) {
		puts("there is nothing to repair");
		return 0;
	}
	if (yes)
		return stages_write(view, error);
	if (stages_repair(view, NULL, error))
		return -1;
	puts("nothing was written: say --yes");
	return 0;
}
