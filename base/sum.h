/**
 * Exact sum of doubles: a fixed-point number wide enough for every double, kept without rounding.
 *
 *  (1) The value depends on the multiset of what was added less what was subtracted, never on the
 *      order or on how it was merged; subtract undoes add exactly.
 *  (2) Inputs are finite (asserted). Chunk i of 32 bits weighs 2^(32 i - 1074); between carries a
 *      chunk may hold more than 32 bits, and is then settled after 2^29 additions.
 *  (3) The sum may leave the range of a double on the way. It holds 2^63 additions of DBL_MAX.
 *  (4) The caller owns the struct; there is no memory, and nothing fails.
 *
 * Cost: 552 bytes; add is some 10 integer instructions with no division.
 * Source: Neal 2015 (small superaccumulator).   Matches: Python math.fsum and fractions.
 */
#ifndef TIDE_BASE_SUM_H
#define TIDE_BASE_SUM_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/assert.h"

#define TIDE_SUM_CHUNKS 68
#define TIDE_SUM_BYTES (4 * TIDE_SUM_CHUNKS)
#define TIDE_SUM_PENDING_MAX (INT32_C(1) << 29)

struct tide_sum {
	int64_t chunks[TIDE_SUM_CHUNKS];	/* 32 bits each once settled, the last one signed */
	int64_t pending;			/* additions since the chunks were settled */
};

/** Sets the sum to zero. */
void
tide_sum_start(struct tide_sum *sum);

/** Carries what exceeds 32 bits up, so that equal sums have equal chunks. Cost: O(chunks). */
void
tide_sum_settle(struct tide_sum *sum);

/* Adds x for sign 0, subtracts it for sign -1: (v ^ sign) - sign is v or -v without a branch. */
static inline void
tide_sum_accumulate(struct tide_sum *sum, double x, int64_t sign)
{
	uint64_t bits, fraction, field, low, high;
	int64_t *chunk;
	unsigned shift;

	memcpy(&bits, &x, sizeof(bits));
	field = bits >> 52 & 0x7ff;
	TIDE_ASSERT(field != 0x7ff);
	fraction = (bits & UINT64_C(0xfffffffffffff)) | (uint64_t)(field != 0) << 52;
	field -= field != 0;
	shift = (unsigned)(field & 31);
	sign ^= -(int64_t)(bits >> 63);
	chunk = sum->chunks + (field >> 5);
	low = (fraction & UINT64_C(0xffffffff)) << shift;
	high = (fraction >> 32) << shift;
	chunk[0] += ((int64_t)(low & UINT64_C(0xffffffff)) ^ sign) - sign;
	chunk[1] += ((int64_t)((low >> 32) + (high & UINT64_C(0xffffffff))) ^ sign) - sign;
	chunk[2] += ((int64_t)(high >> 32) ^ sign) - sign;
	if (++sum->pending >= TIDE_SUM_PENDING_MAX)
		tide_sum_settle(sum);
}

/** Adds a finite x, exactly. */
static inline void
tide_sum_add(struct tide_sum *sum, double x)
{
	tide_sum_accumulate(sum, x, 0);
}

/** Undoes tide_sum_add of the same x, exactly. */
static inline void
tide_sum_subtract(struct tide_sum *sum, double x)
{
	tide_sum_accumulate(sum, x, -1);
}

/** True where x * y may be added: x, y are finite and so is the rounded product. */
static inline bool
tide_sum_product_fits(double x, double y)
{
	return isfinite(x) && isfinite(y) && isfinite(x * y);
}

/**
 * Adds the product x y, or undoes adding it.
 *
 *  (1) Requires tide_sum_product_fits(x, y) (asserted).
 *  (2) Exact where |x y| >= 2^-968 or x y = 0. Smaller products are rounded to a multiple of
 *      2^-1074 or, below 2^-1022, wrong by at most 2^-1074; the amount depends on x and y alone,
 *      so order and subtraction still do not matter.
 *
 * Cost: one fma and two additions.   Source: Ogita, Rump and Oishi 2005 (TwoProductFMA).
 */
static inline void
tide_sum_add_product(struct tide_sum *sum, double x, double y)
{
	double product = x * y;

	tide_sum_accumulate(sum, product, 0);
	tide_sum_accumulate(sum, fma(x, y, -product), 0);
}

static inline void
tide_sum_subtract_product(struct tide_sum *sum, double x, double y)
{
	double product = x * y;

	tide_sum_accumulate(sum, product, -1);
	tide_sum_accumulate(sum, fma(x, y, -product), -1);
}

/** Adds the other sum, exactly. `other` may be `sum`. Cost: O(chunks). */
void
tide_sum_merge(struct tide_sum *sum, const struct tide_sum *other);

/** Subtracts the other sum, exactly: undoes tide_sum_merge. */
void
tide_sum_unmerge(struct tide_sum *sum, const struct tide_sum *other);

/**
 * The sum as the nearest double, ties to even; +0 for zero, +-inf beyond the range.
 *
 * Cost: O(chunks).   Matches: Python math.fsum.
 */
double
tide_sum_round(const struct tide_sum *sum);

/**
 * The sum as hi + lo: hi as above, lo the nearest double to what hi leaves (0 for infinite hi).
 *
 *  (1) hi + lo carries at least 106 bits of the sum, down to the smallest double.
 */
double
tide_sum_round2(const struct tide_sum *sum, double *lo);

/** True where the exact values are equal. Cost: O(chunks). */
bool
tide_sum_equal(const struct tide_sum *a, const struct tide_sum *b);

/**
 * The sum as bytes, and back.
 *
 *  (1) Two's complement, little endian, in units of 2^-1074: equal sums give equal bytes on
 *      every host, and every content of the bytes is a valid sum.
 */
void
tide_sum_save(const struct tide_sum *sum, uint8_t bytes[TIDE_SUM_BYTES]);

void
tide_sum_load(struct tide_sum *sum, const uint8_t bytes[TIDE_SUM_BYTES]);

/**
 * Variance (sum of squares - sum^2 / n) / (n - ddof) of n values from their exact sums.
 *
 *  (1) `squares` had every value added by add_product(x, x). n > ddof, otherwise NaN; not finite
 *      sums give NaN. Rounding below zero gives 0.
 *  (2) Computed to 104 bits before the difference is taken: relative error below
 *      4e-16 + 1e-31 mean^2 / variance.
 */
double
tide_sum_variance(const struct tide_sum *sum, const struct tide_sum *squares, double n,
	double ddof);

/**
 * The same of weighted values: `sum` holds w x, `squares` w x^2, and `weights` w in the place of n.
 *
 *  (1) Variance below 1e-29 of the mean square is 0: equal values have none whatever they weigh.
 */
double
tide_sum_variance_weighted(const struct tide_sum *sum, const struct tide_sum *squares,
	const struct tide_sum *weights, double ddof);

#endif
