#ifndef TIDE_CONSUMER_KAFKA_PLACEMENT_H
#define TIDE_CONSUMER_KAFKA_PLACEMENT_H
#include "base/error.h"
#include "consumer/source.h"
/*
 * In which partition producers put keys, as far as it can be seen: a label joins predictions of its
 * own partition only, so both topics need as many partitions, the same keys and one partitioner.
 *
 *  (1) A partitioner explains a topic when at least 95 % of at least 20 different keys stand where
 *      it puts them and no other one explains it. In two partitions, the worst case, it does so by
 *      chance once in 50,000 times: (1 + 20) / 2^20.
 *  (2) Records without key, or with one of no bytes, stand anywhere and say nothing.
 *  (3) All but sample is pure. A placement starts as zeros, with its topic.
 */
#define TIDE_KAFKA_PLACEMENT_PARTITIONERS 3
#define TIDE_KAFKA_PLACEMENT_KEYS         256

struct tide_kafka_placement {
	const char *topic;
	size_t records, keyless;
	size_t key_count; /* different keys; those beyond TIDE_KAFKA_PLACEMENT_KEYS are not looked at */
	size_t explained[TIDE_KAFKA_PLACEMENT_PARTITIONERS]; /* keys that stand where it puts them */
	uint32_t seen[TIDE_KAFKA_PLACEMENT_KEYS][TIDE_KAFKA_PLACEMENT_PARTITIONERS]; /* hashes */
};

void tide_kafka_placement_add(struct tide_kafka_placement *placement, const void *key, size_t size,
                              int32_t partition, int32_t partition_count);
/** What is known, as a sentence without its stop. False: it could not be verified, and a person
 *  should know. */
bool tide_kafka_placement_text(const struct tide_kafka_placement *placement, char *text,
                               size_t size);
/** TIDE_ERROR_CONFIG: two different partitioners explain them. */
int tide_kafka_placement_agree(const struct tide_kafka_placement *predictions,
                               const struct tide_kafka_placement *labels, struct tide_error *error);
/** TIDE_ERROR_CONFIG: the topic had another number of partitions when this group began; noted_count
 *  is that number, or not above 0 where nobody noted it. */
int tide_kafka_placement_grown(const struct tide_queue *queue, int64_t noted_count,
                               struct tide_error *error);
/** Adds some 200 of the newest records of both topics, which have partition_count partitions; waits
 *  at most ten seconds for them. */
int tide_kafka_placement_sample(const char *const *properties, int32_t partition_count,
                                struct tide_kafka_placement placements[2],
                                struct tide_error *error);
#endif
