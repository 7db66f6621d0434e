#include "consumer/kafka_partitioner.h"
#include <zlib.h>

static uint32_t
word_little(const uint8_t *bytes, size_t size)
{
	uint32_t word = 0;

	while (size-- > 0)
		word = word << 8 | bytes[size];
	return word;
}

uint32_t
tide_kafka_partitioner_murmur2(const void *key, size_t size)
{
	const uint32_t factor = 0x5bd1e995;
	const uint8_t *at = key;
	uint32_t hash = 0x9747b28c ^ (uint32_t) size;

	for (; size >= 4; size -= 4, at += 4) {
		uint32_t word = word_little(at, 4) * factor;
		hash = (hash * factor) ^ ((word ^ word >> 24) * factor);
	}
	if (size > 0)
		hash = (hash ^ word_little(at, size)) * factor;
	hash = (hash ^ hash >> 13) * factor;
	return (hash ^ hash >> 15) & INT32_MAX;
}

uint32_t
tide_kafka_partitioner_crc32(const void *key, size_t size)
{
	return (uint32_t) crc32_z(0, key, size);
}

uint32_t
tide_kafka_partitioner_fnv1a(const void *key, size_t size)
{
	const uint8_t *at = key;
	uint32_t hash = 0x811c9dc5;

	for (; size > 0; size--)
		hash = (hash ^ *at++) * 0x01000193;
	return hash > INT32_MAX ? -hash : hash;
}
