#ifndef TIDE_DETECTORS_DRIFT_PAIR_H
#define TIDE_DETECTORS_DRIFT_PAIR_H
#include "detectors/finding.h"
/*
 * The two samples of a column on the reference's bins, and the one test of the column.
 *
 *  (1) Missing, unseen and mistyped values are no cells (SPEC 7.2).
 *  (2) The test: two-sample Pearson X^2. Neighbouring bins are lumped until the smaller sample
 *      expects 5 in each cell; categories of which it expects less are one cell, together with
 *      unseen values, so that the cells do not depend on which sample saw a category (SPEC 7.1);
 *      df = cells - 1. p is that of "more than min_effect": the tail of the
 *      noncentral F(df, df_phi) with lambda = ne min_effect / phi, ne = n m / (n + m), at
 *      X^2 / (df phi) (SPEC 7.3, 7.4); the plain p is that of lambda = 0. Without a back-test phi
 *      is 1 and df_phi infinite: the chi-square.
 *  (3) Source: Pearson 1911, Cochran 1954; McCullagh and Nelder 1989 (phi). Matches:
 *      scipy.stats.chi2_contingency (no correction), ncx2 and ncf on the same cells.
 */
struct tide_pair {
	const uint64_t *current, *reference;
	size_t count, filled; /* filled: bins that hold a value of either side */
	double n, m;          /* totals of current and reference, > 0 */
	double ne;            /* n m / (n + m) */
	bool is_categorical;  /* of the test: rare categories are one cell */
	double unseen[2];     /* of current and reference, in that cell */
};

/** False, and the finding (unless NULL) says why: there is nothing to compare. */
bool tide_pair_start(struct tide_pair *pair, const struct tide_subject *subject,
                     struct tide_finding *finding);
/** The same on the deciles of the reference; `counts` has room for 2 x 10. */
bool tide_pair_deciles(struct tide_pair *pair, const struct tide_subject *subject,
                       uint64_t counts[2][10], struct tide_finding *finding);
struct tide_pair_shares {
	double current, reference;
};
/** Shares of bin i, smoothed in proportion to the pooled share s: (c + a s) / (n + a), a = filled
 *  / 2, so that bins empty on one side stay finite (SPEC 7.1). False: empty on both. */
bool tide_pair_smooth(const struct tide_pair *pair, size_t i, struct tide_pair_shares *shares);
/** Two samples on `count` bins. False: one of them is empty. */
bool tide_pair_counts(struct tide_pair *pair, const uint64_t *current, const uint64_t *reference,
                      size_t count);
/** `backtest` may be NULL. */
struct tide_column_test tide_pair_judge(const struct tide_pair *pair, double min_effect,
                                        const struct tide_backtest *backtest);
/** The subject's own test, against the reference less the subject where it is held out. */
struct tide_column_test tide_pair_test(const struct tide_subject *subject);
/** Mean of the square root of a chi-square with filled - 1 degrees of freedom. */
double tide_pair_chi_mean(const struct tide_pair *pair);
#endif
