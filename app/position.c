#include "app/position.h"
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
tide_position_start(struct tide_position_trail *trail, int64_t stretch_ms, int64_t offset,
		    int64_t watermark_ms)
{
	TIDE_ASSERT(stretch_ms > 0);
	trail->stretch_ms = stretch_ms;
	trail->count = 1;
	trail->marks[0] = (struct tide_position_mark){offset, watermark_ms};
}

/* The second of every two goes, so that the first, the oldest, stays. */
static void
trail_thin(struct tide_position_trail *trail)
{
	for (size_t i = 1; 2 * i < trail->count; i++)
		trail->marks[i] = trail->marks[2 * i];
	trail->count = (trail->count + 1) / 2;
}

static int64_t
stretch_of(const struct tide_position_trail *trail, int64_t time_ms)
{
	return time_ms / trail->stretch_ms - (time_ms % trail->stretch_ms < 0);
}

void
tide_position_add(struct tide_position_trail *trail, int64_t offset, int64_t before_ms,
		  int64_t after_ms)
{
	/* what stands before the first valid time is charged with it: the start stays the mark */
	if (before_ms == INT64_MIN || stretch_of(trail, before_ms) == stretch_of(trail, after_ms))
		return;
	if (trail->count == TIDE_POSITION_TRAIL)
		trail_thin(trail);
	trail->marks[trail->count++] = (struct tide_position_mark){offset, before_ms};
}

struct tide_position_mark
tide_position_find(struct tide_position_trail *trail, int64_t time_ms)
{
	size_t found = trail->count - 1;

	while (found > 0 && trail->marks[found].watermark_ms >= time_ms)
		found--;
	trail->count -= found;
	memmove(trail->marks, trail->marks + found, trail->count * sizeof *trail->marks);
	return trail->marks[0];
}

static const char *
number_text(int64_t number, int64_t none, char room[24])
{
	if (number == none)
		return "-";
	snprintf(room, 24, "%lld", (long long)number);
	return room;
}

void
tide_position_write(const struct tide_position_note *note, char text[TIDE_POSITION_NOTE])
{
	char w[24], r[24], f[24], i[24], j[24], s[24];

	snprintf(
	    text, TIDE_POSITION_NOTE, "tm1;W=%s;R=%s;F=%s;I=%s;J=%s;S=%s;H=%s",
	    number_text(note->watermark_ms, INT64_MIN, w), number_text(note->read_offset, -1, r),
	    number_text(note->frontier_ms, INT64_MIN, f), number_text(note->input_ms, INT64_MIN, i),
	    number_text(note->whole_start_ms, INT64_MIN, j),
	    number_text(note->began_ms, INT64_MIN, s), *note->state_hash ? note->state_hash : "-");
}

/* One ";X=<number or ->" ; NULL: it is not there. */
static const char *
field_read(const char *at, char letter, int64_t none, int64_t *number)
{
	char *end;

	if (at[0] != ';' || at[1] != letter || at[2] != '=')
		return NULL;
	if (at[3] == '-' && (at[4] == ';' || at[4] == 0)) {
		*number = none;
		return at + 4;
	}
	errno = 0;
	*number = strtoll(at + 3, &end, 10);
	return end == at + 3 || errno || (*end && *end != ';') ? NULL : end;
}

/* Nothing, or ";H=" and 16 digits or -. */
static bool
hash_read(const char *at, char hash[17])
{
	if (strncmp(at, ";H=", 3) != 0 || at[3] == '-')
		return true;
	if (strspn(at + 3, "0123456789abcdef") != 16)
		return false;
	memcpy(hash, at + 3, 16);
	hash[16] = 0;
	return true;
}

int
tide_position_read(const char *text, struct tide_position_note *note, struct tide_error *error)
{
	const char *at = text + 3;

	*note = (struct tide_position_note){INT64_MIN, -1,        INT64_MIN, INT64_MIN,
	                                    INT64_MIN, INT64_MIN, ""};
	if (*text == 0)
		return 0;
	if (strncmp(text, "tm1;", 4) != 0 ||
	    !(at = field_read(at, 'W', INT64_MIN, &note->watermark_ms)) ||
	    !(at = field_read(at, 'R', -1, &note->read_offset)) ||
	    !(at = field_read(at, 'F', INT64_MIN, &note->frontier_ms)) ||
	    !(at = field_read(at, 'I', INT64_MIN, &note->input_ms)) ||
	    !(at = field_read(at, 'J', INT64_MIN, &note->whole_start_ms)) ||
	    (strncmp(at, ";S=", 3) == 0 && !(at = field_read(at, 'S', INT64_MIN, &note->began_ms))) ||
	    !hash_read(at, note->state_hash))
		return tide_error_stop(error, TIDE_ERROR_DATA,
				       "the group's committed offsets were not written by this "
				       "program (\"%.40s\"): give `kafka: {group.id: ...}` another "
				       "group, or delete this one's offsets",
				       text);
	return 0;
}
