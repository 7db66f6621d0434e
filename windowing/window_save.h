#ifndef TIDE_WINDOWING_WINDOW_SAVE_H
#define TIDE_WINDOWING_WINDOW_SAVE_H
#include "windowing/window.h"
/*
 * Windows as bytes, to go on with after a restart (SPEC 3.1).
 *
 *  (1) What was loaded behaves as what was saved for every later add, charge and close. Numbers of
 *      entries and columns may differ; nothing that anybody can see depends on them.
 *  (2) The bytes come in portions of about TIDE_WINDOW_PORTION bytes; one cell is never divided, so
 *      that a portion may be larger. The windows do not change from the first portion to the last,
 *      and close has said false before it.
 *  (3) Portions are loaded in their order into windows that are new and of the same setup. Ids are
 *      saved as their keyed hash: the seed is the caller's to keep (SPEC 3.6).
 *  (4) STRANGE: the bytes were damaged, are of another version or setup, or in another order;
 *      load_end: there should have been more. Then, as after NO_MEMORY, the windows are good for
 *      nothing but tide_window_free.
 *  (5) Each portion ends in a hash of its bytes, so that damage is found. Bytes that were forged
 *      with their hash lead neither outside the bytes nor beyond the cap of the pool.
 * Cost: about 23 bytes and what is not zero of its tail for a pending prediction; a million of them
 * load in half a second.
 */
#define TIDE_WINDOW_PORTION (256u << 10)

struct window;
struct input_window;

struct tide_window_cursor { /* zeroed: at the start */
	bool begun;
	unsigned part;   /* enum window_part */
	uint64_t left;   /* items of the part to come */
	uint32_t number; /* of the item before, of its list or its bucket */
	int64_t time_ms; /* of the item before: times are differences */
	const struct window *window;
	const struct tide_cell *cell;
	const struct input_window *input;
};

/** The next portion, into an empty buffer; false: all has been handed out. */
bool tide_window_save(const struct tide_windows *windows, struct tide_window_cursor *cursor,
                      struct tide_buffer *portion);

enum tide_window_load { TIDE_WINDOW_LOAD_OK, TIDE_WINDOW_LOAD_STRANGE, TIDE_WINDOW_LOAD_NO_MEMORY };

enum tide_window_load tide_window_load(struct tide_windows *windows, const uint8_t *bytes,
                                       size_t size) TIDE_MUSTCHECK;
/** After the last portion, before anything else; it has asked has_room for a close. */
enum tide_window_load tide_window_load_end(struct tide_windows *windows) TIDE_MUSTCHECK;
#endif
