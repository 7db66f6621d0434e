#ifndef TIDE_WINDOWING_PENDING_H
#define TIDE_WINDOWING_PENDING_H
#include "base/hash.h"
#include "base/pool.h"
#include "schemas/event.h"
/*
 * Predictions that wait for a label, and labels that wait for a prediction: one open-addressing
 * table each, keyed by the 128-bit hash of the id.
 *
 *  (1) Several entries may have one key (other models, other partitions): find walks them all.
 *  (2) Entries have numbers; a number is good until it is removed. 0 is no entry.
 *  (3) reserve is asked before add; after it said yes add cannot fail.
 * Cost: 56 bytes and the tail an entry, and 4 to 8 bytes of index.
 */
struct tide_pending_entry {
	struct tide_hash key;
	int64_t time_ms;
	double prediction, target; /* prediction; or, waiting: watermark bits in `prediction` */
	uint32_t route;            /* of a prediction; partition of a waiting label */
	uint32_t next;             /* in its window, or in the list of waiting labels */
	uint32_t flags, slot;
};

#define TIDE_PENDING_LABELLED 1u

struct tide_pending {
	struct tide_pool *pool;
	struct tide_pending_entry *entries;
	double *tails; /* tail_count an entry */
	size_t tail_count;
	uint32_t *index;
	uint32_t capacity, used, count, free, index_size; /* index_size: power of two */
};

void tide_pending_init(struct tide_pending *pending, struct tide_pool *pool, size_t tail_count);
void tide_pending_fini(struct tide_pending *pending);
bool tide_pending_reserve(struct tide_pending *pending) TIDE_MUSTCHECK;
uint32_t tide_pending_add(struct tide_pending *pending, struct tide_hash key);
void tide_pending_remove(struct tide_pending *pending, uint32_t number);
/** What differs from deployment to deployment: tail_count doubles, as the entry's owner left them. */
double *tide_pending_tail(const struct tide_pending *pending, uint32_t number);
/** The next entry of a key; 0: none. *at is UINT32_MAX for the first. No order is promised. */
uint32_t tide_pending_find(const struct tide_pending *pending, struct tide_hash key, uint32_t *at);
#endif
