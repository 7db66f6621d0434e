#ifndef TIDE_DETECTORS_CONCEPT_ONLINE_H
#define TIDE_DETECTORS_CONCEPT_ONLINE_H
#include "base/bytes.h"
#include <stdbool.h>
#include <stddef.h>
/*
 * An online detector: losses in, one by one in a fixed order, and a verdict after each.
 *
 *  (1) The state is `size` bytes, aligned for doubles, of at most TIDE_ONLINE_BYTES; it holds no
 *      pointer. reset makes it that of a detector that has seen nothing.
 *  (2) add cannot fail, allocate or wait. Values are finite and of the kind that it takes; 1 is an
 *      error, 0 is none. A drift leaves the state of a detector that has seen nothing, so that
 *      what comes next is a new beginning. A warning lasts until a value ends it.
 *  (3) save and load keep the state bit by bit. load is false where the bytes are damaged; the
 *      state is then to be reset. What it takes is safe to go on with, whoever wrote it.
 *  (4) A detector of numbers is made for losses below 1e12 in size: what is lost in rounding
 *      beyond may look like a change.
 *  (5) Verdicts depend on the values and their order alone: no seed, no clock.
 */
#define TIDE_ONLINE_BYTES 16384

enum tide_online_verdict { TIDE_ONLINE_NONE, TIDE_ONLINE_WARNING, TIDE_ONLINE_DRIFT };
enum tide_online_takes {
	TIDE_ONLINE_ERRORS,  /* 0 or 1 */
	TIDE_ONLINE_SHARES,  /* 0 to 1 */
	TIDE_ONLINE_NUMBERS, /* whatever is finite */
};

struct tide_online {
	const char *name;
	enum tide_online_takes takes;
	size_t size;
	void (*reset)(void *state);
	enum tide_online_verdict (*add)(void *state, double value);
	void (*save)(const void *state, struct tide_buffer *out);
	bool (*load)(void *state, struct tide_reader *in);
};

/** The i-th in the order of their names, NULL past the end. */
const struct tide_online *tide_online_at(size_t index);
/** NULL if none. */
const struct tide_online *tide_online_find(const char *name);
#endif
