#ifndef TIDE_DETECTORS_DRIFT_TABLE_H
#define TIDE_DETECTORS_DRIFT_TABLE_H
#include "detectors/finding.h"
/*
 * The two samples of a column as a table of two rows, in cells that depend on both of them.
 *
 *  (1) Missing, mistyped and not finite values are in no cell.
 *  (2) categories: all of either side, unseen ones too, each alone. values: each distinct number of
 *      either side. bins: [a, b), the last one closed, equally wide from the least to the most;
 *      what lies outside of them, if anything, is one cell more, behind the last.
 *  (3) Numbers need the values of both sides: UNDEFINED where they are not kept (SPEC 6.1), and so
 *      are categories beyond 255 that the reference lacks. No value on a side: NO_DATA.
 *  (4) Sturges: ceil(log2 N + 1) bins over both sides, N values in all. Doane: ceil(1 + log2 m +
 *      log2(1 + |g1| / s)) over the reference, g1 its skewness, s = sqrt(6 (m - 2) / ((m + 1)
 *      (m + 3))). One value alone: one bin of width 1 around it.
 *  (5) Source: Sturges 1926, Doane 1976.   Matches: numpy.histogram_bin_edges of floats.
 */
enum tide_table_cut { TIDE_TABLE_CATEGORIES, TIDE_TABLE_VALUES, TIDE_TABLE_BINS };

struct tide_table {
	const struct tide_subject *subject;
	enum tide_table_cut cut;
	double n, m; /* sizes of current and reference, > 0 */
	double first, last;
	size_t bins;
	size_t cell, i, j; /* the walk */
};

/** Of any cut but bins, by the type of the column. False: the finding says why; so below. */
bool tide_table_values(struct tide_table *table, const struct tide_subject *subject,
                       struct tide_finding *finding);
/** Sturges; N counts each distinct value once where `distinct` is set. */
bool tide_table_sturges(struct tide_table *table, const struct tide_subject *subject,
                        bool distinct, struct tide_finding *finding);
bool tide_table_doane(struct tide_table *table, const struct tide_subject *subject,
                      struct tide_finding *finding);
/** The next cell, or false behind the last one; the walk then starts anew. A bin may be empty. */
bool tide_table_next(struct tide_table *table, double *current, double *reference);
/** How many distinct values came on either side (the reference's alone: `reference`), at most
 *  `enough`. */
size_t tide_table_distinct(const struct tide_table *table, bool reference, size_t enough);
#endif
