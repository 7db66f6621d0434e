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
 *  (3) reserve is asked before add; after it said yes add cannot fail. An entry moves with a
 *      reserve, never with an add.
 *  (4) What differs from deployment to deployment stands in `tail`, a number of doubles that is
 *      fixed at init; windowing/window_join.c knows which is which.
 * Cost: 40 bytes and the tail an entry (SPEC 3.7), and 4 to 8 bytes of index.
 */
struct tide_pending_entry {
	struct tide_hash key;
	int64_t time_ms;
	uint32_t route;                            /* of the record (window_private.h) */
	uint32_t next;                             /* of a prediction: the next in its window */
	uint32_t sequence;                         /* of a waiting label: order of reading */
	uint8_t flags, slot, prediction, target;   /* classes by number; binary: 1 or 0 */
	double tail[];
};

#define TIDE_PENDING_LABELLED 1u /* a prediction that has a label */
#define TIDE_PENDING_SEEN 2u     /* a waiting label, in the round that is going on */

struct tide_pending {
	struct tide_pool *pool;
	char *entries;
	size_t entry_bytes;
	uint32_t *index;
	uint32_t capacity, used, count, free, index_size; /* index_size: power of two */
};

void tide_pending_init(struct tide_pending *pending, struct tide_pool *pool, size_t tail_count);
void tide_pending_fini(struct tide_pending *pending);
bool tide_pending_reserve(struct tide_pending *pending) TIDE_MUSTCHECK;
uint32_t tide_pending_add(struct tide_pending *pending, struct tide_hash key);
void tide_pending_remove(struct tide_pending *pending, uint32_t number);
/** The next entry of a key; 0: none. *at is UINT32_MAX for the first. No order is promised. */
uint32_t tide_pending_find(const struct tide_pending *pending, struct tide_hash key, uint32_t *at);

static inline struct tide_pending_entry *
tide_pending_at(const struct tide_pending *pending, uint32_t number)
{
	return (struct tide_pending_entry *) (void *) (pending->entries +
	                                               number * pending->entry_bytes);
}
#endif
