#ifndef TIDE_WINDOWING_FOLDS_ROWS_H
#define TIDE_WINDOWING_FOLDS_ROWS_H
#include "base/bytes.h"
#include "base/pool.h"
/*
 * A bag of rows of doubles, kept as they are (SPEC 6.1).
 *
 *  (1) Every row has `width` doubles, set before the first add. No order is promised: who needs one
 *      copies and sorts.
 *  (2) remove takes away one row with the same bits, which is there (asserted).
 *  (3) merge borrows: the rows of `from` stay where they are, and from then on either `from` or
 *      `to` may change, not both: a pane only reads, a cell that was merged away is gone.
 *  (4) Memory comes from an arena whose room was asked for before: an add takes at most one piece.
 */
struct tide_rows_chunk {
	struct tide_rows_chunk *next;
	size_t room, count; /* rows */
	double values[];
};

struct tide_rows_part {
	struct tide_rows_chunk *chunks;
	struct tide_rows_part *next;
};

struct tide_rows {
	size_t width, count;            /* count: with the borrowed ones */
	struct tide_rows_chunk *chunks; /* its own, the newest first */
	struct tide_rows_part *parts;   /* borrowed */
};

void tide_rows_add(struct tide_rows *rows, const double *row, struct tide_arena *arena);
void tide_rows_remove(struct tide_rows *rows, const double *row);
void tide_rows_merge(struct tide_rows *to, const struct tide_rows *from, struct tide_arena *arena);
/** Room for the next of `count` rows to come, and for no more than these. */
void tide_rows_expect(struct tide_rows *rows, uint64_t count, struct tide_arena *arena);
void tide_rows_save(const struct tide_rows *rows, struct tide_buffer *out);
/** Adds rows of the width that is set, all finite. Where there would be more than `most`, or
 *  *too_many says that there were, none are left and *too_many is set. */
bool tide_rows_load(struct tide_rows *rows, size_t most, bool *too_many, struct tide_reader *in,
                    struct tide_arena *arena);
/** Calls `each` for every row. */
void tide_rows_walk(const struct tide_rows *rows, void (*each)(void *closure, const double *row),
                    void *closure);
#endif
