#ifndef TIDE_ALERTS_FOLLOW_H
#define TIDE_ALERTS_FOLLOW_H
#include "alerts/memory.h"
#include "base/pool.h"
#include "detectors/detector.h"
/*
 * The states of detectors that go on from final pane to final pane of a cell (SPEC 2.5).
 *
 *  (1) One for each detector and cell, known by the SHA-256 of their names.
 *  (2) A state whose newest window is more than 1,024 windows older than the one that is judged is
 *      forgotten. Final panes of the label side leave in the order of their windows: what other
 *      cells do cannot be seen in an answer.
 *  (3) As text: "o1;<number of its newest window>;<name of the metric>;" and the bytes of the state
 *      in hex digits.
 */
struct tide_follow {
	struct tide_memory memory;
	struct tide_follow *next; /* in its bucket */
	const struct tide_detector *detector; /* NULL: it has seen nothing */
	int64_t newest;                       /* number of a window, where there is one */
	void *state;
	size_t size; /* of what state has room for */
};

#define TIDE_FOLLOW_BUCKETS 1024u

/** All zero but for the first two: empty. */
struct tide_follows {
	struct tide_arena *arena;
	struct tide_memory **changed; /* where those go that have changed */
	struct tide_follow *buckets[TIDE_FOLLOW_BUCKETS];
	int64_t swept; /* windows were looked at up to this number (2) */
};

/** The one with this identity, made when new, ready for the states of a detector that follows
 *  (NULL: for nothing); NULL: out of memory. */
struct tide_follow *tide_follow_of(struct tide_follows *follows, const char *identity,
                                   const struct tide_detector *detector);
/** Forgets what is too old for whatever is followed from this evidence on (2). */
void tide_follow_forget(struct tide_follows *follows, const struct tide_evidence *evidence);
/** Goes on with a final pane, whose finding becomes what it is by all panes so far. */
void tide_follow_take(struct tide_follows *follows, struct tide_follow *follow,
                      const struct tide_evidence *evidence, struct tide_finding *finding);
/** Appends (3). */
void tide_follow_write(const struct tide_follow *follow, struct tide_buffer *value);
/** The detector that (3) speaks of; NULL: it is something else. */
const struct tide_detector *tide_follow_detector(struct tide_text value);
/** Reads (3) into one that is ready for that detector, or nothing: it has then seen nothing. False:
 *  it is neither, and the state is good for nothing. */
bool tide_follow_read(struct tide_follow *follow, struct tide_text value);
#endif
