/**
 * Rates: confidence intervals of one, and the exact test of two.
 *
 *  (1) A rate is k events among n trials. Pure functions: no memory, no global state.
 */
#ifndef TIDE_BASE_RATE_H
#define TIDE_BASE_RATE_H

#include <stdint.h>

struct tide_rate_interval {
	double low;	/* in [0, high] */
	double high;	/* in [low, 1] */
};

/**
 * Wilson score interval of a rate.
 *
 *  (1) 0 <= k <= n, both real (weighted rows bring an effective n); z >= 0 in standard deviations,
 *      1.959964 for 95 %.
 *  (2) k = 0 gives low = 0 and k = n gives high = 1, exactly. n = 0 gives [0, 1].
 *  (3) Arguments outside (1) or NaN give two NaN.
 *
 * Cost: O(1).   Source: Wilson 1927.
 * Matches: SciPy 1.17 binomtest(k, n).proportion_ci(method="wilson"), relative error 1e-13.
 */
struct tide_rate_interval
tide_rate_wilson(double k, double n, double z);

/**
 * Clopper-Pearson interval of a rate: each side is wrong with probability <= alpha / 2.
 *
 *  (1) 0 <= k <= n, both real; alpha in (0, 1), .05 for a 95 % interval. n is at most 1e9.
 *  (2) k = 0 gives low = 0 and k = n gives high = 1, exactly. n = 0 gives [0, 1].
 *  (3) Arguments outside (1) or NaN give two NaN.
 *
 * Cost: some 20 incomplete beta functions.   Source: Clopper and Pearson 1934.
 * Matches: SciPy 1.17 binomtest(k, n).proportion_ci(method="exact"), relative error 1e-12.
 */
struct tide_rate_interval
tide_rate_clopper_pearson(double k, double n, double alpha);

/**
 * Exact conditional test of two rates k1 / n1 and k2 / n2: two-sided mid-p, returned as p.
 *
 *  (1) k1 <= n1 <= 1e9, k2 <= n2 <= 1e9; otherwise NaN.
 *  (2) Given k1 + k2, under equal rates X = k1 is hypergeometric with probabilities P. An outcome x
 *      ties with the observed one when |ln P(x) - ln P(k1)| <= 1e-7. Then
 *          p = sum of P(x) over the less probable outcomes that do not tie
 *            + half the sum of P(x) over the outcomes that tie (k1 among them).
 *      The tie rule is that of SciPy's fisher_exact up to the tolerance's form; the half makes the
 *      expectation of p under the hypothesis 1/2.
 *  (3) A margin of zero (n1, n2, k1 + k2, or all events) leaves one outcome: p = 1/2 by (2), and
 *      since nothing can be learned from it, 1 is returned instead.
 *  (4) `log10_p` (may be NULL) gets log10(p), also where p underflows to 0.
 *  (5) Relative error of p below 1e-11, of log10_p below 1e-12 where p < 1/2.
 *
 * Cost: some 150 probabilities, and the terms within some 10 sd of the observed outcome: at most
 * about 2e5 for 1e9 trials a side (below 2 ms).
 * Source: Lancaster 1961 (mid-p); Loader 2000 (probabilities).
 * Matches: sums of exact probabilities in mpmath.
 */
double
tide_rate_test(uint64_t k1, uint64_t n1, uint64_t k2, uint64_t n2, double *log10_p);

#endif
