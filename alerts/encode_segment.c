#include "alerts/encode.h"
#include <string.h>

/* The value of a part of a segment that crosses others (struct tide_segment). No bytes: missing.
 * `__other__` has no parts: it stands for each. */
static struct tide_text
part_value(const struct tide_cell_key *key, size_t part)
{
	struct tide_text rest = key->value, value = rest;

	for (size_t i = 0; i <= part; i++) {
		const char *end = memchr(rest.bytes, TIDE_SEGMENT_BETWEEN, rest.length);
		if (!end)
			return i == 0 ? key->value : rest;
		value = (struct tide_text){rest.bytes, (size_t) (end - rest.bytes)};
		rest = (struct tide_text){end + 1, rest.length - value.length - 1};
	}
	return value;
}

static bool
part_missing(struct tide_text value)
{
	return value.length == 1 && value.bytes[0] == TIDE_SEGMENT_MISSING;
}

void
tide_encode_segment(struct tide_buffer *buffer, const struct tide_segment *segments,
                    size_t segment_count, const struct tide_cell_key *key)
{
	tide_text_json_open(buffer, '{');
	if (key->segment >= 0) {
		TIDE_ASSERT((size_t) key->segment < segment_count);
		const struct tide_segment *segment = &segments[key->segment];
		for (size_t i = 0; i < segment->part_count; i++) {
			struct tide_text value = part_value(key, i);
			tide_text_json_key(buffer, segments[segment->parts[i]].name);
			if (part_missing(value))
				tide_text_json_null(buffer);
			else
				tide_text_json_text(buffer, value);
		}
		if (!segment->part_count)
			tide_text_json_key(buffer, segment->name);
		if (!segment->part_count && key->value_null)
			tide_text_json_null(buffer);
		else if (!segment->part_count)
			tide_text_json_text(buffer, key->value);
	}
	tide_text_json_close(buffer, '}');
}

static void
put_value(struct tide_buffer *buffer, const char *name, const char *between,
          struct tide_text value, bool missing)
{
	if (missing)
		value = TIDE_TEXT("missing");
	tide_text_put_format(buffer, "%s%s", name, between);
	tide_text_put(buffer, value.bytes, value.length);
}

void
tide_encode_segment_words(struct tide_buffer *buffer, const struct tide_segment *segments,
                          const struct tide_cell_key *key, const char *between)
{
	const struct tide_segment *segment = &segments[key->segment];

	if (!segment->part_count)
		put_value(buffer, segment->name, between, key->value, key->value_null);
	for (size_t i = 0; i < segment->part_count; i++) {
		struct tide_text value = part_value(key, i);
		tide_text_put_string(buffer, i > 0 ? ", " : "");
		put_value(buffer, segments[segment->parts[i]].name, between, value,
		          part_missing(value));
	}
}
