/*
 * What consuming costs: takes every record of topics from Kafka and does nothing with it.
 *
 *	consume BROKERS TOPIC...
 */
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define PATIENCE_MS 30000

static rd_kafka_t *
consumer_new(const char *brokers)
{
	static const char *const settings[][2] = {{"group.id", "tidemark-bench-consume"},
	                                          {"enable.auto.commit", "false"},
	                                          {"enable.partition.eof", "true"},
	                                          {"isolation.level", "read_committed"}};
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char why[512];
	bool failed = rd_kafka_conf_set(conf, "bootstrap.servers", brokers, why, sizeof why) != 0;

	for (size_t i = 0; i < sizeof settings / sizeof *settings && !failed; i++)
		failed = rd_kafka_conf_set(conf, settings[i][0], settings[i][1], why, sizeof why) != 0;
	rd_kafka_t *consumer =
	        failed ? NULL : rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
	if (!consumer)
		fprintf(stderr, "consume: %s\n", why);
	return consumer;
}

/* Adds all partitions of a topic, from their beginning. */
static bool
topic_add(rd_kafka_t *consumer, const char *topic, rd_kafka_topic_partition_list_t *list)
{
	const struct rd_kafka_metadata *metadata;
	rd_kafka_topic_t *handle = rd_kafka_topic_new(consumer, topic, NULL);
	bool there = rd_kafka_metadata(consumer, 0, handle, &metadata, PATIENCE_MS) == 0;

	rd_kafka_topic_destroy(handle);
	if (!there)
		return false;
	for (int i = 0; i < metadata->topics[0].partition_cnt; i++)
		rd_kafka_topic_partition_list_add(list, topic, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
	there = metadata->topics[0].err == 0;
	rd_kafka_metadata_destroy(metadata);
	return there;
}

int
main(int argc, char **argv)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(8);
	rd_kafka_t *consumer = argc > 2 ? consumer_new(argv[1]) : NULL;
	unsigned long long records = 0, bytes = 0;
	int ended = 0;

	if (!consumer) {
		fprintf(stderr, "usage: consume BROKERS TOPIC...\n");
		return 64;
	}
	for (int i = 2; i < argc; i++) {
		if (!topic_add(consumer, argv[i], list)) {
			fprintf(stderr, "consume: no topic %s at %s\n", argv[i], argv[1]);
			return 69;
		}
	}
	rd_kafka_assign(consumer, list);
	while (ended < list->cnt) {
		rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, PATIENCE_MS);
		if (!message) {
			fprintf(stderr, "consume: no record for %d s\n", PATIENCE_MS / 1000);
			return 69;
		}
		if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
			ended++;
		else if (message->err == 0) {
			records++;
			bytes += message->len;
		}
		rd_kafka_message_destroy(message);
	}
	rd_kafka_topic_partition_list_destroy(list);
	rd_kafka_consumer_close(consumer);
	rd_kafka_destroy(consumer);
	printf("%llu records, %llu bytes\n", records, bytes);
	return 0;
}
