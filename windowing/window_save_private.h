#ifndef TIDE_WINDOWING_WINDOW_SAVE_PRIVATE_H
#define TIDE_WINDOWING_WINDOW_SAVE_PRIVATE_H
#include "windowing/cell_save.h"
#include "windowing/window_private.h"
#include "windowing/window_save.h"
/* What window_save.c writes and window_load.c reads. */

#define SNAPSHOT_VERSION 2
#define CHECK_BYTES 8     /* at the end of a portion: the plain hash of what is before */
#define CELL_SIZE_BYTES 4 /* before a cell: how many bytes it has */
#define TAIL_GROUP 7      /* doubles that share a byte which says which are not zero */
#define CELL_SLOTS SLOT_IMPUTED /* what is imputed is made again */
#define NO_SLOT (CELL_SLOTS + 1) /* of a prediction that can have no label */

/* Facts that both ends must have in common; the first is the version. */
#define LAYOUT_FACTS 6

static inline size_t
waiting_tail(const struct tide_windows *windows)
{
	return TAIL_OUTCOME + windows->setup.measures->outcome_count;
}

static inline void
layout_facts(const struct tide_windows *windows, uint64_t facts[LAYOUT_FACTS])
{
	facts[0] = SNAPSHOT_VERSION;
	facts[1] = windows->setup.segment_count;
	facts[2] = windows->setup.options.early_count;
	facts[3] = windows->tail.count;
	facts[4] = waiting_tail(windows);
	facts[5] = (uint64_t) windows->setup.options.size_ms;
}

/* Saving adds nothing to what this points to. */
static inline struct tide_cell_words
cell_words(const struct tide_windows *windows)
{
	struct tide_windows *to = (struct tide_windows *) (uintptr_t) windows;

	return (struct tide_cell_words){.shape = windows->setup.shape,
	                                .columns = windows->setup.columns,
	                                .classes = &to->classes,
	                                .names = &to->arena,
	                                .measures = windows->setup.measures,
	                                .shapes = windows->shapes,
	                                .exact_rows = windows->setup.options.exact_rows};
}
#endif
