/**
 * Number of distinct values, from their 64-bit hashes: exact up to 256, UltraLogLog beyond.
 *
 *  (1) Input is an unseeded 64-bit hash whose bits all are uniform. Equal values must have equal
 *      hashes; values that collide count once (below 1e-6 of the count up to 1e13 values).
 *  (2) The state depends on the set of hashes alone: on no order, repetition, split or host.
 *  (3) Up to TIDE_DISTINCT_EXACT_MAX hashes are kept as they are, and the estimate is their number.
 *      Beyond, standard error 1.7 % of the count; the bias is below 0.1 %.
 *  (4) The caller owns the struct: 2 056 bytes, no other memory. Nothing can be subtracted.
 *
 * Source: Ertl 2024 (UltraLogLog, PVLDB 17, registers and maximum-likelihood estimate), p = 11.
 */
#ifndef TIDE_WINDOWING_FOLDS_DISTINCT_H
#define TIDE_WINDOWING_FOLDS_DISTINCT_H

#include "base/bytes.h"

#define TIDE_DISTINCT_PRECISION 11
#define TIDE_DISTINCT_REGISTERS (1 << TIDE_DISTINCT_PRECISION)
#define TIDE_DISTINCT_EXACT_MAX (TIDE_DISTINCT_REGISTERS / 8)

struct tide_distinct {
	uint32_t exact;		/* hashes kept, or TIDE_DISTINCT_EXACT_MAX + 1 for registers */
	union {
		uint64_t hashes[TIDE_DISTINCT_EXACT_MAX];	/* ascending; the rest is zero */
		uint8_t registers[TIDE_DISTINCT_REGISTERS];	/* 4 level + two bits, 0: unused */
	} state;
};

/** Sets the count to zero. */
void
tide_distinct_start(struct tide_distinct *distinct);

/** Adds a hash. Cost: a binary search and at most 2 kB moved while exact; some 9 ns beyond. */
void
tide_distinct_add(struct tide_distinct *distinct, uint64_t hash);

/** Adds all hashes of `other`, which may be `distinct`. Cost: O(registers), 5 us. */
void
tide_distinct_merge(struct tide_distinct *distinct, const struct tide_distinct *other);

void
tide_distinct_save(const struct tide_distinct *distinct, struct tide_buffer *out);

/** Adds all hashes of a saved one; false: the bytes are none of save. */
bool
tide_distinct_load(struct tide_distinct *distinct, struct tide_reader *in);

/** The estimated number of distinct hashes, 0 when empty; exact as (3) says. Cost: some 40 us. */
double
tide_distinct_estimate(const struct tide_distinct *distinct);

#endif
