#include "consumer/kafka_group.h"
#include "consumer/kafka_client.h"
#include "consumer/kafka_offsets.h"
#include <librdkafka/rdkafka.h>
#include <stdio.h>

#define GROUP_MS 30000

static rd_kafka_t *
group_connect(const char *const *properties, const char *group, struct tide_error *error)
{
	const struct tide_kafka_setting none[] = {{0}};
	const struct tide_kafka_setting forced[] = {{"group.id", group},
	                                            {"isolation.level", "read_committed"},
	                                            {"enable.auto.commit", "false"},
	                                            {"allow.auto.create.topics", "false"},
	                                            {0}};
	rd_kafka_conf_t *conf = tide_kafka_client_configure(properties, none, forced, error);
	char why[256];

	if (!conf)
		return NULL;
	rd_kafka_t *client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
	if (!client) {
		rd_kafka_conf_destroy(conf);
		tide_error_stop(error, TIDE_ERROR_CONFIG, "kafka: %s", why);
	}
	return client;
}

static int
places_read(rd_kafka_t *client, rd_kafka_topic_partition_list_t *list,
            struct tide_kafka_group_place *places, struct tide_error *error)
{
	int64_t give_up_ms = tide_kafka_client_now_ms() + GROUP_MS;

	if (list->cnt && tide_kafka_offsets_committed(client, list, give_up_ms, error))
		return -1;
	for (int i = 0; i < list->cnt; i++) {
		const rd_kafka_topic_partition_t *at = &list->elems[i];
		struct tide_kafka_group_place *place = &places[i];
		if (tide_kafka_offsets_edges(client, at, give_up_ms, &place->first,
		                             &place->end, error))
			return -1;
		place->offset = at->offset < 0 ? -1 : at->offset;
		snprintf(place->metadata, sizeof place->metadata, "%.*s", (int) at->metadata_size,
		         at->metadata ? (const char *) at->metadata : "");
	}
	return 0;
}

int
tide_kafka_group_read(const char *const *properties, const char *group,
                      struct tide_kafka_group_place *places, size_t count,
                      struct tide_error *error)
{
	rd_kafka_t *client = group_connect(properties, group, error);

	if (!client)
		return -1;
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int) count + 1);
	for (size_t i = 0; i < count; i++)
		rd_kafka_topic_partition_list_add(list, places[i].topic, places[i].partition);
	int failed = places_read(client, list, places, error);
	rd_kafka_topic_partition_list_destroy(list);
	rd_kafka_destroy(client);
	return failed;
}

static int
members_count(rd_kafka_event_t *event, size_t *count, struct tide_error *error)
{
	size_t found = 0;

	if (!event)
		return tide_error_stop(error, TIDE_ERROR_UNAVAILABLE, "kafka: no answer in %d s",
		                       GROUP_MS / 1000);
	rd_kafka_resp_err_t err = rd_kafka_event_error(event);
	if (err)
		return tide_error_stop(error, tide_kafka_client_code(err), "kafka: group: %s",
		                       rd_kafka_event_error_string(event));
	const rd_kafka_ConsumerGroupDescription_t **groups =
	        rd_kafka_DescribeConsumerGroups_result_groups(
	                rd_kafka_event_DescribeConsumerGroups_result(event), &found);
	for (size_t i = 0; i < found; i++) {
		const rd_kafka_error_t *failure = rd_kafka_ConsumerGroupDescription_error(groups[i]);
		if (failure)
			return tide_error_stop(error,
			                       tide_kafka_client_code(rd_kafka_error_code(failure)),
			                       "kafka: group: %s", rd_kafka_error_string(failure));
		*count += rd_kafka_ConsumerGroupDescription_member_count(groups[i]);
	}
	return 0;
}

int
tide_kafka_group_members(const char *const *properties, const char *group, size_t *count,
                         struct tide_error *error)
{
	rd_kafka_t *client = group_connect(properties, group, error);

	*count = 0;
	if (!client)
		return -1;
	rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
	rd_kafka_DescribeConsumerGroups(client, &group, 1, NULL, queue);
	rd_kafka_event_t *event = rd_kafka_queue_poll(queue, GROUP_MS);
	int failed = members_count(event, count, error);
	if (event)
		rd_kafka_event_destroy(event);
	rd_kafka_queue_destroy(queue);
	rd_kafka_destroy(client);
	return failed;
}
