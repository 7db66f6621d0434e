#ifndef TIDE_WINDOWING_WINDOW_H
#define TIDE_WINDOWING_WINDOW_H
#include "windowing/clock.h"
#include "windowing/partial.h"
/*
 * Who belongs together, and when it is enough: the join and the tumbling windows (SPEC 1, 2).
 *
 *  (1) add takes one event and says what became of it; exactly one outcome each. `watermark_ms` is
 *      the watermark of the event's own queue before it, so that nothing depends on how queues
 *      interleave. Futures and poison are decided by the caller (tide_clock, tide_decode) and told
 *      by tide_window_charge.
 *  (2) A window holds its predictions until its label horizon. A label waits until no prediction
 *      that would take it can come, also where one has taken it, so that models which answer later
 *      get it too (SPEC 8.2). Its outcome is the first in the order of SPEC 2.2 that any prediction
 *      gave it.
 *  (3) close hands out what the panes whose time has come have in each cell, one partial a call;
 *      false when there is none (any more). A partial is good until the next call. The panes of a
 *      window leave in the order of their trigger times; panes.h puts partitions together.
 *  (4) A window that has said everything is not opened again: a prediction for it, of a queue
 *      that was idle until now, is late.
 *  (5) Pure: no clock, no I/O. has_room is asked before each add and each charge; after it said
 *      yes they cannot fail (SPEC 3.5), and close never does. A prediction and its own
 *      label may be added on one yes.
 */
struct tide_windows;

struct tide_window_setup {
	struct tide_window_options options;
	const struct tide_model_options *models; /* the last one's pattern is "*" */
	size_t model_count;
	const struct tide_segment *segments;
	size_t segment_count;
	bool prediction_mapped, proba_mapped, weight_mapped;
	const char *const *classes; /* multiclass: the order of the scores; or NULL */
	size_t class_count;
	uint64_t group_min_n; /* as in struct tide_evidence; 0: 30 */
	size_t values_max; /* models, and values of a segment, that a window keeps; 0: 1000 */
	struct tide_columns *columns; /* what is loaded may name new ones */
	const struct tide_shape *shape;
	const struct tide_measures *measures; /* or NULL: none */
};

/** `setup` is copied, what it points to is not. NULL: no memory. */
struct tide_windows *tide_window_new(const struct tide_window_setup *setup, struct tide_pool *pool);
void tide_window_free(struct tide_windows *windows);
bool tide_window_has_room(struct tide_windows *windows) TIDE_MUSTCHECK;
enum tide_outcome tide_window_add(struct tide_windows *windows, const struct tide_event *event,
                                  int64_t watermark_ms);
/** Reading the partition began with its predictions of the window that ends at `end_ms`
 *  (TIDE_CLOCK_END: not known yet; told again it is replaced): labels without a prediction that are
 *  older than that plus the horizon are before_start (SPEC 8.6). Without this none are. False: no
 *  memory; not where the partition was told before. */
bool tide_window_begin(struct tide_windows *windows, int32_t partition,
                       int64_t end_ms) TIDE_MUSTCHECK;
/** Counts an outcome that add did not see, in the window of a time: its queue's watermark, or where
 *  there is none yet the queue's first valid timestamp (SPEC 2.3). */
void tide_window_charge(struct tide_windows *windows, enum tide_role role,
                        enum tide_outcome outcome, int64_t time_ms);

/* How far event time has come. */
struct tide_window_round {
	int64_t clock_ms;      /* least watermark of the queues that are not idle */
	int64_t whole_ms;      /* and of all: what left beyond it leaves again when it gets there, or
	                        * when the clock is tide_pane_hold_ms ahead (SPEC 1.4) */
	int64_t prediction_ms; /* least watermark of the prediction queues that are not idle */
};
bool tide_window_close(struct tide_windows *windows, const struct tide_window_round *round,
                       struct tide_partial *partial);
/** The bytes of what close handed out. */
void tide_window_close_save(const struct tide_windows *windows, const struct tide_partial *partial,
                            struct tide_buffer *buffer);
/** Start of the oldest window that has more to say, on any side; INT64_MAX: none. */
int64_t tide_window_close_oldest(const struct tide_windows *windows);
/** Input records of windows that start before it have left, when the clock stands at clock_ms. */
int64_t tide_window_close_input(const struct tide_windows *windows, int64_t clock_ms);
/** Adds the outcomes so far of all input records that have not left. */
void tide_window_close_counts(const struct tide_windows *windows, struct tide_input_counts *counts);
/** Pending predictions and labels that may still be taken, now. */
uint64_t tide_window_pending(const struct tide_windows *windows);
#endif
