#ifndef TIDE_APP_POISON_H
#define TIDE_APP_POISON_H
#include "windowing/evidence.h"
/*
 * Mass poison in one queue: how many dead letters it may send, whether the input is broken, and
 * whether it ever was whole (SPEC 3.8).
 *
 *  (1) Offsets fall into blocks of 1,000 from 0 on. Records are told in the order of their offsets,
 *      each once it is dealt with. Refused are TIDE_POISON and TIDE_FUTURE, whatever has a dead
 *      letter.
 *  (2) The first 100 refused records of a block have dead letters, the rest is `capped`.
 *  (3) An input breaks with the 500th refused record of a block, and heals with the 751st good one.
 *      A block that ends with fewer than 1,000 records, for offsets have gaps, but with 100 or
 *      more, is judged by its shares: broken from 1/2 on, healed below 1/4. So where offsets have
 *      no gaps, a fault that lasts is told within 999 records, and 499 refused never break it.
 *  (4) It is hopeless when its first 1,000 records are all TIDE_POISON.
 *  (5) A restart at `offset` needs the number that pack made for this offset and nothing else:
 *      later answers depend on the counts of offset's block before it (the end of a block clears
 *      them), on the two flags, and on `first` while there is hope; these are what is packed.
 *      Records before `offset` may be told again, as a rewind does: they are passed over. So a
 *      worker that is restarted anywhere answers as one that was not. The letters of two replays
 *      that begin at different offsets differ at most in the block in which the later one begins.
 */
enum {
	TIDE_POISON_LETTER = 1,   /* its dead letter is to be sent */
	TIDE_POISON_BREAKS = 2,   /* with this record the input broke */
	TIDE_POISON_HEALS = 4,    /* … or healed */
	TIDE_POISON_HOPELESS = 8, /* the 1,000th, and all were poison: stop */
};

struct tide_poison {
	int64_t next_offset;       /* everything before it was told */
	unsigned records, refused; /* before it, in its block */
	unsigned first;            /* poison before the first record that was none */
	bool has_begun;            /* there was one */
	bool broken;
	uint64_t capped; /* dead letters not sent, since the start */
};

/** offset −1: from the beginning of the input, as all zero. Else number is what pack gave, or −1 of
 *  a note without one: then the block is counted from here, and the input is no longer hopeless.
 *  False: pack gives no such number for this offset. */
bool tide_poison_start(struct tide_poison *poison, int64_t offset,
                       int64_t number) TIDE_MUSTCHECK;
/** The record at this offset became that; the answer is a sum of the words above. */
unsigned tide_poison_tell(struct tide_poison *poison, int64_t offset, enum tide_outcome outcome);
/** What a start at this offset needs; no record was told at it or behind it. Decimal: flags (1
 *  broken, 2 begun), then four digits each of first, refused and records. */
int64_t tide_poison_pack(const struct tide_poison *poison, int64_t offset);
#endif
