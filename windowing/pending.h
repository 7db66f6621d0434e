#ifndef TIDE_WINDOWING_PENDING_H
#define TIDE_WINDOWING_PENDING_H
#include "base/hash.h"
#include "base/list.h"
#include "schemas/event.h"
/*
 * Predictions that wait for a label, and labels that wait for a prediction: one hash table each,
 * keyed by the 128-bit hash of the id.
 *
 *  (1) Several entries may have one key (other models, other partitions): find walks them all.
 *  (2) Entries have numbers; a number is good until it is removed. 0 is no entry. Entries never
 *      move, and the places of those that were removed are taken again.
 *  (3) reserve is asked before add; after it said yes one add cannot fail.
 *  (4) What differs from deployment to deployment stands in `tail`, a number of doubles that is
 *      fixed at init; windowing/window_join.c knows which is which.
 *  (5) The table grows by one bucket an add, so that no growth copies it or holds it twice.
 * Cost: 40 bytes and the tail an entry (SPEC 3.7), and 4 bytes of index; find reads one head and
 * 1.5 entries on average.
 * Source: Litwin 1980 (linear hashing).
 */
struct tide_pending_entry {
	struct tide_hash key;
	int64_t time_ms;
	uint32_t route; /* of the record (window_private.h) */
	uint32_t link;  /* the next in its bucket, or the next free one */
	union {
		uint32_t next;     /* of a prediction: the next in its window */
		uint32_t sequence; /* of a waiting label: order of reading */
	};
	uint8_t flags, slot, prediction, target; /* classes by number; binary: 1 or 0 */
	double tail[];
};

#define TIDE_PENDING_LABELLED 1u /* a prediction that has a label */
#define TIDE_PENDING_SEEN 2u     /* a waiting label, in the round that is going on */
#define TIDE_PENDING_INELIGIBLE 4u /* a prediction that can have none */
#define TIDE_PENDING_TAKEN 128u  /* the place has an entry */

#define TIDE_PENDING_INDEX_BYTES 4 /* an entry */

struct tide_pending {
	struct tide_list entries, heads; /* heads: the first entry of each bucket */
	uint32_t used, count, free;
	uint32_t buckets, mask; /* mask: all ones, (mask + 1) / 2 < buckets <= mask + 1 */
};

void tide_pending_init(struct tide_pending *pending, struct tide_pool *pool, size_t tail_count);
void tide_pending_fini(struct tide_pending *pending);
bool tide_pending_reserve(struct tide_pending *pending) TIDE_MUSTCHECK;
uint32_t tide_pending_add(struct tide_pending *pending, struct tide_hash key);
void tide_pending_remove(struct tide_pending *pending, uint32_t number);
/** The next entry of a key; 0: none. *at is UINT32_MAX for the first. No order is promised. */
uint32_t tide_pending_find(const struct tide_pending *pending, struct tide_hash key, uint32_t *at);
/** The entry of the next number, from 0 on; 0: none. Any may be removed on the way. */
uint32_t tide_pending_next(const struct tide_pending *pending, uint32_t number);

static inline struct tide_pending_entry *
tide_pending_at(const struct tide_pending *pending, uint32_t number)
{
	return tide_list_at(&pending->entries, number);
}
#endif
