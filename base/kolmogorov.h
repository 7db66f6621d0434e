/**
 * p-values of the Kolmogorov-Smirnov statistic.
 *
 *  (1) Pure functions; the only memory is what the caller passes.
 *  (2) A NaN argument gives NaN.
 */
#ifndef TIDE_BASE_KOLMOGOROV_H
#define TIDE_BASE_KOLMOGOROV_H

#include <stddef.h>
#include <stdint.h>

/* The exact test of two samples is made while neither is larger. */
#define TIDE_KOLMOGOROV_EXACT_MAX 10000

/* Doubles of scratch that are enough for every exact test (80 kB). */
#define TIDE_KOLMOGOROV_SCRATCH_COUNT (TIDE_KOLMOGOROV_EXACT_MAX + 1)

/**
 * Two-sided one-sample tail: Pr(D_n >= d) for n points of a continuous distribution.
 *
 *  (1) n >= 1, otherwise NaN. d <= 0 gives 1, d >= 1 gives 0.
 *  (2) n <= 256 and n d^2 < 4: exact, absolute error below 1e-12. n > 256 and n d^2 < 2.2: an
 *      expansion in 1 / sqrt(n), absolute error below 1e-6. Elsewhere twice the one-sided tail:
 *      relative error below 1e-4 at n d^2 = 2.2 and 1e-9 from n d^2 = 4 on.
 *
 * Cost: O(n min(n d, 32)^2) for n <= 256 (up to 1 ms), some 2000 terms otherwise.
 * Source: Durbin 1973, Marsaglia, Tsang and Wang 2003 (matrix, applied to a vector); Pelz and Good
 * 1976; Birnbaum and Tingey 1951, Miller 1956 (tail); selection after Simard and L'Ecuyer 2011.
 * Matches: SciPy 1.17 kstwo.sf(d, n).
 */
double
tide_kolmogorov_sf(double d, uint64_t n);

/**
 * Two-sample p-value: Pr(D >= d) for samples of n1 and n2 points without ties.
 *
 *  (1) n1, n2 >= 1, otherwise NaN. d is the largest distance of the two empirical distribution
 *      functions; it is rounded to the next multiple of 1 / lcm(n1, n2) for the exact test.
 *  (2) Exact while max(n1, n2) <= TIDE_KOLMOGOROV_EXACT_MAX, absolute error below 1e-12 and
 *      relative error below 1e-9; otherwise tide_kolmogorov_sf(d, round(n1 n2 / (n1 + n2))).
 *  (3) `scratch` holds `scratch_count` doubles. With fewer than min(n1, n2) + 1 of them and
 *      n1 != n2 the exact test is not made, and (2) falls to its second case.
 *
 * Cost: exact with n1 != n2, O(n1 n2 d) divisions (30 ms for 10000 x 9999 at d = .02); with
 * n1 = n2, O(n1).
 * Source: Hodges 1957, Viehmann 2021 (recursion on the share of paths outside).
 * Matches: SciPy 1.17 ks_2samp(method="auto", alternative="two-sided").
 */
double
tide_kolmogorov_two_sample(double d, uint64_t n1, uint64_t n2, double *scratch,
	size_t scratch_count);

#endif
