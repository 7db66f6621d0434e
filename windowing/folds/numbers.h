#ifndef TIDE_WINDOWING_FOLDS_NUMBERS_H
#define TIDE_WINDOWING_FOLDS_NUMBERS_H
#include "base/bytes.h"
#include "base/pool.h"
/*
 * The values of a column themselves, up to a cap (SPEC 6.1).
 *
 *  (1) Whole while no more than `cap` values came; with one more, nothing of it can be read any
 *      more. So whether it is whole depends on the number of values alone, on no order or merge.
 *  (2) An add takes at most one piece from the arena; pieces grow from 128 bytes to a block.
 *  (3) A merge copies no value: it takes a header a chunk, and `from` must live as long as `to`.
 *  (4) Values are finite or infinite, never NaN.
 */
struct tide_numbers_chunk {
	struct tide_numbers_chunk *next;
	double *values;
	uint32_t used, room;
};

struct tide_numbers {
	struct tide_numbers_chunk *chunks;
	uint64_t count, cap;
};

void tide_numbers_add(struct tide_numbers *numbers, double x, struct tide_arena *arena);
void tide_numbers_merge(struct tide_numbers *to, const struct tide_numbers *from,
                        struct tide_arena *arena);
void tide_numbers_save(const struct tide_numbers *numbers, struct tide_buffer *out);
/** Adds the numbers of the bytes, copied; both ends have the same cap. `values` are their bytes,
 *  whether they are kept or not: eight each, none where they were not whole when saved. */
bool tide_numbers_load(struct tide_numbers *numbers, struct tide_reader *in,
                       struct tide_reader *values, struct tide_arena *arena);
/** True where every value can be read; an empty one is whole unless the cap is 0. */
bool tide_numbers_whole(const struct tide_numbers *numbers);
/** Writes the `count` values of a whole fold, in no order; returns their number. */
size_t tide_numbers_copy(const struct tide_numbers *numbers, double *values);
/** Sorts `count` values, none of them NaN, ascending, -0 before 0. `spare` holds as many.
 *  Cost: eight passes over the values (radix 256), the passes whose byte is the same left out. */
void tide_numbers_sort(double *values, double *spare, size_t count);
#endif
