#ifndef TIDE_WINDOWING_FOLDS_COLUMN_H
#define TIDE_WINDOWING_FOLDS_COLUMN_H
#include "base/pool.h"
#include "base/sum.h"
#include "schemas/event.h"
#include "windowing/options.h"
/*
 * The fold of one column of one cell: what came, what was wrong with it, and its distribution.
 *
 *  (1) Everything is a count, an exact sum or an extreme: add and merge commute and give the
 *      same bits in any order and any split.
 *  (2) NaN, +-Inf, null and mistyped values are counted and enter no distribution.
 *  (3) Memory comes from an arena whose room was asked for before (SPEC 3.5): nothing fails here.
 */

/* How a column is cut; made from the reference. */
struct tide_column_shape {
	enum tide_column_type type;
	const double *edges; /* bin i is (edges[i-1], edges[i]]; edge_count + 1 bins */
	size_t edge_count;
	const struct tide_text *categories; /* sorted by bytes */
	size_t category_count;
	double reference_min, reference_max;
};

/* All columns by index in struct tide_columns; columns past `count` have no shape. */
struct tide_shape {
	const struct tide_column_shape *columns;
	size_t count;
	struct tide_column_shape prediction; /* of $prediction */
};

struct tide_column_fold {
	uint64_t present, nulls, nonfinite, mistyped; /* present: the record had the column */
	uint64_t count;                               /* values in the distribution */
	uint64_t zeros, negatives, below, above;      /* numeric; outside the reference's range */
	uint64_t unseen;                              /* categorical; not a category of the reference */
	double min, max;
	struct tide_sum sum, squares;
	uint64_t *bins; /* numeric: edge_count + 1; categorical: category_count; NULL without shape */
	size_t bin_count;
};

/** A fold with room for the bins of its shape (tide_column_bins), which may be 0. */
struct tide_column_fold *tide_column_new(size_t bin_count, struct tide_arena *arena);
/** NULL: no shape, no bins. */
size_t tide_column_bins(const struct tide_column_shape *shape);
void tide_column_add(struct tide_column_fold *fold, const struct tide_column_shape *shape,
                     const struct tide_value *value);
/** Both folds have the same shape. */
void tide_column_merge(struct tide_column_fold *to, const struct tide_column_fold *from);
#endif
