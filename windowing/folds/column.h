#ifndef TIDE_WINDOWING_FOLDS_COLUMN_H
#define TIDE_WINDOWING_FOLDS_COLUMN_H
#include "base/pool.h"
#include "base/sum.h"
#include "schemas/event.h"
#include "windowing/folds/distinct.h"
#include "windowing/folds/numbers.h"
#include "windowing/folds/sketch.h"
#include "windowing/folds/unseen.h"
#include "windowing/options.h"
/*
 * The fold of one column of one cell: what came, what was wrong with it, and its distribution.
 *
 *  (1) Everything is a count, an exact sum or an extreme: add and merge commute and give the
 *      same bits in any order and any split.
 *  (2) NaN, +-Inf, null and mistyped values are counted and enter no distribution.
 *  (3) Memory comes from an arena whose room was asked for before (SPEC 3.5): nothing fails here.
 */

#define TIDE_COLUMN_NO_BIN SIZE_MAX
#define TIDE_COLUMN_FINE_MAX 256 /* fine cells: 24 a bin, and the deciles are among their edges */

/* How a column is cut; made from the reference (SPEC 6.2). */
struct tide_column_shape {
	enum tide_column_type type;
	const double *edges; /* bin i is (edges[i-1], edges[i]]; edge_count + 1 bins */
	size_t edge_count;
	const double *fine; /* the same of the fine cells; every edge and decile is one of these */
	size_t fine_count;
	const uint8_t *bin_of; /* the bin of each of the fine_count + 1 fine cells */
	const double *deciles; /* of the reference, equal ones collapsed */
	size_t decile_count;
	double fence_low, fence_high; /* quartiles -+ 1.5 interquartile ranges */
	double min_effect;            /* of the drift test, in PSI (SPEC 7.3) */
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
	uint64_t outliers;                            /* numeric; outside the fences */
	uint64_t unseen;                              /* categorical; not a category of the reference */
	struct tide_unseen others;                    /* which these were */
	double min, max;
	struct tide_sum sum, squares;
	uint64_t *bins; /* numeric: edge_count + 1; categorical: category_count; NULL without shape */
	size_t bin_count;
	uint64_t *fine; /* numeric: fine_count + 1; else NULL */
	size_t fine_count;
	struct tide_numbers numbers;       /* the numbers themselves */
	struct tide_sketch *sketch;    /* of more numbers than are kept, without a shape; or NULL */
	struct tide_distinct distinct; /* of the numbers and categories */
};

/** A fold of that shape, which may be NULL: no bins. It keeps up to `exact_rows` values. */
struct tide_column_fold *tide_column_new(const struct tide_column_shape *shape, size_t exact_rows,
                                         struct tide_arena *arena);
/** An empty fold of the same shape and cap. */
struct tide_column_fold *tide_column_like(const struct tide_column_fold *fold,
                                          struct tide_arena *arena);
void tide_column_add(struct tide_column_fold *fold, const struct tide_column_shape *shape,
                     const struct tide_value *value, struct tide_arena *arena);
/** Both folds have the same shape; `from` must live as long as `to` (numbers.h). */
void tide_column_merge(struct tide_column_fold *to, const struct tide_column_fold *from,
                       struct tide_arena *arena);
/** The bin of the shape that a value counts in; TIDE_COLUMN_NO_BIN: none. */
size_t tide_column_bin(const struct tide_column_shape *shape, const struct tide_value *value);
void tide_column_save(const struct tide_column_fold *fold, struct tide_buffer *out);
/** False also where the saved one had another shape. */
bool tide_column_load(struct tide_column_fold *fold, struct tide_reader *in,
                      struct tide_arena *arena);
#endif
