#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "consumer/kafka_admin.h"
#include "consumer/kafka_sink.h"
#include "consumer/kafka_source.h"
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORDS 1000

static char bootstrap[128];

static rd_kafka_t *
producer(void)
{
	char why[256];
	rd_kafka_conf_t *conf = rd_kafka_conf_new();

	rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap + strlen("bootstrap.servers="), why,
	                  sizeof why);
	return rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
}

/* The answer to an admin request is only waited for: a wrong one shows in what is read later. */
static void
answered(rd_kafka_queue_t *queue)
{
	rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 30000);

	assert_non_null(event);
	assert_int_equal(rd_kafka_event_error(event), 0);
	rd_kafka_event_destroy(event);
	rd_kafka_queue_destroy(queue);
}

/* Four partitions each; those that are filled have the numbers below RECORDS, n in partition n % 4
 * at offset n / 4. */
static void
fill(void)
{
	static const struct {
		const char *name;
		bool is_full;
	} topics[] = {{"in", true}, {"old", true}, {"out", false}, {"placed", false}};
	rd_kafka_t *client = producer();
	rd_kafka_NewTopic_t *made[4];
	char why[256], value[32];

	for (size_t i = 0; i < 4; i++)
		made[i] = rd_kafka_NewTopic_new(topics[i].name, 4, 1, why, sizeof why);
	rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
	rd_kafka_CreateTopics(client, made, 4, NULL, queue);
	answered(queue);
	rd_kafka_NewTopic_destroy_array(made, 4);
	for (int i = 0; i < 4 * RECORDS; i++) {
		int length = snprintf(value, sizeof value, "%d", i / 4);
		if (!topics[i % 4].is_full)
			continue;
		assert_int_equal(rd_kafka_producev(client, RD_KAFKA_V_TOPIC(topics[i % 4].name),
		                                   RD_KAFKA_V_PARTITION(i / 4 % 4),
		                                   RD_KAFKA_V_VALUE(value, (size_t) length),
		                                   RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
		                                   RD_KAFKA_V_END),
		                 0);
	}
	assert_int_equal(rd_kafka_flush(client, 30000), 0);
	rd_kafka_destroy(client);
}

/* As retention does it. */
static void
forget_before(const char *topic, int64_t offset)
{
	rd_kafka_t *client = producer();
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(4);

	for (int i = 0; i < 4; i++)
		rd_kafka_topic_partition_list_add(list, topic, i)->offset = offset;
	rd_kafka_DeleteRecords_t *wanted = rd_kafka_DeleteRecords_new(list);
	rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
	rd_kafka_DeleteRecords(client, &wanted, 1, NULL, queue);
	answered(queue);
	rd_kafka_DeleteRecords_destroy(wanted);
	rd_kafka_topic_partition_list_destroy(list);
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

static void
chosen_partitions_alone_are_read(void **state)
{
	const char *const properties[] = {bootstrap, NULL};
	static const int32_t chosen[] = {3, 1}, missing[] = {4};
	struct tide_kafka_options options = {.properties = properties,
	                                     .predictions_topic = "in",
	                                     .start = TIDE_KAFKA_EARLIEST,
	                                     .bounded = true,
	                                     .partitions = chosen,
	                                     .partitions_count = 2,
	                                     .end_ms = INT64_MAX};
	const struct tide_queue *queues;
	struct tide_source *source;
	struct tide_error error = {0};

	(void) state;
	if (tide_kafka_source_open(&options, &source, &error))
		fail_msg("%s", error.text);
	assert_int_equal(source->ops->queues(source, &queues), 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(queues[i].partition, chosen[i]);
		assert_int_equal(queues[i].partition_count, 4);
	}
	source->ops->close(source);
	options.partitions = missing;
	options.partitions_count = 1;
	assert_int_equal(tide_kafka_source_open(&options, &source, &error), -1);
	assert_int_equal(error.code, TIDE_ERROR_NO_INPUT);
	assert_string_equal(error.text, "kafka: topic in has 4 partitions, and partition 4 is wanted");
}

static void
a_placed_letter_goes_to_its_partition(void **state)
{
	const char *const properties[] = {bootstrap, NULL};
	struct tide_kafka_sink_options options = {.properties = properties,
	                                          .transactional_id = "placed",
	                                          .topics = {[TIDE_LETTER_PARTIAL] = "placed"},
	                                          .cap_bytes = 1 << 20};
	struct tide_kafka_options reading = {.properties = properties,
	                                     .predictions_topic = "placed",
	                                     .start = TIDE_KAFKA_EARLIEST,
	                                     .bounded = true,
	                                     .end_ms = INT64_MAX};
	struct tide_error error = {0};
	struct tide_sink *sink;
	struct tide_source *source;
	const struct tide_queue *queues;
	size_t count = 0;

	(void) state;
	if (tide_kafka_sink_open(&options, &sink, &error))
		fail_msg("%s", error.text);
	for (uint8_t i = 0; i < 100; i++) {
		struct tide_letter letter = {.kind = TIDE_LETTER_PARTIAL,
		                             .key = (const uint8_t *) "same",
		                             .key_size = 4,
		                             .value = &i,
		                             .value_size = 1,
		                             .time_ms = INT64_MIN,
		                             .is_placed = true,
		                             .partition = i % 4};
		assert_int_equal(sink->ops->give(sink, &letter, &error), 0);
	}
	assert_int_equal(sink->ops->commit(sink, NULL, 0, &error), 0);
	sink->ops->close(sink);
	if (tide_kafka_source_open(&reading, &source, &error))
		fail_msg("%s", error.text);
	assert_int_equal(source->ops->queues(source, &queues), 4);
	for (size_t q = 0; q < 4; q++) {
		enum tide_supply supply = TIDE_SUPPLY_WAIT;
		for (int round = 0; round < 3000 && supply != TIDE_SUPPLY_END; round++) {
			struct tide_batch batch;
			bool changed;
			assert_int_equal(source->ops->poll(source, 10, &changed, &error), 0);
			assert_int_equal(source->ops->take(source, q, &batch, &supply, &error), 0);
			for (size_t i = 0; i < batch.count; i++, count++)
				assert_int_equal(batch.records[i].value[0] % 4, queues[q].partition);
		}
	}
	assert_int_equal(count, 100);
	source->ops->close(source);
}

/* Waits for the partitions of a group. */
static int
join(const struct tide_kafka_options *options, struct tide_source **source,
     const struct tide_queue **queues, size_t *count, struct tide_error *error)
{
	bool changed;

	if (tide_kafka_source_open(options, source, error))
		fail_msg("%s", error->text);
	*count = 0;
	for (int round = 0; round < 3000 && *count == 0; round++) {
		if ((*source)->ops->poll(*source, 10, &changed, error))
			return -1;
		*count = (*source)->ops->queues(*source, queues);
	}
	return 0;
}

static void
commit(struct tide_source *source, int64_t offset)
{
	const char *const properties[] = {bootstrap, NULL};
	struct tide_kafka_sink_options options = {
	    .properties = properties, .transactional_id = "note", .cap_bytes = 1 << 20};
	struct tide_position positions[4];
	struct tide_error error = {0};
	struct tide_sink *sink;

	for (int i = 0; i < 4; i++)
		positions[i] = (struct tide_position){0, i, offset, "note"};
	if (tide_kafka_sink_open(&options, &sink, &error))
		fail_msg("%s", error.text);
	tide_kafka_sink_follow(sink, source);
	if (sink->ops->commit(sink, positions, 4, &error))
		fail_msg("%s", error.text);
	sink->ops->close(sink);
}

/* What start_at was given last, and what it says. */
struct said {
	int64_t start, committed;
	int32_t partition_count;
	char metadata[8];
};

static int64_t
say_start(void *context, const struct tide_queue *queue)
{
	struct said *said = context;

	said->committed = queue->start_offset;
	said->partition_count = queue->partition_count;
	snprintf(said->metadata, sizeof said->metadata, "%s", queue->metadata);
	return said->start;
}

/* 250 records a partition; those before 30 are deleted after a commit at 20. */
static void
what_is_read_from_must_be_in_the_log(void **state)
{
	const char *const properties[] = {bootstrap, NULL};
	struct said said = {0};
	struct tide_kafka_options options = {.properties = properties,
	                                     .group = "past",
	                                     .instance = "past",
	                                     .predictions_topic = "old",
	                                     .start = TIDE_KAFKA_LATEST,
	                                     .end_ms = INT64_MAX,
	                                     .context = &said};
	static const struct {
		int64_t start; /* -1: none said */
		const char *refusal;
	} cases[] = {{40, NULL},
	             {250, NULL},
	             {29, "[30,250): its retention has deleted"},
	             {-1, "to be read from offset 20, but the topic holds [30,250): its retention"},
	             {251, "to be read from offset 251, but the topic ends at 250: it was made anew"}};
	const struct tide_queue *queues;
	struct tide_source *source;
	struct tide_error error = {0};
	size_t count;

	(void) state;
	assert_int_equal(join(&options, &source, &queues, &count, &error), 0);
	assert_int_equal(count, 4);
	assert_int_equal(queues[0].start_offset, 250);
	assert_int_equal(queues[0].partition_count, 4);
	commit(source, 20);
	source->ops->close(source);
	forget_before("old", 30);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		said.start = cases[i].start;
		options.start_at = cases[i].start < 0 ? NULL : say_start;
		int failed = join(&options, &source, &queues, &count, &error);
		assert_int_equal(failed, cases[i].refusal ? -1 : 0);
		if (failed) {
			assert_int_equal(error.code, TIDE_ERROR_DATA);
			assert_non_null(strstr(error.text, cases[i].refusal));
		} else {
			assert_int_equal(queues[3].start_offset, cases[i].start);
			assert_int_equal(said.committed, 20);
			assert_int_equal(said.partition_count, 4);
			assert_string_equal(said.metadata, "note");
		}
		source->ops->close(source);
	}
}

static void
partials_are_read_from_the_earliest_whatever_start_says(void **state)
{
	const char *const properties[] = {bootstrap, NULL};
	struct tide_kafka_options options = {.properties = properties,
	                                     .group = "two",
	                                     .predictions_topic = "in",
	                                     .partials_topic = "old",
	                                     .start = TIDE_KAFKA_LATEST,
	                                     .end_ms = INT64_MAX};
	const struct tide_queue *queues;
	struct tide_source *source;
	struct tide_error error = {0};
	size_t count;

	(void) state;
	assert_int_equal(join(&options, &source, &queues, &count, &error), 0);
	assert_int_equal(count, 8);
	for (size_t i = 0; i < count; i++) {
		bool partials = strcmp(queues[i].topic, "old") == 0;
		assert_int_equal(queues[i].role, partials ? 2 : 0);
		assert_int_equal(queues[i].start_offset, partials ? 30 : 250);
	}
	source->ops->close(source);
}

static void
what_is_read_as_a_whole_is_compacted_often(void **state)
{
	const char *const properties[] = {bootstrap, NULL};
	static const struct tide_kafka_topic topics[] = {
	    {.name = "much", .policy = "compact", .is_memory = true, .partitions = 1},
	    {.name = "result", .policy = "compact", .partitions = 1}};
	static const char *const settings[][3] = {{"cleanup.policy", "compact", "compact"},
	                                          {"segment.ms", "600000", "604800000"},
	                                          {"min.cleanable.dirty.ratio", "0.1", "0.5"}};
	rd_kafka_t *client = producer();
	struct tide_error error;
	size_t count, found = 0;

	(void) state;
	assert_int_equal(tide_kafka_admin_create(properties, topics, 2, &error), 0);
	for (size_t t = 0; t < 2; t++) {
		rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
		rd_kafka_ConfigResource_t *wanted =
		    rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topics[t].name);
		rd_kafka_DescribeConfigs(client, &wanted, 1, NULL, queue);
		rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 30000);
		const rd_kafka_ConfigResource_t **answers = rd_kafka_DescribeConfigs_result_resources(
		    rd_kafka_event_DescribeConfigs_result(event), &count);
		const rd_kafka_ConfigEntry_t **entries =
		    rd_kafka_ConfigResource_configs(answers[0], &count);
		for (size_t i = 0; i < count * 3; i++) {
			const rd_kafka_ConfigEntry_t *entry = entries[i / 3];
			if (strcmp(rd_kafka_ConfigEntry_name(entry), settings[i % 3][0]) != 0)
				continue;
			assert_string_equal(rd_kafka_ConfigEntry_value(entry), settings[i % 3][1 + t]);
			found++;
		}
		rd_kafka_event_destroy(event);
		rd_kafka_queue_destroy(queue);
		rd_kafka_ConfigResource_destroy(wanted);
	}
	assert_int_equal(found, 6);
	rd_kafka_destroy(client);
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
	    cmocka_unit_test(chosen_partitions_alone_are_read),
	    cmocka_unit_test(a_placed_letter_goes_to_its_partition),
	    cmocka_unit_test(what_is_read_from_must_be_in_the_log),
	    cmocka_unit_test(partials_are_read_from_the_earliest_whatever_start_says),
	    cmocka_unit_test(what_is_read_as_a_whole_is_compacted_often),
	};
	const char *broker = getenv("TIDE_KAFKA");

	if (!broker)
		return 2;
	snprintf(bootstrap, sizeof bootstrap, "bootstrap.servers=%s", broker);
	fill();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
