#include "consumer/kafka_admin.h"
#include "consumer/kafka_client.h"
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ADMIN_MS 30000

static rd_kafka_t *
admin_connect(const char *const *properties, struct tide_error *error)
{
	const struct tide_kafka_setting asks[] = {{"allow.auto.create.topics", "false"}, {0}};
	const struct tide_kafka_setting none[] = {{0}};
	rd_kafka_conf_t *conf = tide_kafka_client_configure(properties, asks, none, error);
	char why[256];

	if (!conf)
		return NULL;
	rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
	if (!client) {
		rd_kafka_conf_destroy(conf);
		tide_error_stop(error, TIDE_ERROR_CONFIG, "kafka: %s", why);
	}
	return client;
}

int
tide_kafka_admin_describe(const char *const *properties, struct tide_kafka_topic *topics,
			  size_t count, struct tide_error *error)
{
	rd_kafka_t *client = admin_connect(properties, error);
	int failed = client ? 0 : -1;

	for (size_t i = 0; !failed && i < count; i++)
		failed = tide_kafka_client_partitions(client, topics[i].name,
		                                      &topics[i].partitions, error);
	if (client)
		rd_kafka_destroy(client);
	return failed;
}

static void
admin_note(const rd_kafka_ConfigEntry_t *entry, struct tide_kafka_topic *topic)
{
	const char *name = rd_kafka_ConfigEntry_name(entry);
	const char *value = rd_kafka_ConfigEntry_value(entry);

	if (!value)
		return;
	if (strcmp(name, "cleanup.policy") == 0)
		snprintf(topic->cleanup, sizeof topic->cleanup, "%s", value);
	if (strcmp(name, "retention.ms") == 0)
		topic->retention_ms = strtoll(value, NULL, 10);
	if (strcmp(name, "retention.bytes") == 0)
		topic->retention_bytes = strtoll(value, NULL, 10);
}

static int
admin_resource(const rd_kafka_ConfigResource_t *resource, struct tide_kafka_topic *topics,
	       size_t count, struct tide_error *error)
{
	const char *name = rd_kafka_ConfigResource_name(resource);
	rd_kafka_resp_err_t err = rd_kafka_ConfigResource_error(resource);
	size_t entry_count = 0;
	const rd_kafka_ConfigEntry_t **entries =
	    rd_kafka_ConfigResource_configs(resource, &entry_count);

	if (err)
		return tide_error_stop(error, tide_kafka_client_code(err),
				       "kafka: settings of topic %s: %s", name,
				       rd_kafka_err2str(err));
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; strcmp(topics[i].name, name) == 0 && j < entry_count; j++)
			admin_note(entries[j], &topics[i]);
	return 0;
}

static int
admin_came(rd_kafka_event_t *event, struct tide_error *error)
{
	if (!event)
		return tide_error_stop(error, TIDE_ERROR_UNAVAILABLE, "kafka: no answer in %d s",
		                       ADMIN_MS / 1000);
	rd_kafka_resp_err_t err = rd_kafka_event_error(event);
	if (err)
		return tide_error_stop(error, tide_kafka_client_code(err), "kafka: %s",
		                       rd_kafka_event_error_string(event));
	return 0;
}

static int
admin_settings(rd_kafka_event_t *event, struct tide_kafka_topic *topics, size_t count,
	       struct tide_error *error)
{
	size_t found = 0;
	int failed = 0;

	if (admin_came(event, error))
		return -1;
	const rd_kafka_ConfigResource_t **resources = rd_kafka_DescribeConfigs_result_resources(
	    rd_kafka_event_DescribeConfigs_result(event), &found);
	for (size_t i = 0; !failed && i < found; i++)
		failed = admin_resource(resources[i], topics, count, error);
	return failed;
}

static int
admin_configs(rd_kafka_t *client, rd_kafka_ConfigResource_t **wanted, size_t wanted_count,
	      struct tide_kafka_topic *topics, size_t count, struct tide_error *error)
{
	rd_kafka_queue_t *queue = rd_kafka_queue_new(client);

	rd_kafka_DescribeConfigs(client, wanted, wanted_count, NULL, queue);
	rd_kafka_event_t *event = rd_kafka_queue_poll(queue, ADMIN_MS);
	int failed = admin_settings(event, topics, count, error);
	if (event)
		rd_kafka_event_destroy(event);
	rd_kafka_queue_destroy(queue);
	return failed;
}

/* A topic of two uses is asked for once: twice is an answer that the library does not read. */
static bool
admin_is_again(const struct tide_kafka_topic *topics, size_t at)
{
	size_t first = 0;

	while (strcmp(topics[first].name, topics[at].name) != 0)
		first++;
	return first < at;
}

int
tide_kafka_admin_settings(const char *const *properties, struct tide_kafka_topic *topics,
			  size_t count, struct tide_error *error)
{
	rd_kafka_t *client = admin_connect(properties, error);
	rd_kafka_ConfigResource_t **wanted = calloc(count + 1, sizeof(rd_kafka_ConfigResource_t *));
	size_t made = 0;
	int failed = client ? 0 : -1;

	if (client && !wanted)
		failed = tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	for (size_t i = 0; !failed && i < count; i++) {
		topics[i].cleanup[0] = 0;
		topics[i].retention_ms = topics[i].retention_bytes = -1;
		if (topics[i].partitions && !admin_is_again(topics, i))
			wanted[made++] = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC,
								     topics[i].name);
	}
	if (!failed && made)
		failed = admin_configs(client, wanted, made, topics, count, error);
	if (wanted)
		rd_kafka_ConfigResource_destroy_array(wanted, made);
	free(wanted);
	if (client)
		rd_kafka_destroy(client);
	return failed;
}

static int
admin_answer(rd_kafka_event_t *event, struct tide_error *error)
{
	size_t count = 0;

	if (admin_came(event, error))
		return -1;
	const rd_kafka_topic_result_t **results =
	    rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
	for (size_t i = 0; i < count; i++) {
		rd_kafka_resp_err_t err = rd_kafka_topic_result_error(results[i]);
		if (err && err != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
			return tide_error_stop(error, tide_kafka_client_code(err),
					       "kafka: topic %s: %s",
					       rd_kafka_topic_result_name(results[i]),
					       rd_kafka_topic_result_error_string(results[i]));
	}
	return 0;
}

/* Only closed segments are compacted: these are closed after ten minutes or 64 MiB, and compacted
 * when a tenth of what was written since the last time may be superseded. */
static rd_kafka_NewTopic_t *
admin_new_topic(const struct tide_kafka_topic *topic, char *why, size_t size)
{
	static const char *const memory[][2] = {{"segment.ms", "600000"},
						{"segment.bytes", "67108864"},
						{"min.cleanable.dirty.ratio", "0.1"}};
	rd_kafka_NewTopic_t *wanted =
	    rd_kafka_NewTopic_new(topic->name, topic->partitions, -1, why, size);

	if (wanted && topic->policy)
		rd_kafka_NewTopic_set_config(wanted, "cleanup.policy", topic->policy);
	for (size_t i = 0; wanted && topic->is_memory && i < sizeof memory / sizeof *memory; i++)
		rd_kafka_NewTopic_set_config(wanted, memory[i][0], memory[i][1]);
	if (wanted && topic->relay_ms > 0) {
		char keep[24];
		snprintf(keep, sizeof keep, "%lld", (long long) topic->relay_ms);
		rd_kafka_NewTopic_set_config(wanted, "retention.ms", keep);
		rd_kafka_NewTopic_set_config(wanted, "message.timestamp.type", "CreateTime");
	}
	return wanted;
}

/* A topic that was just made is not everywhere at once: a node that answers for the offsets of a
 * partition has it. */
static int
admin_wait(rd_kafka_t *client, const struct tide_kafka_topic *topic, struct tide_error *error)
{
	int64_t give_up = tide_kafka_client_now_ms() + ADMIN_MS, low, high;
	struct timespec pause = {.tv_nsec = 50000000};

	for (int i = 0; i < topic->partitions;) {
		rd_kafka_resp_err_t err = rd_kafka_query_watermark_offsets(
		    client, topic->name, i, &low, &high, ADMIN_MS);
		if (!err)
			i++;
		else if (tide_kafka_client_code(err) == TIDE_ERROR_PERMISSION ||
		         tide_kafka_client_now_ms() >= give_up)
			return tide_error_stop(error, tide_kafka_client_code(err),
			                       "kafka: topic %s was made, but partition %d is not ready: %s",
			                       topic->name, i, rd_kafka_err2str(err));
		else
			nanosleep(&pause, NULL);
	}
	return 0;
}

int
tide_kafka_admin_create(const char *const *properties, const struct tide_kafka_topic *topics,
			size_t count, struct tide_error *error)
{
	rd_kafka_t *client = admin_connect(properties, error);
	rd_kafka_NewTopic_t **wanted = calloc(count + 1, sizeof(rd_kafka_NewTopic_t *));
	char why[256] = "out of memory";
	size_t made = 0;

	for (; client && wanted && made < count; made++) {
		wanted[made] = admin_new_topic(&topics[made], why, sizeof why);
		if (!wanted[made])
			break;
	}
	int failed = client ? 0 : -1;
	if (client && made < count)
		failed = tide_error_stop(error, TIDE_ERROR_CONFIG, "kafka: topic %s: %s",
					 topics[made].name, why);
	if (!failed && count) {
		rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
		rd_kafka_CreateTopics(client, wanted, count, NULL, queue);
		rd_kafka_event_t *event = rd_kafka_queue_poll(queue, ADMIN_MS);
		failed = admin_answer(event, error);
		if (event)
			rd_kafka_event_destroy(event);
		rd_kafka_queue_destroy(queue);
	}
	for (size_t i = 0; !failed && i < count; i++)
		failed = admin_wait(client, &topics[i], error);
	if (wanted)
		rd_kafka_NewTopic_destroy_array(wanted, made);
	free(wanted);
	if (client)
		rd_kafka_destroy(client);
	return failed;
}
