#ifndef TIDE_WINDOWING_PARTIAL_H
#define TIDE_WINDOWING_PARTIAL_H
#include "windowing/cell_save.h"
#include "windowing/pane.h"
/*
 * What one partition has in one cell of one pane, and its bytes.
 *
 *  (1) The bytes begin with what names the partial: two partials of one partition are of the same
 *      cell and pane exactly where these first bytes are equal (tide_partial_name_bytes).
 *  (2) load reads the head; the folds follow in the reader and are added to a cell by
 *      tide_partial_add, or for the input side to counts by tide_partial_count. Texts of the key
 *      point into the bytes.
 *  (3) Hostile bytes give false. The head says nothing of options: whether a window starts where
 *      windows do, and has such a pane, is asked by the caller.
 */
struct tide_partial {
	struct tide_pane pane;
	struct tide_cell_key key;
	bool capped;  /* as in struct tide_evidence */
	bool changed; /* revised: the label side is not as it was in the final pane */
	uint64_t predictions;
	uint64_t ineligible, imputed; /* label side: of the predictions */
	/* to be saved: */
	const struct tide_cell *cell;
	size_t slot, slots; /* label side: the slots from, and before, which the pane merges */
	const struct tide_input_counts *counts; /* input side */
};

void tide_partial_save(const struct tide_partial *partial, enum tide_problem problem,
                       const struct tide_cell_words *words, struct tide_buffer *buffer);
bool tide_partial_load(struct tide_partial *partial, const struct tide_window_options *options,
                       struct tide_reader *reader);
/** How many of the bytes name the partial; 0: these are no partial. */
size_t tide_partial_name_bytes(const uint8_t *bytes, size_t size);
/** Adds the folds to `cell`; those of the label side to its slot 0. */
bool tide_partial_add(const struct tide_partial *partial, enum tide_problem problem,
                      const struct tide_cell_words *words, struct tide_reader *reader,
                      struct tide_cell *cell, struct tide_arena *arena);
bool tide_partial_count(struct tide_reader *reader, struct tide_input_counts *counts);
#endif
