#ifndef TIDE_WINDOWING_PANE_H
#define TIDE_WINDOWING_PANE_H
#include "windowing/evidence.h"
/*
 * The panes of a window by number, and when each leaves (SPEC 1.3).
 *
 *  (1) 0 is the prediction side, at end + lateness; from TIDE_PANE_EARLY on the early panes of the
 *      label side, at end + age; then its final one, at end + label_horizon, and the revised one,
 *      label_lateness later. The input side has the last number.
 *  (2) A pane that left because a partition was idle, and is whole now, has the revision behind
 *      those that its window has anyway (SPEC 1.4).
 */
enum tide_pane_number {
	TIDE_PANE_PREDICTION,
	TIDE_PANE_EARLY,
	TIDE_PANE_FINAL = TIDE_PANE_EARLY + TIDE_EARLY_MAX,
	TIDE_PANE_REVISED,
	TIDE_PANE_INPUT,
	TIDE_PANES
};

struct tide_pane {
	int64_t start_ms, end_ms, trigger_ms, age_ms; /* age: early panes, else -1 */
	enum tide_side side;
	enum tide_timing timing;
	unsigned number;
};

/** True where windows with these options have a pane of that number. */
bool tide_pane_is(const struct tide_window_options *options, unsigned number);
struct tide_pane tide_pane_of(const struct tide_window_options *options, int64_t start_ms,
                              unsigned number);
/** Its place among the revisions of its key, from 0 (SPEC 4.2). */
uint64_t tide_pane_revision(const struct tide_window_options *options,
                            const struct tide_pane *pane);
/** How long behind the clock a window waits for a partition that is idle. */
int64_t tide_pane_hold_ms(const struct tide_window_options *options);
#endif
