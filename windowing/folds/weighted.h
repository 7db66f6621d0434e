#ifndef TIDE_WINDOWING_FOLDS_WEIGHTED_H
#define TIDE_WINDOWING_FOLDS_WEIGHTED_H
#include "base/sum.h"
/*
 * Sums of values that have weights, added (sign > 0) or taken back (sign < 0).
 *
 *  (1) w x is exact and w x^2 to 2^-106; weight 1 gives the bits of the sum without weights.
 *  (2) A row whose w x^2 has no double is left out of the squares.
 *  (3) A weight whose square leaves the range of a double does not count, nor does 0.
 */
static inline bool
tide_weighted_counts(double weight)
{
	return weight >= 0x1p-500 && weight <= 0x1p500;
}

static inline void
tide_weighted_product(struct tide_sum *sum, double x, double y, int sign)
{
	if (sign > 0)
		tide_sum_add_product(sum, x, y);
	else
		tide_sum_subtract_product(sum, x, y);
}

static inline void
tide_weighted_add(struct tide_sum *sum, double weight, double x, int sign)
{
	if (weight != 1)
		tide_weighted_product(sum, weight, x, sign);
	else if (sign > 0)
		tide_sum_add(sum, x);
	else
		tide_sum_subtract(sum, x);
}

static inline void
tide_weighted_square(struct tide_sum *sum, double weight, double x, int sign)
{
	double share = weight * x;

	if (!tide_sum_product_fits(share, x))
		return;
	tide_weighted_product(sum, share, x, sign);
	if (weight != 1)
		tide_weighted_product(sum, fma(weight, x, -share), x, sign);
}
#endif
