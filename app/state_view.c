#include "app/state_view.h"
#include "alerts/alert_state.h"
#include "app/command.h"
#include "app/drain.h"
#include "app/worker.h"
#include "consumer/kafka_admin.h"
#include "consumer/kafka_group.h"
#include "consumer/kafka_source.h"
#include "windowing/clock.h"
#include <stdlib.h>
#include <string.h>

#define ITEM_BYTES_MAX ((size_t) 1 << 30) /* of a snapshot */

static int
no_memory(struct tide_error *error)
{
	return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
}

struct tide_panes *
tide_state_view_panes(struct tide_state_view *view)
{
	static const struct tide_shape none;
	const struct tide_config *config = view->config;
	struct tide_window_setup setup =
	        tide_worker_windows(config, &config->window, view->columns, &none);

	return tide_panes_new(&setup, &view->pool);
}

/* Topics by role; NULL: the config names none. */
static void
topics_of(const struct tide_config *config, struct tide_kafka_topic topics[TIDE_SOURCE_ROLES])
{
	topics[TIDE_PREDICTIONS].name = config->has_predictions ? config->predictions.topic : NULL;
	topics[TIDE_LABELS].name = config->has_labels ? config->labels.topic : NULL;
	topics[TIDE_PARTIALS].name = config->partials_topic;
}

static int
queues_list(struct tide_state_view *view, struct tide_error *error)
{
	struct tide_kafka_topic topics[TIDE_SOURCE_ROLES] = {0};
	size_t count = 0;

	topics_of(view->config, topics);
	for (int role = 0; role < TIDE_SOURCE_ROLES; role++) {
		if (!topics[role].name)
			continue;
		if (tide_kafka_admin_describe(view->config->kafka, &topics[role], 1, error))
			return -1;
		if (topics[role].partitions == 0)
			return tide_error_stop(error, TIDE_ERROR_NO_INPUT, "there is no topic %s",
			                       topics[role].name);
		count += (size_t) topics[role].partitions;
	}
	view->queues = calloc(count + 1, sizeof *view->queues);
	if (!view->queues)
		return no_memory(error);
	for (int role = 0; role < TIDE_SOURCE_ROLES; role++)
		for (int32_t i = 0; i < topics[role].partitions; i++)
			view->queues[view->queue_count++] = (struct tide_state_queue){
			        .role = role,
			        .partition = i,
			        .partitions = topics[role].partitions,
			        .topic = topics[role].name};
	return 0;
}

static void
queue_take(struct tide_state_view *view, struct tide_state_queue *queue,
           const struct tide_kafka_group_place *place)
{
	const struct tide_config *config = view->config;

	queue->first = place->first;
	queue->end = place->end;
	queue->committed = place->offset;
	if (tide_position_read(place->metadata, &queue->note, &queue->refusal))
		return;
	if (*queue->note.state_hash && strcmp(queue->note.state_hash, config->state_hash) != 0)
		(void) tide_error_stop(&queue->refusal, TIDE_ERROR_CONFIG,
		                       "it was read with another map, window, model, segment, column, "
		                       "business measure or reference");
}

static int
queues_read(struct tide_state_view *view, struct tide_error *error)
{
	struct tide_kafka_group_place *places = calloc(view->queue_count + 1, sizeof *places);

	if (!places)
		return no_memory(error);
	for (size_t i = 0; i < view->queue_count; i++) {
		places[i].topic = view->queues[i].topic;
		places[i].partition = view->queues[i].partition;
	}
	int failed = tide_kafka_group_read(view->config->kafka, view->names.group, places,
	                                   view->queue_count, error);
	for (size_t i = 0; !failed && i < view->queue_count; i++)
		queue_take(view, &view->queues[i], &places[i]);
	free(places);
	return failed;
}

static int
stage_begin(struct tide_state_view *view, int32_t number, struct tide_error *error)
{
	const struct tide_config *config = view->config;
	struct tide_state_place *stage = &view->stages[view->stage_count++];

	stage->number = number;
	stage->clock_ms = stage->input_ms = TIDE_NO_TIME;
	stage->found = (struct tide_state_stage){
	        .state_hash = config->state_hash,
	        .panes = tide_state_view_panes(view),
	        .alerts = tide_alert_new(config->name, config->rules, config->rule_count,
	                                 config->segments, config->segment_count)};
	return stage->found.panes && stage->found.alerts ? 0 : no_memory(error);
}

/* Where there are many workers, what a stage has done is said beside its partials. */
static void
stage_tell(struct tide_state_view *view, const struct tide_state_queue *queue)
{
	bool many = view->config->partials_topic;
	struct tide_state_place *stage = &view->stages[many ? (size_t) queue->partition : 0];

	if (many && queue->role != TIDE_PARTIALS)
		return;
	stage->adopts = many && queue->note.read_offset < 0; /* it has no offsets yet */
	tide_clock_raise(&stage->epoch, queue->note.epoch);
	tide_clock_raise(&stage->clock_ms, queue->note.frontier_ms);
	tide_clock_raise(&stage->input_ms, queue->note.input_ms);
}

/* Tasks and stages, as the notes name them. */
static int
parts_begin(struct tide_state_view *view, struct tide_error *error)
{
	size_t stages = view->config->partials_topic ? 0 : 1;

	for (size_t i = 0; i < view->queue_count; i++) {
		size_t count = (size_t) view->queues[i].partition + 1;
		size_t *most = view->queues[i].role == TIDE_PARTIALS ? &stages : &view->task_count;
		*most = count > *most ? count : *most;
	}
	view->snapshots = calloc(view->task_count + 1, sizeof *view->snapshots);
	view->stages = calloc(stages + 1, sizeof *view->stages);
	if (!view->snapshots || !view->stages)
		return no_memory(error);
	for (size_t i = 0; i < view->task_count; i++)
		tide_state_snapshot_init(&view->snapshots[i], ITEM_BYTES_MAX);
	for (size_t i = 0; i < stages; i++)
		if (stage_begin(view, (int32_t) i, error))
			return -1;
	for (size_t i = 0; i < view->queue_count; i++) {
		const struct tide_state_queue *queue = &view->queues[i];
		stage_tell(view, queue);
		if (queue->role != TIDE_PARTIALS)
			tide_clock_raise(&view->snapshots[queue->partition].wanted,
			                 queue->note.snapshot);
	}
	return 0;
}

static bool
item_pass(void *closure, uint8_t kind, const uint8_t *bytes, size_t size)
{
	(void) closure, (void) kind, (void) bytes, (void) size;
	return true;
}

struct reading {
	struct tide_state_view *view;
	const struct tide_queue *queues; /* of the state topic */
};

static int
record_take(void *closure, size_t queue, const struct tide_record *record,
            struct tide_error *error)
{
	const struct reading *reading = closure;
	struct tide_state_view *view = reading->view;
	size_t partition = (size_t) reading->queues[queue].partition;
	struct tide_text key = {(const char *) record->key, record->key ? record->key_size : 0};

	if (tide_state_record_kind(key) != TIDE_STATE_SNAPSHOT)
		return partition < view->stage_count
		               ? tide_state_table_put(&view->stages[partition].table, record, error)
		               : 0;
	if (partition < view->task_count)
		tide_state_snapshot_take(&view->snapshots[partition], record, item_pass, NULL);
	return 0;
}

int
tide_state_view_source(void *closure, const int32_t *partitions, size_t count,
                       struct tide_source **source, struct tide_error *error)
{
	const struct tide_config *config = closure;
	const struct tide_kafka_options options = {.properties = config->kafka,
	                                           .predictions_topic = config->state_topic,
	                                           .start = TIDE_KAFKA_EARLIEST,
	                                           .bounded = true,
	                                           .partitions = partitions,
	                                           .partitions_count = count,
	                                           .end_ms = INT64_MAX};

	return tide_kafka_source_open(&options, source, error);
}

static int
state_read(struct tide_state_view *view, struct tide_error *error)
{
	struct reading reading = {.view = view};
	struct tide_source *source;

	if (tide_state_view_source(view->config, NULL, 0, &source, error))
		return -1;
	(void) source->ops->queues(source, &reading.queues);
	int failed = tide_drain(source, record_take, &reading, error);
	source->ops->close(source);
	return failed;
}

static int
stage_judge(struct tide_state_view *view, struct tide_state_place *stage, struct tide_error *error)
{
	bool readable = true;

	for (size_t i = 0; i < stage->table.count; i++) {
		const struct tide_state_entry *entry = &stage->table.entries[i];
		enum tide_state_kind kind = tide_state_record_kind(tide_state_table_key(entry));
		if (!entry->value)
			continue;
		enum tide_alert_put put = tide_state_record_load(&stage->found, entry);
		if (put == TIDE_ALERT_PUT_NO_MEMORY)
			return no_memory(error);
		stage->strange += put == TIDE_ALERT_PUT_STRANGE;
		if (put == TIDE_ALERT_PUT_STRANGE && kind == TIDE_STATE_STAGE)
			readable = false;
		stage->alerts += put == TIDE_ALERT_PUT_OK && kind == TIDE_STATE_ALERT;
		stage->drifts += put == TIDE_ALERT_PUT_OK && kind == TIDE_STATE_DRIFT;
		stage->follows += put == TIDE_ALERT_PUT_OK && kind == TIDE_STATE_FOLLOW;
	}
	stage->open = tide_alert_state_open(stage->found.alerts);
	stage->fits = readable && (stage->adopts || stage->found.epoch == stage->epoch);
	if (stage->strange)
		(void) tide_error_stop(&stage->refusal, TIDE_ERROR_DATA,
		                       "%zu records are not of this program and config, or damaged",
		                       stage->strange);
	else if (!stage->fits)
		(void) tide_error_stop(&stage->refusal, TIDE_ERROR_DATA,
		                       "the state is of commit %lld, the offsets of the group are of "
		                       "commit %lld",
		                       (long long) stage->found.epoch, (long long) stage->epoch);
	if (stage->refusal.code)
		(void) tide_error_prefix(&stage->refusal, "%s, partition %d: ",
		                         view->config->state_topic, (int) stage->number);
	return 0;
}

int64_t
tide_state_view_start(const struct tide_state_view *view, const struct tide_state_queue *queue)
{
	if (queue->role == TIDE_PARTIALS || queue->committed < 0 || queue->note.snapshot == 0)
		return queue->committed;
	const struct tide_state_snapshot *snapshot = &view->snapshots[queue->partition];
	return tide_state_snapshot_is_whole(snapshot) ? queue->note.snapshot_offset
	                                              : queue->committed;
}

static void
queue_judge(const struct tide_state_view *view, struct tide_state_queue *queue)
{
	int64_t start = tide_state_view_start(view, queue);

	if (!queue->refusal.code && start >= 0 && (start < queue->first || start > queue->end))
		(void) tide_error_stop(&queue->refusal, TIDE_ERROR_DATA,
		                       "it is to be read from offset %lld, and the topic holds [%lld,%lld)",
		                       (long long) start, (long long) queue->first,
		                       (long long) queue->end);
	if (!queue->refusal.code && queue->note.partitions > 0 &&
	    queue->note.partitions != queue->partitions)
		(void) tide_error_stop(&queue->refusal, TIDE_ERROR_CONFIG,
		                       "the topic has %d partitions, and had %lld",
		                       (int) queue->partitions, (long long) queue->note.partitions);
	if (queue->refusal.code)
		(void) tide_error_prefix(&queue->refusal, "%s[%d]: ", queue->topic,
		                         (int) queue->partition);
}

int
tide_state_view_read(struct tide_state_view *view, struct tide_config *config,
                     struct tide_error *error)
{
	*view = (struct tide_state_view){.config = config, .columns = tide_mapping_columns_new()};
	tide_pool_init(&view->pool, config->memory_bytes);
	if (tide_service_names(config, "", NULL, &view->names, error))
		return -1;
	if (!view->columns)
		return no_memory(error);
	if (queues_list(view, error) || queues_read(view, error) || parts_begin(view, error) ||
	    state_read(view, error))
		return -1;
	for (size_t i = 0; i < view->stage_count; i++)
		if (stage_judge(view, &view->stages[i], error))
			return -1;
	for (size_t i = 0; i < view->queue_count; i++)
		queue_judge(view, &view->queues[i]);
	return 0;
}

void
tide_state_view_close(struct tide_state_view *view)
{
	for (size_t i = 0; view->snapshots && i < view->task_count; i++)
		tide_state_snapshot_fini(&view->snapshots[i]);
	for (size_t i = 0; i < view->stage_count; i++) {
		tide_panes_free(view->stages[i].found.panes);
		tide_alert_free(view->stages[i].found.alerts);
		tide_state_table_fini(&view->stages[i].table);
	}
	free(view->queues);
	free(view->snapshots);
	free(view->stages);
	tide_mapping_columns_free(view->columns);
	tide_pool_fini(&view->pool);
}

const struct tide_error *
tide_state_view_refusal(const struct tide_state_view *view)
{
	for (size_t i = 0; i < view->queue_count; i++)
		if (view->queues[i].refusal.code)
			return &view->queues[i].refusal;
	for (size_t i = 0; i < view->stage_count; i++)
		if (view->stages[i].refusal.code)
			return &view->stages[i].refusal;
	return NULL;
}
