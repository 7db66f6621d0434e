#ifndef TIDE_WINDOWING_CELL_H
#define TIDE_WINDOWING_CELL_H
#include "base/pool.h"
#include "base/sum.h"
#include "schemas/event.h"
#include "windowing/options.h"
/*
 * The folds of one cell: one model and version, one segment value or all, one stretch of time.
 *
 *  (1) Everything is a count or an exact sum, so add and merge commute and give the same bits in
 *      any order and any split; the label side can be taken back exactly (SPEC 2.4, 3.7). The one
 *      exception is max_error, which `last` leaves undefined.
 *  (2) Memory comes from an arena whose room was asked for before (SPEC 3.5): nothing fails here.
 *  (3) NaN, +-Inf, null and mistyped values are counted and enter no distribution.
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
	struct tide_column_shape prediction; /* $prediction */
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

struct tide_error_fold { /* regression; error = prediction - target */
	uint64_t count, relative_count; /* relative: target != 0 */
	struct tide_sum error, absolute, squares, relative;
	struct tide_sum target, target_squares, prediction;
	double max_error;
};

struct tide_confusion_fold { /* binary */
	uint64_t tp, fp, tn, fn, scored;
	struct tide_sum log_loss, brier;
};

struct tide_label_fold {
	uint64_t labelled;
	struct tide_error_fold error;
	struct tide_confusion_fold confusion;
};

#define TIDE_CELL_COLUMNS_MAX 1024 /* columns a cell folds: features, then $prediction and $score */

struct tide_cell_key {
	struct tide_text model, version; /* empty version: all versions */
	int segment;                     /* index of the declared segment, or -1: total */
	bool value_null;
	struct tide_text value;
};

struct tide_cell {
	struct tide_cell_key key;
	uint64_t predictions, errors;
	struct tide_column_fold **columns; /* column_count pointers, NULL where never seen */
	size_t column_count;
	struct tide_column_fold *prediction; /* $prediction, or NULL */
	struct tide_label_fold *labels[TIDE_EARLY_MAX + 2]; /* age slots; NULL where empty */
	struct tide_cell *next;
};

int tide_cell_key_compare(const struct tide_cell_key *a, const struct tide_cell_key *b);
/** One prediction of the cell. */
void tide_cell_add(struct tide_cell *cell, const struct tide_shape *shape,
                   const struct tide_event *event, struct tide_arena *arena);
/** One labelled row, added (sign > 0) or taken back (sign < 0). */
void tide_cell_label(struct tide_label_fold *fold, enum tide_problem problem, double prediction,
                     double target, int sign);
/** Adds all of `from` to `to`. */
void tide_cell_merge_predictions(struct tide_cell *to, const struct tide_cell *from,
                                 struct tide_arena *arena);
void tide_cell_merge_labels(struct tide_label_fold *to, const struct tide_label_fold *from);
/** Most blocks that one tide_cell_add can take. */
size_t tide_cell_blocks_max(size_t columns);
#endif
