#ifndef TIDE_WINDOWING_PANES_H
#define TIDE_WINDOWING_PANES_H
#include "windowing/window.h"
/*
 * Where the partials of all partitions become panes (SPEC 1.3, 4.3).
 *
 *  (1) put takes the bytes of a partial (partial.h) and holds them; the same partial of the same
 *      partition again takes the place of the one before. What is of a pane that is whole and has
 *      left is dropped.
 *  (2) tell says how far a partition is; nothing leaves before every partition has been told of.
 *      The clock of the panes is the least of those that are not idle, and never goes back; when
 *      all are idle it stands.
 *  (3) close merges the partials of the panes whose time has come and hands them out, one evidence
 *      a call, in the order (trigger time, model, version, segment, side). A pane that leaves while
 *      a partition is idle says that it is not complete; it is kept, and leaves once more, as
 *      revised, when that partition has passed it (SPEC 1.4), or is forgotten when the clock is
 *      tide_pane_hold_ms beyond it.
 *  (4) An input record leaves when every partition's has (SPEC 2.3).
 *  (5) Here the cell of all versions, those of each version and the totals come about, and beyond a
 *      cap `__other__` (SPEC 3.6).
 *  (6) Pure. Where there is no room nothing has changed, and what was handed out is not again.
 *      Bytes of anything but a partial, or of another reference, are STRANGE.
 * Cost: a partial is its bytes and 48 more until it leaves.
 */
struct tide_panes;

struct tide_progress {
	int64_t clock_ms; /* the partition's partials of panes up to it have been put */
	int64_t whole_ms; /* and those up to it were whole: no queue was idle */
	int64_t input_ms; /* input records of windows that start before it have been put */
	bool idle;
};

enum tide_panes_answer {
	TIDE_PANES_OK,
	TIDE_PANES_NONE, /* nothing to hand out for now */
	TIDE_PANES_STRANGE,
	TIDE_PANES_NO_ROOM,
};

/** `setup` is copied, what it points to is not. NULL: no memory. */
struct tide_panes *tide_panes_new(const struct tide_window_setup *setup, struct tide_pool *pool);
void tide_panes_free(struct tide_panes *panes);
/** From now on `forget` is told of every partial that nothing will ask for again: its partition,
 *  its name (partial.h) and the size of its bytes. */
void tide_panes_forget(struct tide_panes *panes,
                       void (*forget)(void *closure, int32_t partition, struct tide_text name,
                                      size_t size),
                       void *closure);
/** `position`: where the partial stands in what it was read from. */
enum tide_panes_answer tide_panes_put(struct tide_panes *panes, int32_t partition,
                                      const uint8_t *bytes, size_t size,
                                      int64_t position) TIDE_MUSTCHECK;
/** `partitions`: how many there are; the least that anybody told counts. */
enum tide_panes_answer tide_panes_tell(struct tide_panes *panes, int32_t partition,
                                       int32_t partitions,
                                       const struct tide_progress *progress) TIDE_MUSTCHECK;
/** Closes the windows of a partition and takes what they leave, by way of `room`; then tells. */
enum tide_panes_answer tide_panes_take(struct tide_panes *panes, int32_t partition,
                                       int32_t partitions, struct tide_windows *windows,
                                       const struct tide_window_round *round, bool idle,
                                       struct tide_buffer *room) TIDE_MUSTCHECK;
enum tide_panes_answer tide_panes_close(struct tide_panes *panes,
                                        struct tide_evidence *evidence) TIDE_MUSTCHECK;

/** Panes with a trigger time up to it have left; TIDE_NO_TIME: none yet. */
int64_t tide_panes_clock(const struct tide_panes *panes);
/** Input records of windows that start before it have left. */
int64_t tide_panes_input(const struct tide_panes *panes);
/** Start of the oldest window of which something is held; INT64_MAX: none. */
int64_t tide_panes_oldest(const struct tide_panes *panes);
/** Least position of what is held; INT64_MAX: nothing is. */
int64_t tide_panes_state_low_water(const struct tide_panes *panes);

/** What left before a restart: panes up to clock_ms, input records before input_ms; `whole`: there
 *  is no more to know, and nothing will be loaded. */
void tide_panes_resume(struct tide_panes *panes, int64_t clock_ms, int64_t input_ms, bool whole);
/** What of it was not whole, and how far each partition was, as bytes: small state (SPEC 3.1). */
void tide_panes_state_save(const struct tide_panes *panes, struct tide_buffer *buffer);
/** After resume. STRANGE: these are no such bytes. */
enum tide_panes_answer tide_panes_state_load(struct tide_panes *panes, const uint8_t *bytes,
                                       size_t size) TIDE_MUSTCHECK;
/** Hands out the bytes of every partial that is held of a partition, for its snapshot, until
 *  `each` says false. */
bool tide_panes_state_walk(const struct tide_panes *panes, int32_t partition,
                     bool (*each)(void *closure, const uint8_t *bytes, size_t size),
                     void *closure);
#endif
