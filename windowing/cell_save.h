#ifndef TIDE_WINDOWING_CELL_SAVE_H
#define TIDE_WINDOWING_CELL_SAVE_H
#include "base/bytes.h"
#include "windowing/cell.h"
#include "windowing/classes.h"
/*
 * The folds of a cell as bytes, for another process (a partial) or another time (a snapshot).
 *
 *  (1) load adds: into an empty cell it restores, into another it merges, and every number that is
 *      published has the bits that a merge of the cells themselves would have given it.
 *  (2) Columns and classes go by name: their numbers are those of a process. A class that has no
 *      number here counts as TIDE_CLASS_OTHER; the scores of a class without a curve here, and a
 *      column that is not among the first TIDE_CELL_COLUMNS_MAX, are dropped.
 *  (3) False: the bytes are not what a save writes, or were written for another shape. The cell is
 *      then good for nothing. No bytes lead outside the bytes, or beyond the room that
 *      tide_cell_load_blocks says.
 *  (4) Bytes are good for the version of the program and the state hash that wrote them: there is
 *      no version in them.
 */
struct tide_cell_words { /* what both ends have in common; the state hash vouches for it */
	const struct tide_shape *shape;
	struct tide_columns *columns; /* names and numbers of this process; new names are added */
	struct tide_classes *classes; /* those of the windows at this end */
	struct tide_arena *names;     /* where the names of new classes go */
	const struct tide_measures *measures;
	const struct tide_label_shape *shapes; /* by enum tide_problem */
	size_t exact_rows;
};

void tide_cell_key_save(const struct tide_cell_key *key, struct tide_buffer *out);
/** The texts borrow from the bytes. */
bool tide_cell_key_load(struct tide_cell_key *key, struct tide_reader *in);

/** The prediction side: how many columns it has, counts of predictions and errors, gauges, business
 *  measures, scores, columns. */
void tide_cell_save_predictions(const struct tide_cell *cell, const struct tide_cell_words *words,
                                struct tide_buffer *out);
bool tide_cell_load_predictions(struct tide_cell *cell, const struct tide_cell_words *words,
                                struct tide_reader *in, struct tide_arena *arena);

/** One age slot of the label side, of a model of that problem: labels, delays, outcomes. */
void tide_cell_save_slot(const struct tide_cell *cell, size_t slot, enum tide_problem problem,
                         const struct tide_cell_words *words, struct tide_buffer *out);
/** `slot` is where the bytes go, not where they came from. */
bool tide_cell_load_slot(struct tide_cell *cell, size_t slot, enum tide_problem problem,
                         const struct tide_cell_words *words, struct tide_reader *in,
                         struct tide_arena *arena);

/** Most blocks that loading what the reader has left, a prediction side first or slots alone, can
 *  take, of `arena` and `names` together. */
size_t tide_cell_load_blocks(struct tide_reader in, const struct tide_cell_words *words);
#endif
