/**
 * Special functions behind the p-values: incomplete gamma and beta, with logarithms of their tails.
 *
 *  (1) Pure functions of their arguments: no global state (not even signgam), no memory.
 *  (2) A NaN argument, or one outside the stated range, gives NaN.
 *  (3) Kernels are computed from deviances, never as differences of log-gammas, so a relative
 *      error of a tail p stays near |ln p| * 2e-16 for every size of the parameters up to 1e9.
 *  (4) Beta functions take the odds y / (1 - y) in [0, inf] in place of y, so neither y nor
 *      1 - y loses digits. Odds of F are d1 x / d2, odds of Student t are t^2 / df.
 *
 * Source: Loader 2000 (deviance form), Lentz 1976 and Didonato and Morris 1992 (continued
 * fractions), DLMF 8.7 and 8.9.
 * Matches: SciPy 1.17 gammaincc, gammainc, betaincc, betainc, gammaln; mpmath (log tails).
 */
#ifndef TIDE_BASE_SPECIAL_H
#define TIDE_BASE_SPECIAL_H

/**
 * ln(Gamma(x)) for x > 0.
 *
 *  (1) Absolute error below 1e-14 for x < 16, relative error below 1e-15 above. Near the zeros
 *      1 and 2 only the absolute error holds.
 *
 * Cost: O(1), at most 16 log1p.
 */
double
tide_special_log_gamma(double x);

/**
 * Error of Stirling's formula: ln(Gamma(x + 1)) - ln(sqrt(2 pi x) (x / e)^x), x > 0.
 *
 * Cost: O(1), at most 16 log1p.   Source: Loader 2000.
 */
double
tide_special_stirling_error(double x);

/**
 * Poisson deviance x ln(x / mean) + mean - x; >= 0, and 0 only where mean = x.
 *
 *  (1) x >= 0, mean >= 0. x = 0 gives `mean`; mean = 0 with x > 0 gives infinity.
 *  (2) `excess` is mean - x. The caller passes it because it often knows the difference exactly
 *      while the rounded mean does not.
 *
 * Cost: O(1).   Source: Loader 2000 (there: bd0).
 */
double
tide_special_deviance(double x, double mean, double excess);

/** ln(x^a e^-x / Gamma(a)): density of ln X for X ~ Gamma(a, 1). a > 0, x >= 0. Cost: O(1). */
double
tide_special_gamma_kernel_log(double a, double x);

/**
 * Regularized incomplete gamma functions: P = Pr(X <= x), Q = Pr(X > x) for X ~ Gamma(a, 1).
 *
 *  (1) a > 0; x <= 0 gives P = 0 and Q = 1; x = inf gives P = 1 and Q = 0.
 *  (2) `q_log` is the natural logarithm and goes on where Q underflows.
 *  (3) Relative error below 1e-12 while the value is a normal double; of q_log, 1e-13.
 *
 * Cost: O(sqrt(a)) near x = a, a few dozen steps elsewhere.
 */
double
tide_special_gamma_p(double a, double x);

double
tide_special_gamma_q(double a, double x);

double
tide_special_gamma_q_log(double a, double x);

/** ln(y^a (1 - y)^b / B(a, b)): density of the log-odds of a Beta(a, b). a, b > 0. Cost: O(1). */
double
tide_special_beta_kernel_log(double a, double b, double odds);

/**
 * Regularized incomplete beta functions: P = I_y(a, b) = Pr(Y <= y), Q = 1 - P, Y ~ Beta(a, b).
 *
 *  (1) a, b > 0, y = odds / (1 + odds). odds <= 0 gives P = 0, odds = inf gives P = 1.
 *  (2) `q_log` is the natural logarithm and goes on where Q underflows.
 *  (3) Relative error below 1e-12 while the value is a normal double; of q_log, 1e-13.
 *
 * Cost: O(sqrt(max(a, b))) near the mean, a few dozen steps elsewhere.
 */
double
tide_special_beta_p(double a, double b, double odds);

double
tide_special_beta_q(double a, double b, double odds);

double
tide_special_beta_q_log(double a, double b, double odds);

/**
 * The odds where a Beta(a, b) has lower tail `p` and upper tail `q`.
 *
 *  (1) a, b > 0. The caller passes both tails (p + q = 1) because only the smaller is used, and
 *      it is the one the caller knows to full precision.
 *  (2) p = 0 gives 0, q = 0 gives infinity; so do quantiles beyond e^-700 and e^700.
 *
 * Cost: some 10 evaluations of q_log. Newton's step on the log tail as a function of the
 * log-odds: that function is concave, so after one step the iteration is monotone.
 */
double
tide_special_beta_quantile(double a, double b, double p, double q);

#endif
