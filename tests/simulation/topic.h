#ifndef TIDE_SIMULATION_TOPIC_H
#define TIDE_SIMULATION_TOPIC_H
#include "consumer/sink.h"
/*
 * One partition's log, as Kafka keeps it.
 *
 *  (1) A record belongs to a producer's open transaction until a marker settles it; the marker
 *      takes an offset, too.
 *  (2) Who reads committed records sees those before the first open one (the last stable offset),
 *      and none of an aborted transaction.
 *  (3) Compaction takes away what a later committed record of the same key replaces; the offsets
 *      of the others stay.
 */
struct letter {
	enum tide_letter_kind kind;
	int32_t partition; /* -1: the key decides */
	uint8_t *key, *value;
	size_t key_size, value_size;
};

enum topic_fate { TOPIC_OPEN, TOPIC_COMMITTED, TOPIC_GONE };

struct topic_record {
	enum topic_fate fate;
	int producer;
	struct letter letter;
};

struct topic {
	struct topic_record *records;
	size_t count, room, stable;
};

/** A copy that letter_free frees. The key of a dead letter becomes the place of the dead record. */
struct letter letter_take(const struct tide_letter *letter);
struct letter letter_copy(const struct letter *letter);
void letter_free(struct letter *letter);
uint32_t letter_hash(const struct letter *letter);
/** Takes over the letter. */
void topic_append(struct topic *topic, int producer, struct letter letter);
void topic_settle(struct topic *topic, int producer, bool commit);
size_t topic_stable(struct topic *topic);
/** Committed, and its key begins so. */
bool topic_has_key(const struct topic *topic, size_t record, const char *prefix);
/** It is not there any more. */
void topic_lose(struct topic_record *record);
void topic_compact(struct topic *topic);
/** Up to `max` committed records of [*next, end) and their bytes, in one piece that free frees;
 *  *next is behind the last. */
struct tide_record *topic_take(const struct topic *topic, size_t *next, size_t end, size_t max,
			       size_t *count);
void topic_free(struct topic *topic);
#endif
