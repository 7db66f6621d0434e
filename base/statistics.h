/**
 * Tails and quantiles of the test distributions: normal, Student t, chi-square, F and the
 * noncentral forms of the last two.
 *
 *  (1) sf is Pr(X > x). `log_sf` is its natural logarithm and goes on where sf underflows, down to
 *      exp(-1e8) and beyond; ln p / ln 10 is the published log10_p.
 *  (2) A NaN argument, df, d1 or d2 <= 0, or lambda < 0, gives NaN. An infinite lambda gives NaN.
 *  (3) Degrees of freedom are real. d2 = inf is the limit: F(d1, inf) is chi-square(d1) / d1.
 *  (4) Relative error of sf below 1e-12 (noncentral: 1e-11) while it is a normal double and the
 *      parameters are below 1e6; of log_sf, 1e-13 (noncentral: 1e-12) where sf < 1/2.
 *  (5) Pure functions: no memory, no global state.
 *
 * Matches: SciPy 1.17 norm, t, chi2, ncx2, f, ncf where those are accurate, and mpmath sums
 * everywhere (tests/oracles/statistics.py).
 */
#ifndef TIDE_BASE_STATISTICS_H
#define TIDE_BASE_STATISTICS_H

/**
 * Standard normal tail.
 *
 * Cost: one erfc; the logarithm, an incomplete gamma function beyond x = 1.
 */
double
tide_statistics_normal_sf(double x);

double
tide_statistics_normal_log_sf(double x);

/**
 * Standard normal quantile: the x with Pr(X <= x) = p.
 *
 *  (1) p in [0, 1]; 0 gives -inf, 1 gives inf. For an upper tail q use -quantile(q), which keeps
 *      the digits that 1 - q would lose.
 *
 * Cost: some 50 flops, at most one log and one sqrt.   Source: Wichura 1988 (AS 241, PPND16).
 */
double
tide_statistics_normal_quantile(double p);

/** Student t tail, df > 0 (inf: normal). Cost: one incomplete beta function. */
double
tide_statistics_t_sf(double x, double df);

/**
 * Student t quantile: the x with Pr(X <= x) = p.
 *
 *  (1) p in [0, 1]; 0 gives -inf, 1/2 gives 0, 1 gives inf. df > 0 (inf: normal).
 *  (2) |x| beyond e^350 sqrt(df) is returned as infinity (df = 1: p < 1e-152).
 *
 * Cost: some 10 incomplete beta functions.
 */
double
tide_statistics_t_quantile(double p, double df);

/** Chi-square tail. x <= 0 gives 1, x = inf gives 0. Cost: one incomplete gamma function. */
double
tide_statistics_chi2_sf(double x, double df);

double
tide_statistics_chi2_log_sf(double x, double df);

/**
 * Noncentral chi-square tail: sum of (Z_i + m_i)^2 over df squares with lambda = sum of m_i^2.
 *
 *  (1) lambda >= 0, meant for lambda <= 1e5; works beyond. lambda = 0 is the central tail.
 *
 * Cost: O(sqrt(lambda + sqrt(lambda x))) terms of a Poisson mixture, centred where the terms are
 * largest, after some 80 central tails that find this place: 10 us to 1 ms.
 * Source: Poisson mixture as in Ding 1992, Benton and Krishnamoorthy 2003.
 */
double
tide_statistics_ncx2_sf(double x, double df, double lambda);

double
tide_statistics_ncx2_log_sf(double x, double df, double lambda);

/** F tail with d1 and d2 degrees of freedom. x <= 0 gives 1. Cost: one incomplete beta function. */
double
tide_statistics_f_sf(double x, double d1, double d2);

double
tide_statistics_f_log_sf(double x, double d1, double d2);

/**
 * Noncentral F tail: (noncentral chi-square(d1, lambda) / d1) / (chi-square(d2) / d2).
 *
 * Limits, cost and source as for the noncentral chi-square tail.
 */
double
tide_statistics_ncf_sf(double x, double d1, double d2, double lambda);

double
tide_statistics_ncf_log_sf(double x, double d1, double d2, double lambda);

#endif
