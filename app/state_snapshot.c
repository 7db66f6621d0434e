#include "app/state_snapshot.h"
#include "base/bytes.h"
#include "base/hash.h"
#include <stdio.h>
#include <string.h>

#define VERSION 1
#define SLOTS   2
#define LAST    'E'

void
tide_state_snapshot_key(int64_t number, uint64_t index, char key[TIDE_STATE_SNAPSHOT_KEY])
{
	snprintf(key, TIDE_STATE_SNAPSHOT_KEY, "snapshot/%d/%06llu", (int) (number % SLOTS),
	         (unsigned long long) index);
}

void
tide_state_snapshot_value(struct tide_buffer *value, int64_t number, uint64_t index,
                          struct tide_text piece)
{
	tide_bytes_put_number(value, VERSION);
	tide_bytes_put_number(value, (uint64_t) number);
	tide_bytes_put_number(value, index);
	tide_bytes_put_word(value, tide_hash_plain(piece));
	tide_text_put(value, piece.bytes, piece.length);
}

void
tide_state_snapshot_init(struct tide_state_snapshot *snapshot, size_t cap)
{
	*snapshot = (struct tide_state_snapshot){.time_ms = INT64_MIN};
	tide_text_buffer_init(&snapshot->stream, cap);
}

void
tide_state_snapshot_fini(struct tide_state_snapshot *snapshot)
{
	tide_text_buffer_fini(&snapshot->stream);
}

/* All items that are whole. */
static bool
items_read(struct tide_state_snapshot *snapshot,
           bool (*each)(void *closure, uint8_t kind, const uint8_t *bytes, size_t size),
           void *closure)
{
	struct tide_buffer *stream = &snapshot->stream;
	const uint8_t *at = (const uint8_t *) stream->bytes, *end = at + stream->length;

	while (at < end) {
		struct tide_reader reader = {at + 1, end, false};
		uint64_t size = tide_bytes_number(&reader);
		if (reader.bad || size > (uint64_t) (end - reader.at))
			break;
		if (snapshot->ended || !each(closure, *at, reader.at, (size_t) size))
			return false;
		snapshot->ended = *at == LAST;
		at = reader.at + size;
	}
	size_t left = (size_t) (end - at);
	if (left)
		memmove(stream->bytes, at, left);
	stream->length = left;
	return true;
}

void
tide_state_snapshot_take(struct tide_state_snapshot *snapshot, const struct tide_record *record,
                         bool (*each)(void *closure, uint8_t kind, const uint8_t *bytes,
                                      size_t size),
                         void *closure)
{
	struct tide_reader reader = {record->value, record->value + record->value_size, false};

	if (!record->value || !snapshot->wanted || snapshot->failed)
		return;
	uint64_t version = tide_bytes_number(&reader), number = tide_bytes_number(&reader);
	uint64_t index = tide_bytes_number(&reader), hash = tide_bytes_word(&reader);
	struct tide_text piece = {(const char *) reader.at, (size_t) (reader.end - reader.at)};
	if (!reader.bad && number != (uint64_t) snapshot->wanted)
		return; /* an older one, of the other slot or of the end of this */
	snapshot->failed = reader.bad || version != VERSION || index != snapshot->index++ ||
	                   hash != tide_hash_plain(piece);
	if (snapshot->failed)
		return;
	if (index == 0)
		snapshot->time_ms = record->time_ms;
	snapshot->bytes += piece.length;
	tide_text_put(&snapshot->stream, piece.bytes, piece.length);
	snapshot->failed = snapshot->stream.failed || !items_read(snapshot, each, closure);
}

bool
tide_state_snapshot_is_whole(const struct tide_state_snapshot *snapshot)
{
	return !snapshot->wanted || (snapshot->ended && !snapshot->failed);
}
