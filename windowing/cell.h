#ifndef TIDE_WINDOWING_CELL_H
#define TIDE_WINDOWING_CELL_H
#include "windowing/folds/business.h"
#include "windowing/folds/column.h"
#include "windowing/folds/estimate.h"
#include "windowing/folds/labelled.h"
#include "windowing/folds/operation.h"
/*
 * The folds of one cell: one model and version, one segment value or all, one stretch of time.
 *
 *  (1) The prediction side is one fold a column; the label side one fold an age slot (SPEC 2.4).
 *  (2) Memory comes from an arena whose room was asked for before (SPEC 3.5): nothing fails here.
 */

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
	struct tide_estimate_fold *estimate; /* of classes with scores, or NULL */
	struct tide_label_fold *labels[TIDE_EARLY_MAX + 2]; /* age slots; NULL where empty */
	struct tide_operation_fold *gauges[TIDE_OPERATION_GAUGES];
	struct tide_business_fold **business; /* measures->business_count, or NULL */
	/* label side, by age slot like labels: from a prediction to its first label, seconds */
	struct tide_operation_fold *delays[TIDE_EARLY_MAX + 2];
	struct tide_business_fold **outcomes[TIDE_EARLY_MAX + 2];
	struct tide_cell *next;
};

/** NULL where a column has no type: its type is then that of most of its values. */
const struct tide_column_shape *tide_cell_shaped(const struct tide_column_shape *shape);
int tide_cell_key_compare(const struct tide_cell_key *a, const struct tide_cell_key *b);
/** One prediction of the cell; a column keeps up to `exact_rows` values as they are. */
void tide_cell_add(struct tide_cell *cell, const struct tide_shape *shape, size_t exact_rows,
                   const struct tide_measures *measures, const struct tide_event *event,
                   struct tide_arena *arena);
/** The scores of that prediction, of a model of classes, and what it said: tide_estimate_add. */
void tide_cell_scored(struct tide_cell *cell, const struct tide_label_shape *shape, size_t said,
                      const double *scores, double weight, struct tide_arena *arena);
/** A labelled row of an age slot, added (sign > 0) or taken back, for the measures; delay_s: from
 *  the prediction to its first label, NaN where this is not the first. */
void tide_cell_label(struct tide_cell *cell, const struct tide_measures *measures, size_t slot,
                     const struct tide_row *row, double delay_s, int sign,
                     struct tide_arena *arena);
/** Adds all of `from`, which must live as long, to `to`. */
void tide_cell_merge_predictions(struct tide_cell *to, const struct tide_cell *from,
                                 const struct tide_measures *measures, struct tide_arena *arena);
/** The folds of the prediction side are no more; how many predictions there were stays. */
void tide_cell_forget_predictions(struct tide_cell *cell);
/** Adds the delays and outcomes of one age slot to one of `to`. */
void tide_cell_merge_slot(struct tide_cell *to, size_t to_slot, const struct tide_cell *from,
                          size_t slot, const struct tide_measures *measures,
                          struct tide_arena *arena);
/** Most blocks that one tide_cell_add, or a merge of one cell into an empty one, can take, without
 *  what `measures` ask for. */
size_t tide_cell_blocks_max(size_t columns);
/** Most blocks that gauges and measures of a cell can take, of one side of a window. */
size_t tide_cell_measures_blocks_max(const struct tide_measures *measures);
#endif
