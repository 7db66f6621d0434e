/*
 * Makes topics that keep records of any age, and puts messages with their own times into them.
 *
 *	send BROKERS PARTITIONS TOPIC... <MESSAGES
 *
 * A message is the line "topic partition time_ms key_size value_size origin" and the bytes of the
 * key and of the value behind it; partition -1: by the key, size -1: null; `origin` becomes a
 * header.
 */
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define PATIENCE_MS 30000

struct message {
	char topic[256], origin[64];
	int partition;
	long long time_ms, key_size, value_size;
	char *key, *value;
};

static unsigned long long lost;

static void
delivered(rd_kafka_t *producer, const rd_kafka_message_t *message, void *closure)
{
	(void) producer;
	(void) closure;
	lost += message->err != 0;
}

static bool
topic_create(rd_kafka_t *producer, const char *topic, int partitions)
{
	char why[512] = "no answer";
	rd_kafka_NewTopic_t *new = rd_kafka_NewTopic_new(topic, partitions, 1, why, sizeof why);
	rd_kafka_queue_t *queue = rd_kafka_queue_new(producer);
	rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR__TIMED_OUT;
	size_t count = 0;

	rd_kafka_NewTopic_set_config(new, "retention.ms", "-1");
	rd_kafka_CreateTopics(producer, &new, 1, NULL, queue);
	rd_kafka_event_t *event = rd_kafka_queue_poll(queue, PATIENCE_MS);
	const rd_kafka_topic_result_t **results =
	        event ? rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event),
	                                                    &count)
	              : NULL;
	if (count)
		code = rd_kafka_topic_result_error(results[0]);
	if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
		code = RD_KAFKA_RESP_ERR_NO_ERROR;
	if (code)
		fprintf(stderr, "send: %s: %s\n", topic, rd_kafka_err2str(code));
	if (event)
		rd_kafka_event_destroy(event);
	rd_kafka_queue_destroy(queue);
	rd_kafka_NewTopic_destroy(new);
	return !code;
}

static bool
bytes_read(char **bytes, long long size)
{
	*bytes = size < 0 ? NULL : malloc((size_t) size + 1);
	return size < 0 || (*bytes && fread(*bytes, 1, (size_t) size, stdin) == (size_t) size);
}

/* 1: there is one; 0: no more; -1: half a message. */
static int
message_read(struct message *message)
{
	int fields = scanf("%255s %d %lld %lld %lld %63s", message->topic, &message->partition,
	                   &message->time_ms, &message->key_size, &message->value_size,
	                   message->origin);

	message->key = message->value = NULL;
	if (fields == EOF)
		return 0;
	if (fields != 6 || getchar() != '\n' || !bytes_read(&message->key, message->key_size) ||
	    !bytes_read(&message->value, message->value_size))
		return -1;
	return 1;
}

static bool
message_send(rd_kafka_t *producer, const struct message *message)
{
	rd_kafka_resp_err_t code;
	size_t value_size = message->value ? (size_t) message->value_size : 0;
	size_t key_size = message->key ? (size_t) message->key_size : 0;

	do {
		code = rd_kafka_producev(
		        producer, RD_KAFKA_V_TOPIC(message->topic),
		        RD_KAFKA_V_PARTITION(message->partition),
		        RD_KAFKA_V_TIMESTAMP(message->time_ms), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
		        RD_KAFKA_V_KEY(message->key, key_size),
		        RD_KAFKA_V_VALUE(message->value, value_size),
		        RD_KAFKA_V_HEADER("origin", message->origin, -1), RD_KAFKA_V_END);
		rd_kafka_poll(producer, code == RD_KAFKA_RESP_ERR__QUEUE_FULL ? 100 : 0);
	} while (code == RD_KAFKA_RESP_ERR__QUEUE_FULL);
	if (code)
		fprintf(stderr, "send: %s\n", rd_kafka_err2str(code));
	return !code;
}

int
main(int argc, char **argv)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	struct message message;
	char why[512];
	int more = 0;

	if (argc < 4 || rd_kafka_conf_set(conf, "bootstrap.servers", argv[1], why, sizeof why) ||
	    rd_kafka_conf_set(conf, "enable.idempotence", "true", why, sizeof why))
		return 64;
	rd_kafka_conf_set_dr_msg_cb(conf, delivered);
	rd_kafka_t *producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
	bool fine = producer != NULL;
	for (int i = 3; fine && i < argc; i++)
		fine = topic_create(producer, argv[i], (int) strtol(argv[2], NULL, 10));
	while (fine && (more = message_read(&message)) != 0) {
		fine = more > 0 && message_send(producer, &message);
		free(message.key);
		free(message.value);
	}
	fine = fine && rd_kafka_flush(producer, PATIENCE_MS) == RD_KAFKA_RESP_ERR_NO_ERROR && !lost;
	if (producer)
		rd_kafka_destroy(producer);
	return fine ? 0 : 1;
}
