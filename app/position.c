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

/* The fields of a note in their order; a note may end before any from `optional` on. */
static const struct {
	char letter;
	int64_t none;
	size_t offset;
	bool optional;
} fields[] = {
	{'W', INT64_MIN, offsetof(struct tide_position_note, watermark_ms), false},
	{'R', -1, offsetof(struct tide_position_note, read_offset), false},
	{'F', INT64_MIN, offsetof(struct tide_position_note, frontier_ms), false},
	{'I', INT64_MIN, offsetof(struct tide_position_note, input_ms), false},
	{'J', INT64_MIN, offsetof(struct tide_position_note, whole_start_ms), false},
	{'S', INT64_MIN, offsetof(struct tide_position_note, began_ms), true},
	{'H', 0, offsetof(struct tide_position_note, state_hash), true},
	{'P', 0, offsetof(struct tide_position_note, partitions), true},
	{'E', 0, offsetof(struct tide_position_note, epoch), true},
	{'O', 0, offsetof(struct tide_position_note, snapshot_offset), true},
	{'N', 0, offsetof(struct tide_position_note, snapshot), true},
	{'Q', -1, offsetof(struct tide_position_note, poison), true},
};
#define FIELDS (sizeof fields / sizeof *fields)

static int64_t *
number_of(struct tide_position_note *note, size_t field)
{
	return (int64_t *) (void *) ((char *) note + fields[field].offset);
}

void
tide_position_write(const struct tide_position_note *note, char text[TIDE_POSITION_NOTE])
{
	struct tide_position_note copy = *note;
	size_t length = (size_t) snprintf(text, TIDE_POSITION_NOTE, "tm1");

	for (size_t i = 0; i < FIELDS; i++) {
		char *at = text + length;
		size_t room = TIDE_POSITION_NOTE - length;
		int written;
		if (fields[i].letter == 'H')
			written = snprintf(at, room, ";H=%s", *copy.state_hash ? copy.state_hash : "-");
		else if (*number_of(&copy, i) == fields[i].none)
			written = snprintf(at, room, ";%c=-", fields[i].letter);
		else
			written = snprintf(at, room, ";%c=%lld", fields[i].letter,
			                   (long long) *number_of(&copy, i));
		length += (size_t) written;
	}
	TIDE_ASSERT(length < TIDE_POSITION_NOTE);
}

/* The value of a field, up to the next ';' or the end; NULL: this is none. */
static const char *
field_read(const char *at, size_t field, struct tide_position_note *note)
{
	char *end;

	if (at[1] == '-' && (at[2] == ';' || at[2] == 0))
		return at + 2;
	at++;
	if (fields[field].letter == 'H') {
		if (strspn(at, "0123456789abcdef") != 16)
			return NULL;
		memcpy(note->state_hash, at, 16);
		note->state_hash[16] = 0;
		return at + 16;
	}
	errno = 0;
	*number_of(note, field) = strtoll(at, &end, 10);
	return end == at || errno || (*end && *end != ';') ? NULL : end;
}

static bool
note_read(const char *text, struct tide_position_note *note)
{
	if (strncmp(text, "tm1;", 4) != 0)
		return false;
	const char *at = text + 3;
	for (size_t i = 0; i < FIELDS; i++) {
		if (at[0] != ';' || at[1] != fields[i].letter || at[2] != '=') {
			if (fields[i].optional)
				continue;
			return false;
		}
		at = field_read(at + 2, i, note);
		if (!at)
			return false;
	}
	return true;
}

int
tide_position_read(const char *text, struct tide_position_note *note, struct tide_error *error)
{
	*note = (struct tide_position_note){0};
	for (size_t i = 0; i < FIELDS; i++)
		if (fields[i].letter != 'H')
			*number_of(note, i) = fields[i].none;
	if (*text == 0 || note_read(text, note))
		return 0;
	return tide_position_refuse(text, error);
}

int
tide_position_refuse(const char *text, struct tide_error *error)
{
	return tide_error_stop(error, TIDE_ERROR_DATA,
			       "the group's committed offsets were not written by this "
			       "program (\"%.40s\"): give `kafka: {group.id: ...}` another "
			       "group, or delete this one's offsets",
			       text);
}
