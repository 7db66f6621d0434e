#ifndef TIDE_CONSUMER_SINK_H
#define TIDE_CONSUMER_SINK_H
#include "base/error.h"
#include "consumer/source.h"
/*
 * Where letters go: files, topics in one transaction, a list in a test.
 *
 *  (1) tide_sink_ops.give takes a letter at once (it copies what it keeps); nothing is visible to a
 *      read_committed reader before commit returns 0.
 *  (2) commit makes all letters given since the last commit visible together with the positions:
 *      one per queue, {low-water offset to resume from, text metadata <= 512 bytes} (SPEC 3.1).
 *      Files write and flush; positions mean nothing to them.
 *  (3) Errors of commit: RETRY the same call; ABORT_TRANSACTION nothing was sent, drop state and
 *      restore; STOP with 75 (restart me) or 76 (a twin) or what the code says.
 *  (4) drop forgets the letters given since the last commit: what they came from is read again.
 *      Only a sink that keeps positions has it; else NULL.
 *  (5) A letter without a place (no topic or file configured) is counted in `unplaced`, not an
 *      error.
 */
enum tide_letter_kind {
	TIDE_LETTER_RESULT,
	TIDE_LETTER_ALERT,
	TIDE_LETTER_DEAD,
	TIDE_LETTER_STATE, /* what a worker must remember (SPEC 3.1); value NULL: forget the key */
	TIDE_LETTER_PARTIAL, /* what one partition knows of a pane; value NULL: forget the key */
	TIDE_LETTER_PREDICTION, /* a record of an input, put where its id belongs; … */
	TIDE_LETTER_LABEL       /* … in the order of tide_queue.role */
};
#define TIDE_LETTER_KINDS 7

struct tide_header {
	const char *name;
	struct tide_text value;
};

struct tide_letter {
	enum tide_letter_kind kind;
	const uint8_t *key, *value; /* key NULL, value NULL allowed (dead letters) */
	size_t key_size, value_size;
	int64_t time_ms; /* INT64_MIN: the sink's choice */
	bool is_placed;  /* goes to `partition` of its topic; else its key decides. Files have none */
	int32_t partition;
	const struct tide_header *headers;
	size_t header_count;
	const void *original_headers; /* of the record that died; or NULL */
};

struct tide_position {
	int role;
	int32_t partition;
	int64_t offset;       /* next to read after a restart */
	const char *metadata; /* text */
};

struct tide_sink;

struct tide_sink_ops {
	int (*give)(struct tide_sink *sink, const struct tide_letter *letter, struct tide_error *error);
	int (*commit)(struct tide_sink *sink, const struct tide_position *positions, size_t count,
	              struct tide_error *error);
	void (*close)(struct tide_sink *sink);
	void (*drop)(struct tide_sink *sink);
};

struct tide_sink {
	const struct tide_sink_ops *ops;
	uint64_t given[TIDE_LETTER_KINDS], unplaced[TIDE_LETTER_KINDS];
};
#endif
