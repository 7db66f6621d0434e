/**
 * Quantile sketch: counts of values in buckets of 1 % relative accuracy (DDSketch).
 *
 *  (1) A value v with 2^-30 <= |v| < 2^50 (about 1e-9 to 1e15) is known to within 1 % of |v|.
 *      Smaller magnitudes, zero apart, count as 2^-30; larger ones, infinities too, as 2^50, each
 *      with its sign. Both zeros count as zero, exactly.
 *  (2) The state depends on the multiset of the values alone: on no order, split or host. The
 *      mapping is integer arithmetic on the bits of the double. Nothing ever collapses, so
 *      subtract undoes add exactly.
 *  (3) Buckets hold 32-bit counts. What would exceed one is refused with false, and changes
 *      nothing.
 *  (4) The caller owns the struct, which is empty when zeroed. Buckets come from an arena whose
 *      room was asked for before, by parts of five octaves (700 bytes) of a sign, each with its
 *      first value: 22 400 bytes at most, 2 100 for a latency between 1 ms and 30 s.
 *
 * Source: Masson, Rim and Lee 2019 (DDSketch), cubic mapping of their implementation: an octave
 * in 35 buckets, at most 0.99993 % wide each way.
 */
#ifndef TIDE_WINDOWING_FOLDS_SKETCH_H
#define TIDE_WINDOWING_FOLDS_SKETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/pool.h"

#define TIDE_SKETCH_EXPONENT_MIN (-30)
#define TIDE_SKETCH_EXPONENT_MAX 50
#define TIDE_SKETCH_OCTAVE 35
#define TIDE_SKETCH_SIDES 2
#define TIDE_SKETCH_BUCKETS \
	((TIDE_SKETCH_EXPONENT_MAX - TIDE_SKETCH_EXPONENT_MIN) * TIDE_SKETCH_OCTAVE)

#define TIDE_SKETCH_PART (5 * TIDE_SKETCH_OCTAVE) /* buckets of a part */
#define TIDE_SKETCH_PARTS (TIDE_SKETCH_BUCKETS / TIDE_SKETCH_PART)
/* The struct and all its parts. */
#define TIDE_SKETCH_BYTES_MAX \
	(sizeof(struct tide_sketch) + \
	TIDE_SKETCH_SIDES * TIDE_SKETCH_PARTS * (TIDE_SKETCH_PART * sizeof(uint32_t) + 16))

struct tide_sketch {
	uint64_t count;				/* of all values */
	uint64_t zeros;				/* of values equal to zero */
	uint32_t *sides[TIDE_SKETCH_SIDES][TIDE_SKETCH_PARTS]; /* positive, negative; or NULL */
};

/** Adds v, not NaN (asserted). False: its bucket is full, (3). Cost: some 15 integer operations. */
bool
tide_sketch_add(struct tide_sketch *sketch, double v, struct tide_arena *arena);

/** Undoes an add of v. False: no value is in its bucket, and nothing changes. */
bool
tide_sketch_subtract(struct tide_sketch *sketch, double v);

/** Adds all values of `other`. False: a bucket would overflow, (3). Cost: O(buckets), 2 us. */
bool
tide_sketch_merge(struct tide_sketch *sketch, const struct tide_sketch *other,
	struct tide_arena *arena);

void
tide_sketch_save(const struct tide_sketch *sketch, struct tide_buffer *out);

/** Merges a saved one, as (3) refused or not; false: the bytes are none of save. 23 kB of stack. */
bool
tide_sketch_load(struct tide_sketch *sketch, struct tide_reader *in, struct tide_arena *arena);

/** The number of values. */
uint64_t
tide_sketch_count(const struct tide_sketch *sketch);

/**
 * The q-quantile: within 1 % of the value of rank floor(q (count - 1)), counted from 0 in
 * ascending order.
 *
 *  (1) q in [0, 1], otherwise NaN. An empty sketch gives NaN.
 *
 * Cost: O(buckets), up to 3 us.
 */
double
tide_sketch_quantile(const struct tide_sketch *sketch, double q);

#endif
