#ifndef TIDE_WINDOWING_FOLDS_SELECTION_H
#define TIDE_WINDOWING_FOLDS_SELECTION_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
/*
 * Of which predictions labels come: predictions that can have one, by what was predicted and by
 * whether it came (SPEC 7.11).
 *
 *  (1) Counts of rows: add and merge commute. Rows are not weighted.
 *  (2) `bins` is by number, a score or what a regression predicts, on edges that the reference or
 *      the definition of a score gives, so that they are the same everywhere. A row without a
 *      number is in none. `classes` is by what was predicted; binary: 1 is positive.
 */
#define TIDE_SELECTION_BINS 16

struct tide_selection_edges {
	const double *edges; /* bin i is (edges[i - 1], edges[i]]; count + 1 bins; 0: none */
	size_t count;
};

struct tide_selection_fold {
	uint64_t bins[2][TIDE_SELECTION_BINS]; /* [has its label] */
	uint64_t classes[2][256];
};

void tide_selection_add(struct tide_selection_fold *fold, const struct tide_selection_edges *edges,
                        double number, bool labelled);
void tide_selection_merge(struct tide_selection_fold *to, const struct tide_selection_fold *from);
#endif
