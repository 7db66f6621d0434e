#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "consumer/kafka_placement.h"
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <string.h>

typedef int32_t put_fn(const rd_kafka_topic_t *topic, const void *key, size_t size, int32_t count,
                       void *opaque, void *message);

static const struct {
	const char *name;
	put_fn *put;
} partitioners[] = {{"murmur2", rd_kafka_msg_partitioner_murmur2},
                    {"crc32", rd_kafka_msg_partitioner_consistent},
                    {"fnv1a", rd_kafka_msg_partitioner_fnv1a}};

/* `keys` different keys, of which each `astray`-th stands one partition further. */
static struct tide_kafka_placement
placement(const char *topic, put_fn *put, int keys, int astray, int32_t count)
{
	struct tide_kafka_placement made = {.topic = topic};
	char key[32];

	for (int i = 0; i < keys; i++) {
		size_t size = (size_t) snprintf(key, sizeof key, "prediction-%d", i);
		int32_t partition = put(NULL, key, size, count, NULL, NULL);
		if (astray && i % astray == 0)
			partition = (partition + 1) % count;
		tide_kafka_placement_add(&made, key, size, partition, count);
	}
	return made;
}

static int32_t
put_by_size(const rd_kafka_topic_t *topic, const void *key, size_t size, int32_t count,
            void *opaque, void *message)
{
	(void) topic, (void) opaque, (void) message;
	return (int32_t) (((const uint8_t *) key)[size - 1] * 5U + size) % count;
}

static void
each_partitioner_is_known_by_where_its_keys_stand(void **state)
{
	(void) state;
	for (size_t i = 0; i < 3; i++) {
		for (int32_t count = 2; count < 70; count += 11) {
			struct tide_kafka_placement seen =
			    placement("t", partitioners[i].put, 200, 0, count);
			char text[256], expected[256];
			snprintf(expected, sizeof expected,
			         "t: 200 of 200 recent keys stand where %s puts them",
			         partitioners[i].name);
			assert_true(tide_kafka_placement_text(&seen, text, sizeof text));
			assert_string_equal(text, expected);
		}
	}
}

static void
two_topics_disagree_only_when_both_are_known(void **state)
{
	struct tide_error error;

	(void) state;
	for (size_t i = 0; i < 3; i++) {
		for (size_t j = 0; j < 3; j++) {
			struct tide_kafka_placement mine = placement("p", partitioners[i].put, 40, 0, 4);
			struct tide_kafka_placement other = placement("l", partitioners[j].put, 40, 0, 4);
			struct tide_kafka_placement own = placement("l", put_by_size, 40, 0, 4);
			struct tide_kafka_placement few = placement("l", partitioners[j].put, 19, 0, 4);
			assert_int_equal(tide_kafka_placement_agree(&mine, &other, &error),
			                 i == j ? 0 : -1);
			if (i != j) {
				assert_int_equal(error.code, TIDE_ERROR_CONFIG);
				assert_non_null(strstr(error.text, partitioners[i].name));
				assert_non_null(strstr(error.text, partitioners[j].name));
			}
			assert_int_equal(tide_kafka_placement_agree(&mine, &own, &error), 0);
			assert_int_equal(tide_kafka_placement_agree(&few, &mine, &error), 0);
		}
	}
}

/* 95 of 100 are enough, 94 are not. */
static void
one_key_in_twenty_may_stand_elsewhere(void **state)
{
	struct tide_kafka_placement most = placement("t", partitioners[0].put, 100, 20, 8);
	struct tide_kafka_placement fewer = placement("t", partitioners[0].put, 100, 19, 8);
	char text[256];

	(void) state;
	assert_true(tide_kafka_placement_text(&most, text, sizeof text));
	assert_string_equal(text, "t: 95 of 100 recent keys stand where murmur2 puts them");
	assert_false(tide_kafka_placement_text(&fewer, text, sizeof text));
	assert_non_null(strstr(text, "none of murmur2, crc32 and fnv1a"));
}

static void
what_cannot_be_seen_is_said(void **state)
{
	struct tide_kafka_placement empty = {.topic = "t"}, same = {.topic = "t"};
	struct tide_kafka_placement keyless = {.topic = "t"};
	char text[256];

	(void) state;
	assert_true(tide_kafka_placement_text(&empty, text, sizeof text));
	assert_string_equal(text, "t is empty: where its keys go will be seen later");
	for (int i = 0; i < 200; i++) {
		int32_t partition = partitioners[0].put(NULL, "model", 5, 4, NULL, NULL);
		tide_kafka_placement_add(&same, "model", 5, partition, 4);
		tide_kafka_placement_add(&keyless, i % 2 ? "" : NULL, 0, i % 4, 4);
	}
	assert_true(tide_kafka_placement_text(&same, text, sizeof text));
	assert_string_equal(text, "t: too few different keys to see where they are put: 1");
	assert_false(tide_kafka_placement_text(&keyless, text, sizeof text));
	assert_non_null(strstr(text, "200 of 200 recent records have no key"));
}

static void
a_topic_that_has_grown_is_refused(void **state)
{
	const struct tide_queue queue = {.topic = "in", .partition_count = 6};
	struct tide_error error;

	(void) state;
	assert_int_equal(tide_kafka_placement_grown(&queue, 6, &error), 0);
	assert_int_equal(tide_kafka_placement_grown(&queue, 0, &error), 0);
	assert_int_equal(tide_kafka_placement_grown(&queue, -1, &error), 0);
	assert_int_equal(tide_kafka_placement_grown(&queue, 4, &error), -1);
	assert_int_equal(error.code, TIDE_ERROR_CONFIG);
	assert_non_null(strstr(error.text, "in had 4 partitions when this group began and has 6 now"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_partitioner_is_known_by_where_its_keys_stand),
	    cmocka_unit_test(two_topics_disagree_only_when_both_are_known),
	    cmocka_unit_test(one_key_in_twenty_may_stand_elsewhere),
	    cmocka_unit_test(what_cannot_be_seen_is_said),
	    cmocka_unit_test(a_topic_that_has_grown_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
