#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "consumer/kafka_sink.h"
#include "consumer/kafka_source.h"
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORDS 1000

static char bootstrap[128];

static void
fill(void)
{
	char why[256], value[32];
	rd_kafka_conf_t *conf = rd_kafka_conf_new();

	rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap + strlen("bootstrap.servers="), why,
	                  sizeof why);
	rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
	rd_kafka_NewTopic_t *topics[] = {rd_kafka_NewTopic_new("in", 4, 1, why, sizeof why),
	                                 rd_kafka_NewTopic_new("out", 4, 1, why, sizeof why)};
	rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
	rd_kafka_CreateTopics(client, topics, 2, NULL, queue);
	rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 30000);
	assert_non_null(event);
	rd_kafka_event_destroy(event);
	rd_kafka_queue_destroy(queue);
	rd_kafka_NewTopic_destroy(topics[0]);
	rd_kafka_NewTopic_destroy(topics[1]);
	for (int i = 0; i < RECORDS; i++) {
		int length = snprintf(value, sizeof value, "%d", i);
		assert_int_equal(rd_kafka_producev(client, RD_KAFKA_V_TOPIC("in"),
		                                   RD_KAFKA_V_PARTITION(i % 4),
		                                   RD_KAFKA_V_VALUE(value, (size_t) length),
		                                   RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
		                                   RD_KAFKA_V_END),
		                 0);
	}
	assert_int_equal(rd_kafka_flush(client, 30000), 0);
	rd_kafka_destroy(client);
}

/* Reads until `seen` holds all or the source ends; each record exactly once. */
static void
read_all(struct tide_source *source, bool bounded)
{
	static unsigned char seen[RECORDS];
	size_t count = 0, ended = 0;
	struct tide_error error;
	bool changed;

	memset(seen, 0, sizeof seen);
	for (int round = 0; round < 3000 && (bounded ? ended < 4 : count < RECORDS); round++) {
		const struct tide_queue *queues;
		assert_int_equal(source->ops->poll(source, 10, &changed, &error), 0);
		size_t queue_count = source->ops->queues(source, &queues);
		ended = 0;
		for (size_t q = queue_count; q-- > 0;) {
			struct tide_batch batch;
			enum tide_supply supply;
			assert_int_equal(source->ops->take(source, q, &batch, &supply, &error), 0);
			ended += supply == TIDE_SUPPLY_END;
			for (size_t i = 0; i < batch.count; i++, count++) {
				char text[32] = {0};
				memcpy(text, batch.records[i].value, batch.records[i].value_size);
				long number = strtol(text, NULL, 10);
				assert_in_range(number, 0, RECORDS - 1);
				assert_int_equal(seen[number]++, 0);
			}
		}
	}
	assert_int_equal(count, RECORDS);
	assert_int_equal(ended, bounded ? 4 : 0);
}

static void
letters_give(struct tide_sink *sink, int first, int end)
{
	struct tide_error error;
	char value[32];

	for (int i = first; i < end; i++) {
		size_t length = (size_t) snprintf(value, sizeof value, "%d", i);
		struct tide_letter letter = {.kind = TIDE_LETTER_ALERT,
		                             .key = (const uint8_t *) value,
		                             .value = (const uint8_t *) value,
		                             .key_size = length,
		                             .value_size = length,
		                             .time_ms = INT64_MIN};
		assert_int_equal(sink->ops->give(sink, &letter, &error), 0);
	}
}

static void
committed_letters_are_seen_once_and_others_never(void **state)
{
	const char *const properties[] = {bootstrap, NULL};
	struct tide_kafka_sink_options options = {.properties = properties,
	                                          .transactional_id = "gate-test",
	                                          .topics = {[TIDE_LETTER_ALERT] = "out"},
	                                          .cap_bytes = 1 << 20};
	struct tide_kafka_options reading = {.properties = properties,
	                                     .predictions_topic = "out",
	                                     .start = TIDE_KAFKA_EARLIEST,
	                                     .bounded = true,
	                                     .end_ms = INT64_MAX};
	struct tide_error error = {0};
	struct tide_sink *sink;
	struct tide_source *source;

	(void) state;
	for (int part = 0; part < 2; part++) {
		if (tide_kafka_sink_open(&options, &sink, &error))
			fail_msg("%s", error.text);
		letters_give(sink, part * RECORDS / 2, (part + 1) * RECORDS / 2);
		if (sink->ops->commit(sink, NULL, 0, &error))
			fail_msg("%s", error.text);
		letters_give(sink, 0, 100); /* never committed */
		sink->ops->close(sink);
	}
	if (tide_kafka_source_open(&reading, &source, &error))
		fail_msg("%s", error.text);
	read_all(source, true);
	source->ops->close(source);
}

static void
each_record_is_read_once(void **state)
{
	const char *const properties[] = {bootstrap, NULL};
	bool bounded = *state != NULL;
	struct tide_kafka_options options = {.properties = properties,
	                                     .group = "g",
	                                     .predictions_topic = "in",
	                                     .start = TIDE_KAFKA_EARLIEST,
	                                     .bounded = bounded,
	                                     .end_ms = INT64_MAX};
	struct tide_source *source;
	struct tide_error error = {0};

	if (tide_kafka_source_open(&options, &source, &error))
		fail_msg("%s", error.text);
	read_all(source, bounded);
	if (!bounded) {
		size_t size;
		assert_non_null(tide_kafka_source_membership(source, &size));
	}
	source->ops->close(source);
}

int
main(void)
{
	static int bounded = 1;
	const struct CMUnitTest tests[] = {
	    {"bounded_reading_ends_and_each_record_is_read_once", each_record_is_read_once, NULL, NULL,
	     &bounded},
	    cmocka_unit_test(each_record_is_read_once),
	    cmocka_unit_test(committed_letters_are_seen_once_and_others_never),
	};
	const char *broker = getenv("TIDE_KAFKA");

	if (!broker)
		return 2;
	snprintf(bootstrap, sizeof bootstrap, "bootstrap.servers=%s", broker);
	fill();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
