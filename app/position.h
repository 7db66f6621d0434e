#ifndef TIDE_APP_POSITION_H
#define TIDE_APP_POSITION_H
#include "base/error.h"
#include <stddef.h>
#include <stdint.h>
/*
 * Where to read again from after a restart (SPEC 3.1): answers are deterministic, so what is needed
 * of the past is offsets.
 *
 *  (1) A trail remembers, for one queue, the offsets at which its watermark entered a new stretch
 *      of time. No valid record with a time >= t stands before the offset at which the watermark
 *      first reached t - out_of_orderness; tide_position_find gives such an offset, never a later
 *      one, and the watermark before it.
 *  (2) A trail holds at most TIDE_POSITION_TRAIL marks. When it is full every second one is
 *      forgotten: a rewind then goes back further than it need, and nothing else changes.
 *  (3) A note is the text committed beside an offset: "tm1" and, in this order, ";W=<watermark>",
 *      ";R=<next offset to read>", ";F=<frontier>", ";I=<input frontier>", ";J=<first whole
 *      window>", ";S=<end of the first window>", ";H=<state hash>", ";P=<partitions>",
 *      ";E=<epoch>", ";O=<offset at which the snapshot goes on>", ";N=<its number>",
 *      ";Q=<poison>", times in ms, "-" for none. At most TIDE_POSITION_NOTE bytes with its end. An
 *      older note lacks what is optional: any from S on; what comes after these is left alone.
 */
#define TIDE_POSITION_TRAIL 1024
#define TIDE_POSITION_NOTE  320

struct tide_position_mark {
	int64_t offset, watermark_ms; /* the watermark before the record at this offset */
};

struct tide_position_trail {
	struct tide_position_mark marks[TIDE_POSITION_TRAIL];
	size_t count;
	int64_t stretch_ms; /* length of a stretch; > 0 */
};

struct tide_position_note {
	int64_t watermark_ms; /* of the queue, before the committed offset */
	int64_t read_offset;  /* everything before it was read when this was committed; -1: none */
	int64_t frontier_ms;  /* panes with a trigger time up to it have left */
	int64_t input_ms;     /* input records of windows that start before it have left */
	int64_t whole_start_ms; /* the first window of which the rewind brings back every record */
	int64_t began_ms; /* end of the partition's first prediction window (SPEC 8.6); INT64_MAX:
	                   * no prediction yet; none: it was read from its start */
	char state_hash[17]; /* of the config that committed (SPEC 8.8); "": none */
	int64_t partitions;  /* of the topic; 0: none was said */
	int64_t epoch;       /* of the stage that the queue belongs to (SPEC 3.1) */
	int64_t poison;      /* of the block of read_offset (poison.h); -1: none */
	int64_t snapshot_offset, snapshot; /* where the task's snapshot goes on, and its number; 0: none */
};

void tide_position_start(struct tide_position_trail *trail, int64_t stretch_ms, int64_t offset,
			 int64_t watermark_ms);
/** The record at `offset` has moved the watermark. Offsets and watermarks only grow. */
void tide_position_add(struct tide_position_trail *trail, int64_t offset, int64_t before_ms,
		       int64_t after_ms);
/** The last mark whose watermark is below time_ms, else the first (1). Marks before it are
 *  forgotten. */
struct tide_position_mark tide_position_find(struct tide_position_trail *trail, int64_t time_ms);
void tide_position_write(const struct tide_position_note *note, char text[TIDE_POSITION_NOTE]);
/** "" is a note of a group that committed nothing: all none. Anything else that is not (3) is
 *  TIDE_ERROR_DATA. */
int tide_position_read(const char *text, struct tide_position_note *note,
		       struct tide_error *error) TIDE_MUSTCHECK;
/** The error of a text that is no note. */
int tide_position_refuse(const char *text, struct tide_error *error);
#endif
