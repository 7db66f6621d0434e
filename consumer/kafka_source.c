#include "consumer/kafka_source.h"
#include "base/log.h"
#include "consumer/kafka_client.h"
#include "consumer/kafka_twin.h"
#include "consumer/kafka_offsets.h"
#include "consumer/kafka_queue.h"
#include <librdkafka/rdkafka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct source_part {
	struct tide_kafka_queue *queue;
	char *metadata;
};

struct kafka_source {
	struct tide_source base;
	struct tide_kafka_options options;
	char *topics[TIDE_SOURCE_ROLES], *group, *instance;
	int partition_counts[TIDE_SOURCE_ROLES];
	rd_kafka_t *client;
	struct tide_queue *queues;
	struct source_part *parts; /* of the queues */
	size_t count;
	void *membership;
	size_t membership_size;
	char *member; /* our id at the last assignment, or NULL */
	bool changed, closing, failed, replaced;
	struct tide_error failure; /* of a rebalance; poll hands it on */
};

static void
source_drop_queues(struct kafka_source *source)
{
	for (size_t i = 0; i < source->count; i++) {
		tide_kafka_queue_close(source->parts[i].queue);
		free(source->parts[i].metadata);
	}
	free(source->parts);
	free(source->queues);
	source->parts = NULL;
	source->queues = NULL;
	source->count = 0;
	if (source->membership)
		rd_kafka_mem_free(source->client, source->membership);
	source->membership = NULL;
	source->changed = true;
}

/* A topic of two roles is read once, in the first of them. */
static int
source_role(const struct kafka_source *source, const char *topic)
{
	int role = 0;

	while (!source->topics[role] || strcmp(source->topics[role], topic) != 0)
		role++;
	return role;
}

static bool
source_add_queue(struct kafka_source *source, const rd_kafka_topic_partition_t *at)
{
	struct source_part *part = &source->parts[source->count];
	int role = source_role(source, at->topic);

	part->metadata = strndup(at->metadata ? at->metadata : "", at->metadata_size);
	part->queue = tide_kafka_queue_open(source->client, at->topic, at->partition);
	source->queues[source->count++] = (struct tide_queue){
	    .role = role,
	    .partition = at->partition,
	    .partition_count = source->partition_counts[role],
	    .topic = source->topics[role],
	    .start_offset = at->offset,
	    .metadata = part->metadata};
	return part->metadata && part->queue;
}

static int
source_count(struct kafka_source *source, struct tide_error *error)
{
	for (int role = 0; role < TIDE_SOURCE_ROLES; role++) {
		int *count = &source->partition_counts[role];
		if (!source->topics[role])
			continue;
		if (tide_kafka_client_partitions(source->client, source->topics[role], count, error))
			return -1;
		if (*count == 0)
			return tide_error_stop(error, TIDE_ERROR_NO_INPUT, "kafka: topic %s: %s",
			                       source->topics[role],
			                       rd_kafka_err2str(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART));
	}
	return 0;
}

static void
source_ask(struct kafka_source *source, rd_kafka_topic_partition_list_t *list)
{
	for (size_t i = 0; i < source->count; i++) {
		struct tide_queue *queue = &source->queues[i];
		queue->start_offset = source->options.start_at(source->options.context, queue);
		list->elems[i].offset = queue->start_offset;
	}
}

/* ends: of a bounded source; NULL: live. */
static int
source_begin(struct kafka_source *source, rd_kafka_topic_partition_list_t *list,
             const int64_t *ends, struct tide_error *error)
{
	size_t count = (size_t) list->cnt;

	source_drop_queues(source);
	source->queues = calloc(count + 1, sizeof *source->queues);
	source->parts = calloc(count + 1, sizeof *source->parts);
	bool fits = source->queues && source->parts;
	for (size_t i = 0; fits && i < count; i++)
		fits = source_add_queue(source, &list->elems[i]);
	if (!fits)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "kafka: no memory for partitions");
	if (!ends && source->options.start_at)
		source_ask(source, list);
	if (!ends && tide_kafka_offsets_check(source->client, list, &source->options, error))
		return -1;
	for (size_t i = 0; i < count; i++)
		tide_kafka_queue_start(source->parts[i].queue, list->elems[i].offset,
		                       ends ? ends[i] : INT64_MAX);
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
	if (source->member)
		rd_kafka_mem_free(source->client, source->member);
	source->member = member;
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
	bool lost = err != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS && rd_kafka_assignment_lost(client);

	/* Who lets go of what is lost joins again, and puts out who has the name by now. */
	if (lost && !source->closing &&
	    tide_kafka_source_replaced(&source->base, &source->failure)) {
		source->failed = source->replaced = true;
		return;
	}
	if (err == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS && !source->closing) {
		if (!source_count(source, &source->failure) &&
		    !tide_kafka_offsets_resume(client, list, &source->options, &source->failure) &&
		    !source_begin(source, list, NULL, &source->failure) &&
		    !source_keep_membership(source, &source->failure))
			return;
		source->failed = true;
	} else if (!source->closing && source->options.revoke && !lost) {
		source->options.revoke(source->options.context);
	}
	rd_kafka_assign(client, NULL);
	source_drop_queues(source);
}

static int
source_poll(struct tide_source *base, int wait_ms, bool *changed, struct tide_error *error)
{
	struct kafka_source *source = (struct kafka_source *) base;
	rd_kafka_message_t *message = rd_kafka_consumer_poll(source->client, wait_ms);
	int result = 0;

	if (message && message->err)
		result = tide_kafka_client_event(source->client, message->err,
		                                 rd_kafka_message_errstr(message),
		                                 source->options.bounded, error);
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

static int
source_take(struct tide_source *base, size_t queue, struct tide_batch *batch,
            enum tide_supply *supply, struct tide_error *error)
{
	struct kafka_source *source = (struct kafka_source *) base;

	return tide_kafka_queue_take(source->parts[queue].queue, batch, supply, error);
}

static double
source_progress(struct tide_source *base)
{
	struct kafka_source *source = (struct kafka_source *) base;
	double all = 0, done = 0;

	if (!source->options.bounded)
		return NAN;
	for (size_t i = 0; i < source->count; i++)
		tide_kafka_queue_progress(source->parts[i].queue, source->queues[i].start_offset, &all,
		                          &done);
	return all > 0 ? done / all : 1;
}

static void
source_close(struct tide_source *base)
{
	struct kafka_source *source = (struct kafka_source *) base;

	source->closing = true;
	source_drop_queues(source);
	if (source->member)
		rd_kafka_mem_free(source->client, source->member);
	if (source->client && source->replaced) {
		/* to close it would end the rebalance, and that may join again */
		rd_kafka_destroy_flags(source->client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
	} else if (source->client) {
		rd_kafka_consumer_close(source->client);
		rd_kafka_destroy(source->client);
	}
	for (int role = 0; role < TIDE_SOURCE_ROLES; role++)
		free(source->topics[role]);
	free(source->group);
	free(source->instance);
	free(source);
}

static const struct tide_source_ops source_ops = {source_poll, source_queues, source_take,
                                                  source_progress, source_close};

/* Bounded: what will be read of a topic. */
static int
source_list_topic(struct kafka_source *source, int role, rd_kafka_topic_partition_list_t *list,
                  struct tide_error *error)
{
	const struct tide_kafka_options *options = &source->options;
	const char *topic = source->topics[role];
	int count = source->partition_counts[role];

	if (options->partitions_count == 0)
		rd_kafka_topic_partition_list_add_range(list, topic, 0, count - 1);
	for (size_t i = 0; i < options->partitions_count; i++) {
		if (options->partitions[i] < 0 || options->partitions[i] >= count)
			return tide_error_stop(
			    error, TIDE_ERROR_NO_INPUT,
			    "kafka: topic %s has %d partitions, and partition %d is wanted", topic, count,
			    (int) options->partitions[i]);
		rd_kafka_topic_partition_list_add(list, topic, options->partitions[i]);
	}
	return 0;
}

static int
source_start(struct kafka_source *source, struct tide_error *error)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(8);
	int result = source->options.bounded ? source_count(source, error) : 0;

	for (int role = 0; role < TIDE_SOURCE_ROLES && !result; role++) {
		if (source->topics[role] && source->options.bounded)
			result = source_list_topic(source, role, list, error);
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
source_connect(struct kafka_source *source, struct tide_error *error)
{
	const char *instance = source->instance;
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
	                                            {"group.id", source->group},
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

static char *
source_copy(const char *name)
{
	char *copy = name ? strdup(name) : NULL;

	TIDE_ASSERT(copy || !name);
	return copy;
}

/* Copies the names; how many there are. */
static int
source_topics(struct kafka_source *source)
{
	const char **given[TIDE_SOURCE_ROLES] = {&source->options.predictions_topic,
	                                         &source->options.labels_topic,
	                                         &source->options.partials_topic};
	int count = 0;

	for (int role = 0; role < TIDE_SOURCE_ROLES; role++) {
		source->topics[role] = source_copy(*given[role]);
		*given[role] = source->topics[role];
		count += source->topics[role] != NULL;
	}
	return count;
}

int
tide_kafka_source_open(const struct tide_kafka_options *options, struct tide_source **opened,
                       struct tide_error *error)
{
	struct kafka_source *source = calloc(1, sizeof *source);

	if (!source)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "kafka: no memory");
	source->base.ops = &source_ops;
	source->options = *options;
	source->group = source_copy(options->bounded ? "tidemark-replay" : options->group);
	source->instance = source_copy(options->bounded ? NULL : options->instance);
	TIDE_ASSERT(source->group && source_topics(source));
	if (source_connect(source, error) || source_start(source, error)) {
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

int
tide_kafka_source_replaced(const struct tide_source *base, struct tide_error *error)
{
	const struct kafka_source *source = (const struct kafka_source *) base;

	if (!source->instance || !source->member ||
	    !tide_kafka_twin_lives(source->client, source->group, source->instance,
	                               source->member))
		return 0;
	return tide_error_stop(error, TIDE_ERROR_REPLACED,
	                       "kafka: %s: another worker has taken over this name",
	                       source->instance);
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
