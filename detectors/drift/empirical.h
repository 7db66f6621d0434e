#ifndef TIDE_DETECTORS_DRIFT_EMPIRICAL_H
#define TIDE_DETECTORS_DRIFT_EMPIRICAL_H
#include "base/ranks.h"
#include "detectors/finding.h"
/*
 * The two empirical distribution functions F (current) and G (reference) of a numeric column.
 *
 *  (1) Exact from the values of both sides where they are kept; else both are known at the edges
 *      of the fine cells and at their own extremes, and what lies between gives bounds (SPEC 6.1,
 *      7.9).
 *  (2) Exact: value = lower = upper.
 */
struct tide_empirical {
	const struct tide_subject *subject;
	double n, m, ne; /* sizes, > 0; ne = n m / (n + m) */
	bool exact;
};

struct tide_empirical_bounds {
	double value, lower, upper;
};

/** False, and the finding says why: nothing to compare. */
bool tide_empirical_start(struct tide_empirical *pair, const struct tide_subject *subject,
                          struct tide_finding *finding);
/** The same, and only exact will do. */
bool tide_empirical_exact(struct tide_empirical *pair, const struct tide_subject *subject,
                          struct tide_finding *finding);
/** The same as samples for base/ranks.h: x the reference, y the current one. */
bool tide_empirical_ranks(struct tide_ranks *ranks, const struct tide_subject *subject,
                          struct tide_finding *finding);
/** max |F - G|; from cells the value is the lower bound. */
struct tide_empirical_bounds tide_empirical_ks(const struct tide_empirical *pair);
/** Integral of |F - G|; from cells the value is that of functions that are linear in a cell. */
struct tide_empirical_bounds tide_empirical_wasserstein(const struct tide_empirical *pair);
/** Says in the finding that the value has bounds, unless it is exact. */
void tide_empirical_bound(const struct tide_empirical *pair, struct tide_empirical_bounds bounds,
                          struct tide_finding *finding);
#endif
