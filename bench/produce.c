/*
 * Puts the lines of a file into a new topic of one partition, lz4, with the time after "ts": as the
 * record's time.
 *
 *	produce BROKERS TOPIC FILE
 */
#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_MS 60000

static unsigned long long lost;

static void
delivered(rd_kafka_t *producer, const rd_kafka_message_t *message, void *closure)
{
	(void) producer;
	(void) closure;
	lost += message->err != 0;
}

static rd_kafka_t *
producer_new(const char *brokers)
{
	static const char *const settings[][2] = {{"compression.type", "lz4"},
	                                          {"linger.ms", "50"},
	                                          {"log_level", "3"},
	                                          {"enable.idempotence", "true"}};
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char why[512];
	bool failed = rd_kafka_conf_set(conf, "bootstrap.servers", brokers, why, sizeof why) != 0;

	for (size_t i = 0; i < sizeof settings / sizeof *settings && !failed; i++)
		failed = rd_kafka_conf_set(conf, settings[i][0], settings[i][1], why, sizeof why) != 0;
	rd_kafka_conf_set_dr_msg_cb(conf, delivered);
	rd_kafka_t *producer =
	        failed ? NULL : rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
	if (!producer)
		fprintf(stderr, "produce: %s\n", why);
	return producer;
}

/* Old record times are kept: without retention.ms the broker would drop them. */
static bool
topic_create(rd_kafka_t *producer, const char *topic)
{
	char why[512] = "no answer";
	rd_kafka_NewTopic_t *new = rd_kafka_NewTopic_new(topic, 1, 1, why, sizeof why);
	rd_kafka_queue_t *queue = rd_kafka_queue_new(producer);
	size_t count = 0;

	rd_kafka_NewTopic_set_config(new, "retention.ms", "-1");
	rd_kafka_CreateTopics(producer, &new, 1, NULL, queue);
	rd_kafka_event_t *event = rd_kafka_queue_poll(queue, PATIENCE_MS);
	const rd_kafka_topic_result_t **results =
	        event ? rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event),
	                                                    &count)
	              : NULL;
	bool made = count == 1 && rd_kafka_topic_result_error(results[0]) == 0;
	if (!made)
		fprintf(stderr, "produce: cannot create %s: %s\n", topic,
		        count == 1 ? rd_kafka_topic_result_error_string(results[0]) : why);
	if (event)
		rd_kafka_event_destroy(event);
	rd_kafka_queue_destroy(queue);
	rd_kafka_NewTopic_destroy(new);
	return made;
}

static void
line_give(rd_kafka_t *producer, const char *topic, char *line, size_t length)
{
	const char *time = strstr(line, "\"ts\":");
	rd_kafka_resp_err_t code;

	do {
		code = rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(0),
		                         RD_KAFKA_V_VALUE(line, length),
		                         RD_KAFKA_V_TIMESTAMP(time ? strtoll(time + 5, NULL, 10) : 0),
		                         RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
		rd_kafka_poll(producer, code == RD_KAFKA_RESP_ERR__QUEUE_FULL ? 10 : 0);
	} while (code == RD_KAFKA_RESP_ERR__QUEUE_FULL);
	lost += code != 0;
}

int
main(int argc, char **argv)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t length;

	if (argc != 4) {
		fprintf(stderr, "usage: produce BROKERS TOPIC FILE\n");
		return 64;
	}
	FILE *file = fopen(argv[3], "rb");
	if (!file) {
		fprintf(stderr, "produce: %s: %s\n", argv[3], strerror(errno));
		return 66;
	}
	rd_kafka_t *producer = producer_new(argv[1]);
	if (!producer || !topic_create(producer, argv[2]))
		return 69;
	while ((length = getline(&line, &room, file)) > 0)
		line_give(producer, argv[2], line, (size_t) length - (line[length - 1] == '\n'));
	free(line);
	fclose(file);
	if (rd_kafka_flush(producer, PATIENCE_MS) || lost) {
		fprintf(stderr, "produce: %llu records were not taken by %s\n", lost, argv[1]);
		return 74;
	}
	rd_kafka_destroy(producer);
	return 0;
}
