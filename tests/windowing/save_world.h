#ifndef TIDE_TESTS_WINDOWING_SAVE_WORLD_H
#define TIDE_TESTS_WINDOWING_SAVE_WORLD_H
#include "windowing/panes.h"
/* A stream of predictions and labels that a seed chooses, and windows for it. The seed chooses the
 * setup too: segments, caps, early panes, label policy, weights, measures. */
#define WORLD_FIELDS 3
#define WORLD_MEASURES 4

struct world {
	uint64_t seed;
	struct tide_pool pool, panes_pool;
	struct tide_columns *columns;
	struct tide_business business[WORLD_MEASURES];
	struct tide_measures measures;
	struct tide_window_setup setup;
	struct tide_windows *windows;
	struct tide_panes *panes;
	int64_t watermarks_ms[2][2]; /* by role and partition */
};

struct said { /* what an event borrows */
	char id[24], country[24], channel[24];
	struct tide_value values[4], fields[WORLD_FIELDS];
	struct tide_text classes[4];
	double scores[4];
};

/** `names_first`: columns that the process has met before those of the stream; they move numbers.
 *  False: the windows found no memory in the cap. */
bool tide_world_open(struct world *world, uint64_t seed, size_t names_first, size_t cap_bytes);
void tide_world_close(struct world *world);
/** The event of a number. */
void tide_world_event(const struct world *world, uint64_t number, struct said *said,
                      struct tide_event *event);
/** It is added; its outcome. */
enum tide_outcome tide_world_step(struct world *world, uint64_t number);
/** Hands out what is due; at `end` everything. */
bool tide_world_next(struct world *world, bool end, struct tide_evidence *evidence);
#endif
