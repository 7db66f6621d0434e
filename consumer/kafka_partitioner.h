#ifndef TIDE_CONSUMER_KAFKA_PARTITIONER_H
#define TIDE_CONSUMER_KAFKA_PARTITIONER_H
#include <stddef.h>
#include <stdint.h>
/*
 * Where producers put a keyed record: the hash of the key modulo the topic's partitions.
 *
 *  murmur2: Java clients, Kafka Streams and Connect; librdkafka's murmur2, murmur2_random. Of a key
 *           without bytes it is a hash like any other; librdkafka hands these out at random.
 *  crc32:   librdkafka's default (consistent_random, consistent): Python, Go and .NET clients.
 *  fnv1a:   librdkafka's fnv1a, fnv1a_random, and Sarama.
 */
/** 0 to 2^31 - 1. MurmurHash2 (Appleby 2008) with Kafka's seed, the sign cut off. */
uint32_t tide_kafka_partitioner_murmur2(const void *key, size_t size);
/** CRC-32 of zlib (polynomial 0xEDB88320). */
uint32_t tide_kafka_partitioner_crc32(const void *key, size_t size);
/** FNV-1a of 32 bits (Fowler, Noll, Vo 1991), a negative one negated. */
uint32_t tide_kafka_partitioner_fnv1a(const void *key, size_t size);
#endif
