#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "consumer/kafka_partitioner.h"
#include <librdkafka/rdkafka.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct vector {
	const char *key;
	int32_t hash;
};

/* The vectors of Kafka's own UtilsTest. */
static void
murmur2_is_that_of_java_clients_without_its_sign(void **state)
{
	static const struct vector vectors[] = {
	    {"21", -973932308},
	    {"foobar", -790332482},
	    {"a-little-bit-long-string", -985981536},
	    {"a-little-bit-longer-string", -1486304829},
	    {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
	    {"abc", 479470107}};

	(void) state;
	for (size_t i = 0; i < COUNT(vectors); i++)
		assert_int_equal(
		    tide_kafka_partitioner_murmur2(vectors[i].key, strlen(vectors[i].key)),
		    (uint32_t) vectors[i].hash & INT32_MAX);
}

static void
crc32_and_fnv1a_are_the_published_ones(void **state)
{
	(void) state;
	assert_int_equal(tide_kafka_partitioner_crc32("123456789", 9), 0xcbf43926);
	assert_int_equal(tide_kafka_partitioner_crc32("", 0), 0);
	/* negative as int32_t, so negated */
	assert_int_equal(tide_kafka_partitioner_fnv1a("", 0), -0x811c9dc5U);
	assert_int_equal(tide_kafka_partitioner_fnv1a("a", 1), -0xe40c292cU);
	assert_int_equal(tide_kafka_partitioner_fnv1a("foobar", 6), -0xbf9cf968U);
	assert_int_equal(tide_kafka_partitioner_fnv1a("c", 1), -0xe60c2c52U);
	assert_int_equal(tide_kafka_partitioner_fnv1a("foo", 3), -0xa9f37ed7U);
	assert_int_equal(tide_kafka_partitioner_fnv1a("fo", 2), 0x6222e842U);
}

static void
every_key_goes_where_librdkafka_puts_it(void **state)
{
	uint8_t key[67];
	uint32_t random = 1;

	(void) state;
	for (size_t round = 0; round < 20000; round++) {
		size_t size = 1 + round % sizeof key;
		int32_t count = (int32_t) (1 + round % 101);
		for (size_t i = 0; i < size; i++) {
			random = random * 1664525 + 1013904223;
			key[i] = (uint8_t) (random >> 24);
		}
		assert_int_equal(tide_kafka_partitioner_murmur2(key, size) % (uint32_t) count,
		                 rd_kafka_msg_partitioner_murmur2(NULL, key, size, count, NULL, NULL));
		assert_int_equal(tide_kafka_partitioner_crc32(key, size) % (uint32_t) count,
		                 rd_kafka_msg_partitioner_consistent(NULL, key, size, count, NULL,
		                                                     NULL));
		assert_int_equal(tide_kafka_partitioner_fnv1a(key, size) % (uint32_t) count,
		                 rd_kafka_msg_partitioner_fnv1a(NULL, key, size, count, NULL, NULL));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(murmur2_is_that_of_java_clients_without_its_sign),
	    cmocka_unit_test(crc32_and_fnv1a_are_the_published_ones),
	    cmocka_unit_test(every_key_goes_where_librdkafka_puts_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
