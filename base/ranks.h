/**
 * Two-sample tests that look at the pooled order of the values.
 *
 *  (1) x and y are n and m finite values in ascending order; n, m >= 1. Ties have midranks.
 *  (2) What does not exist is NaN: the statistic of samples that are too small or of one value
 *      alone, the p where only an exact law of few values would do.
 *  (3) Pure functions: no memory. Cost: O(n + m), where nothing else is said.
 *
 * Matches: SciPy 1.17 at method="auto" wherever a p is given (tests/oracles/ranks.py).
 */
#ifndef TIDE_BASE_RANKS_H
#define TIDE_BASE_RANKS_H

#include <stddef.h>

struct tide_ranks {
	const double *x, *y;
	size_t n, m;
};

struct tide_ranks_test {
	double statistic, p_value;
};

/**
 * Anderson-Darling test of two samples, statistic standardised by its mean and variance.
 *
 *  (1) p from a parabola through the table of its logarithm, capped to [.001, .25].
 *  (2) NaN for fewer than 4 values in all, or one distinct value.
 *
 * Source: Scholz and Stephens 1987 (A^2_akN, table 1).   Matches: anderson_ksamp(midrank=True).
 */
struct tide_ranks_test
tide_ranks_anderson_darling(const struct tide_ranks *ranks);

/**
 * Cramer-von Mises test of two samples.
 *
 *  (1) p by the limit law, absolute error below 1e-7; NaN where neither sample has more than 20.
 *  (2) The statistic is NaN where a sample has one value.
 *
 * Cost: besides, some 2000 exponentials.
 * Source: Anderson 1962; Csorgo and Faraway 1996 (the law).   Matches: cramervonmises_2samp.
 */
struct tide_ranks_test
tide_ranks_cramer_von_mises(const struct tide_ranks *ranks);

/**
 * Mann-Whitney U of x, p of "they differ" or (less) "x is stochastically less than y".
 *
 *  (1) Normal law with the variance of ties and continuity correction. p is NaN where a sample has
 *      at most 8 values and none are equal, or all are.
 *
 * Source: Mann and Whitney 1947.   Matches: mannwhitneyu.
 */
struct tide_ranks_test
tide_ranks_mann_whitney(const struct tide_ranks *ranks, int less);

/** sqrt(2 integral of (F - G)^2). Source: Szekely 2002.   Matches: energy_distance. */
double
tide_ranks_energy_distance(const struct tide_ranks *ranks);

#endif
