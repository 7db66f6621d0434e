#ifndef TIDE_ALERTS_MEMORY_H
#define TIDE_ALERTS_MEMORY_H
#include "base/text.h"
/*
 * What is remembered from pane to pane and outlives the process as a record (SPEC 3.1). Whatever is
 * remembered has a struct tide_memory as its first member.
 *
 *  (1) A memory is known by its kind and 64 hex digits.
 *  (2) A list of changes holds each memory at most once; NULL is the empty one.
 */
#define TIDE_MEMORY_DIGITS 64

enum tide_memory_kind {
	TIDE_MEMORY_ALERT,
	TIDE_MEMORY_DRIFT,
	TIDE_MEMORY_FOLLOW,
	TIDE_MEMORY_KINDS
};

struct tide_memory {
	struct tide_memory *next_changed;
	enum tide_memory_kind kind;
	bool has_changed; /* it is in the list of changes */
	bool was_saved;   /* its record holds something */
	bool was_given;   /* it ever had a record */
	char identity[TIDE_MEMORY_DIGITS + 1];
};

void tide_memory_change(struct tide_memory **changed, struct tide_memory *memory);
/** Takes one out of the list; NULL: there is none. */
struct tide_memory *tide_memory_next(struct tide_memory **changed);

void tide_memory_put_number(struct tide_buffer *value, int64_t number); /* ;-12 */
/** Such a number at the start of the text, which then begins behind it; false: there is none, or
 *  it is beyond 18 digits. */
bool tide_memory_read_number(struct tide_text *text, int64_t *number);
#endif
