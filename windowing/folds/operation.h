#ifndef TIDE_WINDOWING_FOLDS_OPERATION_H
#define TIDE_WINDOWING_FOLDS_OPERATION_H
#include "base/sum.h"
#include "windowing/folds/sketch.h"
/*
 * The fold of one operational number of one cell: how long, how much processor, how much memory.
 *
 *  (1) Everything is a count, an exact sum, an extreme or a sketch: add and merge commute and give
 *      the same bits in any order and any split.
 *  (2) A value that is not finite, or whose square is not, is not there. So is one beyond 2^32 - 1
 *      values in a bucket of the sketch, for the quantiles only.
 *  (3) A fold comes from an arena whose room was asked for before (SPEC 3.5), with the first value:
 *      a cell that sees none pays nothing. 1.4 kB, and the parts of the sketch.
 *  (4) Nothing is taken back: the delay of a prediction is that of its first label (SPEC 2.4).
 */
/* What a map may have for a prediction: bits of struct tide_measures.mapped. */
enum tide_operation { TIDE_LATENCY, TIDE_CPU, TIDE_MEMORY, TIDE_FAILURE };
#define TIDE_OPERATION_GAUGES 3 /* the first three are numbers, a failure is a yes or no */

struct tide_operation_fold {
	uint64_t count;
	double max;
	struct tide_sum sum, squares;
	struct tide_sketch sketch; /* empty where none was asked for */
};

/** Adds a value to *fold, which is made if NULL; `sketched`: for quantiles too. */
void tide_operation_add(struct tide_operation_fold **fold, double value, bool sketched,
                        struct tide_arena *arena);
/** Adds all of `from`, which may be NULL, to *to, which is made if NULL. */
void tide_operation_merge(struct tide_operation_fold **to, const struct tide_operation_fold *from,
                          struct tide_arena *arena);
/** `fold` may be NULL. */
void tide_operation_save(const struct tide_operation_fold *fold, struct tide_buffer *out);
bool tide_operation_load(struct tide_operation_fold **fold, struct tide_reader *in,
                         struct tide_arena *arena);
#endif
