#ifndef TIDE_WINDOWING_FOLDS_UNSEEN_H
#define TIDE_WINDOWING_FOLDS_UNSEEN_H
#include "base/bytes.h"
#include "base/hash.h"
#include "base/pool.h"
/*
 * How often each value came that is no category of the reference: exact up to 255 of them.
 *
 *  (1) A value is its unseeded 128-bit hash. Kept are the 255 least hashes, ascending, each with
 *      its exact count: a hash among the least of all was among the least at any time before. So
 *      the state depends on the multiset of the values alone.
 *  (2) `more`: there were others. Then the counts of the kept ones are still right.
 *  (3) The table grows by doubling from 8 entries; an add takes at most one piece of the arena.
 */
#define TIDE_UNSEEN_MAX 255

struct tide_unseen_value {
	struct tide_hash hash;
	uint64_t count;
};

struct tide_unseen {
	struct tide_unseen_value *values;
	uint32_t count, room;
	bool more;
};

void tide_unseen_add(struct tide_unseen *unseen, struct tide_hash hash, uint64_t count,
                     struct tide_arena *arena);
void tide_unseen_merge(struct tide_unseen *to, const struct tide_unseen *from,
                       struct tide_arena *arena);
void tide_unseen_save(const struct tide_unseen *unseen, struct tide_buffer *out);
/** Adds what the bytes say; false: they are none of save. So it is in every fold. */
bool tide_unseen_load(struct tide_unseen *unseen, struct tide_reader *in,
                      struct tide_arena *arena);
/** Most bytes that the tables of one take. */
#define TIDE_UNSEEN_BYTES_MAX (2 * (TIDE_UNSEEN_MAX + 1) * sizeof(struct tide_unseen_value))
/** Order of hashes: <0, 0, >0. */
int tide_unseen_compare(struct tide_hash a, struct tide_hash b);
#endif
