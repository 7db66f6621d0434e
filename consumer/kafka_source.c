#include "consumer/kafka_source.h"
#include "base/log.h"
#include "consumer/kafka_client.h"
#include "consumer/kafka_offsets.h"
#include <librdkafka/rdkafka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SOURCE_BATCH 512

struct source_queue {
	rd_kafka_queue_t *queue;
	char *metadata;
	int64_t next, end;
	bool at_end; /* the broker said so after the last record */
	struct tide_record records[SOURCE_BATCH];
	rd_kafka_headers_t *headers[SOURCE_BATCH];
	size_t headers_count;
	uint8_t *bytes;
	size_t capacity;
};

struct kafka_source {
	struct tide_source base;
	struct tide_kafka_options options;
	char *topics[2];
	rd_kafka_t *client;
	struct tide_queue *queues;
	struct source_queue **states;
	size_t count;
	void *membership;
	size_t membership_size;
	bool changed, closing, failed;
	struct tide_error failure; /* of a rebalance; poll hands it on */
};

static void
source_drop_headers(struct source_queue *state)
{
	while (state->headers_count)
		rd_kafka_headers_destroy(state->headers[--state->headers_count]);
}

static void
source_drop_queues(struct kafka_source *source)
{
	for (size_t i = 0; i < source->count; i++) {
		source_drop_headers(source->states[i]);
		if (source->states[i]->queue)
			rd_kafka_queue_destroy(source->states[i]->queue);
		free(source->states[i]->metadata);
		free(source->states[i]->bytes);
		free(source->states[i]);
	}
	free(source->states);
	free(source->queues);
	source->states = NULL;
	source->queues = NULL;
	source->count = 0;
	if (source->membership)
		rd_kafka_mem_free(source->client, source->membership);
	source->membership = NULL;
	source->changed = true;
}

/* The partition queue is cut from the common one before fetching starts, else the first records
 * would go there. */
static bool
source_add_queue(struct kafka_source *source, const rd_kafka_topic_partition_t *at, int64_t end)
{
	struct source_queue *state = calloc(1, sizeof *state);
	int role = source->topics[0] && strcmp(at->topic, source->topics[0]) == 0 ? 0 : 1;

	if (!state)
		return false;
	source->states[source->count] = state;
	state->metadata = strndup(at->metadata ? at->metadata : "", at->metadata_size);
	state->next = at->offset;
	state->end = end;
	state->queue = rd_kafka_queue_get_partition(source->client, at->topic, at->partition);
	source->queues[source->count++] = (struct tide_queue){
	    .role = role,
	    .partition = at->partition,
	    .topic = source->topics[role],
	    .start_offset = at->offset,
	    .metadata = state->metadata};
	if (!state->metadata || !state->queue)
		return false;
	rd_kafka_queue_forward(state->queue, NULL);
	return true;
}

static int
source_begin(struct kafka_source *source, rd_kafka_topic_partition_list_t *list,
             const int64_t *ends,
             struct tide_error *error)
{
	size_t count = (size_t) list->cnt;

	source_drop_queues(source);
	source->queues = calloc(count + 1, sizeof *source->queues);
	source->states = calloc(count + 1, sizeof(struct source_queue *));
	bool fits = source->queues && source->states;
	for (size_t i = 0; fits && i < count; i++)
		fits = source_add_queue(source, &list->elems[i], ends ? ends[i] : INT64_MAX);
	if (!fits)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "kafka: no memory for partitions");
	rd_kafka_resp_err_t err = rd_kafka_assign(source->client, list);
	if (err)
		return tide_error_stop(error, TIDE_ERROR_RESTART, "kafka: assign: %s",
		                       rd_kafka_err2str(err));
	return 0;
}

/* Taken once, here: asked for later it may belong to a membership that never saw these records. */
static int
source_keep_membership(struct kafka_source *source, struct tide_error *error)
{
	rd_kafka_consumer_group_metadata_t *group = rd_kafka_consumer_group_metadata(source->client);
	char *member = rd_kafka_memberid(source->client);
	rd_kafka_error_t *failure = NULL;
	bool whole = group && member && *member;

	if (whole)
		failure = rd_kafka_consumer_group_metadata_write(group, &source->membership,
		                                                 &source->membership_size);
	if (group)
		rd_kafka_consumer_group_metadata_destroy(group);
	if (member)
		rd_kafka_mem_free(source->client, member);
	if (whole && !failure)
		return 0;
	if (failure)
		rd_kafka_error_destroy(failure);
	return tide_error_stop(error, TIDE_ERROR_RESTART, "kafka: assigned without a membership");
}

static void
source_rebalance(rd_kafka_t *client, rd_kafka_resp_err_t err, rd_kafka_topic_partition_list_t *list,
                 void *opaque)
{
	struct kafka_source *source = opaque;

	if (err == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS && !source->closing) {
		if (!tide_kafka_offsets_resume(client, list, &source->options, &source->failure) &&
		    !source_begin(source, list, NULL, &source->failure) &&
		    !source_keep_membership(source, &source->failure))
			return;
		source->failed = true;
	} else if (!source->closing && source->options.revoke && !rd_kafka_assignment_lost(client)) {
		source->options.revoke(source->options.context);
	}
	rd_kafka_assign(client, NULL);
	source_drop_queues(source);
}

static int
source_event(struct kafka_source *source, rd_kafka_resp_err_t err, const char *text,
             struct tide_error *error)
{
	char fatal[256];
	rd_kafka_resp_err_t cause = rd_kafka_fatal_error(source->client, fatal, sizeof fatal);
	enum tide_error_code code = tide_kafka_client_code(cause ? cause : err);

	if (!cause && (code == TIDE_ERROR_UNAVAILABLE || source->options.bounded)) {
		tide_log(TIDE_LOG_WARN, "consumer", "kafka: %s", text);
		return 0;
	}
	return tide_error_stop(error, code, "kafka: %s", cause ? fatal : text);
}

static int
source_poll(struct tide_source *base, int wait_ms, bool *changed, struct tide_error *error)
{
	struct kafka_source *source = (struct kafka_source *) base;
	rd_kafka_message_t *message = rd_kafka_consumer_poll(source->client, wait_ms);
	int result = 0;

	if (message && message->err)
		result = source_event(source, message->err, rd_kafka_message_errstr(message), error);
	if (message)
		rd_kafka_message_destroy(message);
	*changed = source->changed;
	source->changed = false;
	if (!source->failed)
		return result;
	*error = source->failure;
	return -1;
}

static size_t
source_queues(struct tide_source *base, const struct tide_queue **queues)
{
	struct kafka_source *source = (struct kafka_source *) base;

	*queues = source->queues;
	return source->count;
}

static bool
source_room(struct source_queue *state, rd_kafka_message_t *const *messages, size_t count)
{
	size_t need = TIDE_SOURCE_PADDING;

	for (size_t i = 0; i < count; i++)
		need += messages[i]->err ? 0 : messages[i]->len + messages[i]->key_len;
	if (need <= state->capacity)
		return true;
	uint8_t *bytes = calloc(1, need);
	if (!bytes)
		return false;
	free(state->bytes);
	state->bytes = bytes;
	state->capacity = need;
	return true;
}

static const uint8_t *
source_copy(uint8_t **at, const void *bytes, size_t size)
{
	uint8_t *copy = *at;

	if (!bytes)
		return NULL;
	memcpy(copy, bytes, size);
	*at += size;
	return copy;
}

static void
source_record(struct source_queue *state, rd_kafka_message_t *message, struct tide_record *record,
              uint8_t **at)
{
	rd_kafka_headers_t *headers = NULL;
	rd_kafka_timestamp_type_t type;
	int64_t time_ms = rd_kafka_message_timestamp(message, &type);

	if (!rd_kafka_message_detach_headers(message, &headers))
		state->headers[state->headers_count++] = headers;
	*record = (struct tide_record){
	    .key = source_copy(at, message->key, message->key_len),
	    .value = source_copy(at, message->payload, message->len),
	    .key_size = message->key_len,
	    .value_size = message->len,
	    .offset = message->offset,
	    .time_ms = type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? INT64_MIN : time_ms,
	    .headers = headers};
	state->next = message->offset + 1;
	state->at_end = false;
}

static enum tide_supply
source_supply(struct kafka_source *source, const struct tide_queue *queue,
              const struct source_queue *state)
{
	int64_t low, high;

	if (source->options.bounded && state->next >= state->end)
		return TIDE_SUPPLY_END;
	if (state->at_end)
		return TIDE_SUPPLY_DRAINED;
	if (!rd_kafka_get_watermark_offsets(source->client, queue->topic, queue->partition, &low,
	                                    &high) &&
	    high >= 0 && state->next >= high)
		return TIDE_SUPPLY_DRAINED;
	return TIDE_SUPPLY_WAIT;
}

static int
source_take(struct tide_source *base, size_t queue, struct tide_batch *batch,
            enum tide_supply *supply, struct tide_error *error)
{
	struct kafka_source *source = (struct kafka_source *) base;
	struct source_queue *state = source->states[queue];
	rd_kafka_message_t *messages[SOURCE_BATCH];
	int result = 0;

	source_drop_headers(state);
	ssize_t got = rd_kafka_consume_batch_queue(state->queue, 0, messages, SOURCE_BATCH);
	size_t count = got > 0 ? (size_t) got : 0, kept = 0;
	bool room = source_room(state, messages, count);
	uint8_t *at = state->bytes;
	for (size_t i = 0; i < count; i++) {
		rd_kafka_message_t *message = messages[i];
		if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
			state->next = message->offset > state->next ? message->offset : state->next;
			state->at_end = true;
		} else if (message->err) {
			result = source_event(source, message->err,
			                      rd_kafka_message_errstr(message), error);
		} else if (message->offset >= state->end) {
			state->next = state->end;
		} else if (room && message->offset >= state->next) {
			source_record(state, message, &state->records[kept++], &at);
		}
		rd_kafka_message_destroy(message);
	}
	if (!room)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "kafka: no memory for a batch");
	*batch = (struct tide_batch){state->records, kept};
	*supply = kept ? TIDE_SUPPLY_RECORDS : source_supply(source, &source->queues[queue], state);
	return result;
}

static double
source_progress(struct tide_source *base)
{
	struct kafka_source *source = (struct kafka_source *) base;
	double all = 0, done = 0;

	if (!source->options.bounded)
		return NAN;
	for (size_t i = 0; i < source->count; i++) {
		int64_t start = source->queues[i].start_offset, end = source->states[i]->end;
		int64_t next = source->states[i]->next < end ? source->states[i]->next : end;
		all += end > start ? (double) (end - start) : 0;
		done += end > start ? (double) (next - start) : 0;
	}
	return all > 0 ? done / all : 1;
}

static void
source_close(struct tide_source *base)
{
	struct kafka_source *source = (struct kafka_source *) base;

	source->closing = true;
	source_drop_queues(source);
	if (source->client) {
		rd_kafka_consumer_close(source->client);
		rd_kafka_destroy(source->client);
	}
	free(source->topics[0]);
	free(source->topics[1]);
	free(source);
}

static const struct tide_source_ops source_ops = {source_poll, source_queues, source_take,
                                                  source_progress, source_close};

static int
source_list_topic(struct kafka_source *source, const char *topic,
                  rd_kafka_topic_partition_list_t *list, struct tide_error *error)
{
	int count;

	if (tide_kafka_client_partitions(source->client, topic, &count, error))
		return -1;
	if (count == 0)
		return tide_error_stop(error, TIDE_ERROR_NO_INPUT, "kafka: topic %s: %s", topic,
		                       rd_kafka_err2str(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART));
	rd_kafka_topic_partition_list_add_range(list, topic, 0, count - 1);
	return 0;
}

static int
source_start(struct kafka_source *source, struct tide_error *error)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(8);
	int result = 0;

	for (int role = 0; role < 2 && !result; role++) {
		if (source->topics[role] && source->options.bounded)
			result = source_list_topic(source, source->topics[role], list, error);
		else if (source->topics[role])
			rd_kafka_topic_partition_list_add(list, source->topics[role], -1);
	}
	if (!result && source->options.bounded) {
		int64_t *ends = calloc((size_t) list->cnt + 1, sizeof *ends);
		result = ends ? tide_kafka_offsets_range(source->client, list, &source->options,
		                                         ends, error)
		              : tide_error_stop(error, TIDE_ERROR_MEMORY, "kafka: no memory");
		if (!result)
			result = source_begin(source, list, ends, error);
		free(ends);
	} else if (!result && rd_kafka_subscribe(source->client, list)) {
		result = tide_error_stop(error, TIDE_ERROR_CONFIG, "kafka: cannot subscribe");
	}
	rd_kafka_topic_partition_list_destroy(list);
	return result;
}

static int
source_connect(struct kafka_source *source, const char *group, struct tide_error *error)
{
	const char *instance = source->options.bounded ? NULL : source->options.instance;
	const struct tide_kafka_setting defaults[] = {
	    {"queued.max.messages.kbytes", "4096"}, {"fetch.wait.max.ms", "100"}, {0}};
	const struct tide_kafka_setting forced[] = {{"auto.offset.reset", "error"},
	                                            {"enable.auto.commit", "false"},
	                                            {"enable.auto.offset.store", "false"},
	                                            {"isolation.level", "read_committed"},
	                                            {"check.crcs", "true"},
	                                            {"allow.auto.create.topics", "false"},
	                                            {"enable.partition.eof", "true"},
	                                            {"partition.assignment.strategy", "range"},
	                                            {"group.id", group},
	                                            {instance ? "group.instance.id" : NULL, instance},
	                                            {0}};
	rd_kafka_conf_t *conf =
	    tide_kafka_client_configure(source->options.properties, defaults, forced, error);
	char why[256];

	if (!conf)
		return -1;
	rd_kafka_conf_set_opaque(conf, source);
	rd_kafka_conf_set_rebalance_cb(conf, source_rebalance);
	source->client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
	if (!source->client) {
		rd_kafka_conf_destroy(conf);
		return tide_error_stop(error, TIDE_ERROR_CONFIG, "kafka: %s", why);
	}
	rd_kafka_poll_set_consumer(source->client);
	return 0;
}

int
tide_kafka_source_open(const struct tide_kafka_options *options, struct tide_source **opened,
                       struct tide_error *error)
{
	struct kafka_source *source = calloc(1, sizeof *source);
	const char *group = options->bounded ? "tidemark-replay" : options->group;

	if (!source)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "kafka: no memory");
	TIDE_ASSERT(group && (options->predictions_topic || options->labels_topic));
	source->base.ops = &source_ops;
	source->options = *options;
	source->topics[0] = options->predictions_topic ? strdup(options->predictions_topic) : NULL;
	source->topics[1] = options->labels_topic ? strdup(options->labels_topic) : NULL;
	if (source_connect(source, group, error) || source_start(source, error)) {
		source_close(&source->base);
		return -1;
	}
	source->options.properties = NULL; /* borrowed, and no longer needed */
	*opened = &source->base;
	return 0;
}

const char *
tide_kafka_source_topic(const struct tide_source *base, int role)
{
	return ((const struct kafka_source *) base)->topics[role];
}

bool
tide_kafka_source_has_group(const struct tide_source *base)
{
	return !((const struct kafka_source *) base)->options.bounded;
}

const void *
tide_kafka_source_membership(const struct tide_source *base, size_t *size)
{
	const struct kafka_source *source = (const struct kafka_source *) base;

	*size = source->membership_size;
	return source->membership && !rd_kafka_assignment_lost(source->client) ? source->membership
	                                                                       : NULL;
}

bool
tide_kafka_source_header(const struct tide_record *record, const char *name,
                         struct tide_text *value)
{
	const void *bytes;
	size_t size;

	if (!record->headers ||
	    rd_kafka_header_get_last(record->headers, name, &bytes, &size) || !bytes)
		return false;
	*value = (struct tide_text){bytes, size};
	return true;
}
