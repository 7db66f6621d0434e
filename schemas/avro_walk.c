#include "schemas/avro_walk.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_BYTES 5
#define SPELLING_SIZE 24 /* of an int64_t */

struct tide_avro_walk {
	const struct tide_avro_plan *plan;
	bool framed;
	const uint8_t *at, *end;
	uint32_t count, values; /* nodes made, values met */
	struct tide_json_node *nodes;
	char (*spellings)[SPELLING_SIZE]; /* of the integer at the same node */
};

static const char *walk_value(struct tide_avro_walk *walk, uint32_t at, struct tide_text key);

static size_t
left(const struct tide_avro_walk *walk)
{
	return (size_t)(walk->end - walk->at);
}

/* A zigzag varint of at most 64 bits. */
static bool
read_long(struct tide_avro_walk *walk, int64_t *value)
{
	uint64_t bits = 0;

	for (unsigned shift = 0; shift < 64 && walk->at < walk->end; shift += 7) {
		uint8_t byte = *walk->at++;

		if (shift == 63 && byte > 1)
			return false;
		bits |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			*value = (int64_t)(bits >> 1 ^ -(bits & 1));
			return true;
		}
	}
	return false;
}

/* Takes `size` little-endian bytes. */
static bool
read_bits(struct tide_avro_walk *walk, unsigned size, uint64_t *bits)
{
	*bits = 0;
	if (left(walk) < size)
		return false;
	for (unsigned i = 0; i < size; i++)
		*bits |= (uint64_t)walk->at[i] << 8 * i;
	walk->at += size;
	return true;
}

static bool
read_run(struct tide_avro_walk *walk, int64_t length, struct tide_text *text)
{
	if (length < 0 || (uint64_t)length > left(walk))
		return false;
	*text = (struct tide_text){(const char *)walk->at, (size_t)length};
	walk->at += length;
	return true;
}

/* A length and as many bytes. */
static bool
read_text(struct tide_avro_walk *walk, struct tide_text *text)
{
	int64_t length;

	return read_long(walk, &length) && read_run(walk, length, text);
}

static struct tide_json_node *
node_new(struct tide_avro_walk *walk, struct tide_text key, enum tide_json_kind kind)
{
	struct tide_json_node *node = &walk->nodes[walk->count++];

	*node = (struct tide_json_node){
	    .key = key, .text = {"", 0}, .kind = kind, .next = walk->count};
	return node;
}

/* From the last digit on; printf takes a tenth of a record for each. */
static void
put_integer(struct tide_avro_walk *walk, int64_t value, struct tide_text key)
{
	char *end = walk->spellings[walk->count] + SPELLING_SIZE, *at = end;
	struct tide_json_node *node = node_new(walk, key, TIDE_JSON_NUMBER);
	uint64_t digits = value < 0 ? -(uint64_t)value : (uint64_t)value;

	do
		*--at = (char)('0' + digits % 10);
	while ((digits /= 10) > 0);
	if (value < 0)
		*--at = '-';
	node->number = (double)value;
	node->text = (struct tide_text){at, (size_t)(end - at)};
}

static const char *
walk_integer(struct tide_avro_walk *walk, const struct tide_avro_step *step, struct tide_text key)
{
	int64_t value;

	if (!read_long(walk, &value) ||
	    (step->kind == TIDE_AVRO_INT && (value < INT32_MIN || value > INT32_MAX)))
		return "not_avro";
	if (step->kept)
		put_integer(walk, value, key);
	return NULL;
}

static const char *
walk_real(struct tide_avro_walk *walk, const struct tide_avro_step *step, struct tide_text key)
{
	struct tide_json_node *node;
	uint64_t bits;
	double value;

	if (!read_bits(walk, step->kind == TIDE_AVRO_FLOAT ? 4 : 8, &bits))
		return "not_avro";
	if (!step->kept)
		return NULL;
	if (step->kind == TIDE_AVRO_FLOAT) {
		uint32_t half = (uint32_t)bits;
		float narrow;

		memcpy(&narrow, &half, sizeof(narrow));
		value = (double)narrow;
	} else {
		memcpy(&value, &bits, sizeof(value));
	}
	node = node_new(walk, key, isfinite(value) ? TIDE_JSON_NUMBER : TIDE_JSON_HUGE);
	node->number = value;
	return NULL;
}

static const char *
walk_boolean(struct tide_avro_walk *walk, const struct tide_avro_step *step, struct tide_text key)
{
	struct tide_json_node *node;
	uint64_t bits;

	if (!read_bits(walk, 1, &bits) || bits > 1)
		return "not_avro";
	if (step->kept) {
		node = node_new(walk, key, TIDE_JSON_BOOLEAN);
		node->number = (double)bits;
		node->text = bits ? TIDE_TEXT("true") : TIDE_TEXT("false");
	}
	return NULL;
}

static const char *
walk_text(struct tide_avro_walk *walk, const struct tide_avro_step *step, struct tide_text key)
{
	struct tide_text text;
	bool is_fixed = step->kind == TIDE_AVRO_FIXED;

	if (is_fixed ? !read_run(walk, step->count, &text) : !read_text(walk, &text))
		return "not_avro";
	if (!step->kept)
		return NULL;
	if (text.length > TIDE_TEXT_BYTES_MAX)
		return "too_long";
	if (tide_json_is_utf8(text))
		node_new(walk, key, TIDE_JSON_TEXT)->text = text;
	else if (step->kind == TIDE_AVRO_STRING)
		return "not_utf8";
	else
		node_new(walk, key, TIDE_JSON_ARRAY);
	return NULL;
}

static const char *
walk_enum(struct tide_avro_walk *walk, const struct tide_avro_step *step, struct tide_text key)
{
	int64_t symbol;

	if (!read_long(walk, &symbol) || symbol < 0 || symbol >= step->count)
		return "not_avro";
	if (step->kept)
		node_new(walk, key, TIDE_JSON_TEXT)->text = step->symbols[symbol];
	return NULL;
}

static const char *
walk_union(struct tide_avro_walk *walk, uint32_t at, struct tide_text key)
{
	const struct tide_avro_step *steps = walk->plan->steps;
	int64_t branch;
	uint32_t part = at + 1;

	if (!read_long(walk, &branch) || branch < 0 || branch >= steps[at].count)
		return "not_avro";
	while (branch-- > 0)
		part = steps[part].next;
	return walk_value(walk, part, key);
}

static const char *
walk_fields(struct tide_avro_walk *walk, uint32_t at)
{
	const struct tide_avro_step *steps = walk->plan->steps;
	const char *reason = NULL;

	for (uint32_t part = at + 1; !reason && part < steps[at].next; part = steps[part].next)
		reason = walk_value(walk, part, steps[part].name);
	return reason;
}

/* One item of an array, or one key and value of a map. */
static const char *
walk_item(struct tide_avro_walk *walk, uint32_t at)
{
	const struct tide_avro_step *step = &walk->plan->steps[at];
	struct tide_text key = {"", 0};

	if (step->kind == TIDE_AVRO_MAP) {
		if (!read_text(walk, &key))
			return "not_avro";
		if (step->kept && key.length > TIDE_TEXT_BYTES_MAX)
			return "too_long";
		if (step->kept && !tide_json_is_utf8(key))
			return "not_utf8";
	}
	return walk_value(walk, at + 1, key);
}

/* Blocks of items, each with its count; a count below zero is followed by the block's size. */
static const char *
walk_blocks(struct tide_avro_walk *walk, uint32_t at)
{
	int64_t count, size;

	for (;;) {
		const uint8_t *end = NULL;
		const char *reason = NULL;

		if (!read_long(walk, &count))
			return "not_avro";
		if (count == 0)
			return NULL;
		if (count < 0) {
			if (!read_long(walk, &size) || size < 0 || (uint64_t)size > left(walk))
				return "not_avro";
			end = walk->at + size;
		}
		/* Counted down from below, where each count has a place. */
		for (int64_t i = count < 0 ? count : -count; !reason && i < 0; i++)
			reason = walk_item(walk, at);
		if (reason)
			return reason;
		if (end && end != walk->at)
			return "not_avro";
	}
}

static const char *
walk_container(struct tide_avro_walk *walk, uint32_t at, struct tide_text key)
{
	const struct tide_avro_step *step = &walk->plan->steps[at];
	bool is_record = step->kind == TIDE_AVRO_RECORD;
	uint32_t node = walk->count;
	const char *reason;

	if (step->kept)
		node_new(walk, key,
		         step->kind == TIDE_AVRO_ARRAY ? TIDE_JSON_ARRAY : TIDE_JSON_OBJECT);
	reason = is_record ? walk_fields(walk, at) : walk_blocks(walk, at);
	if (step->kept)
		walk->nodes[node].next = walk->count;
	return reason;
}

static const char *
walk_value(struct tide_avro_walk *walk, uint32_t at, struct tide_text key)
{
	const struct tide_avro_step *step = &walk->plan->steps[at];

	if (step->kind == TIDE_AVRO_UNION)
		return walk_union(walk, at, key);
	if (walk->values++ == TIDE_JSON_NODES_MAX)
		return "too_large";
	switch (step->kind) {
	case TIDE_AVRO_NULL:
		if (step->kept)
			node_new(walk, key, TIDE_JSON_NULL);
		return NULL;
	case TIDE_AVRO_BOOLEAN:
		return walk_boolean(walk, step, key);
	case TIDE_AVRO_INT:
	case TIDE_AVRO_LONG:
		return walk_integer(walk, step, key);
	case TIDE_AVRO_FLOAT:
	case TIDE_AVRO_DOUBLE:
		return walk_real(walk, step, key);
	case TIDE_AVRO_ENUM:
		return walk_enum(walk, step, key);
	case TIDE_AVRO_BYTES:
	case TIDE_AVRO_STRING:
	case TIDE_AVRO_FIXED:
		return walk_text(walk, step, key);
	default:
		return walk_container(walk, at, key);
	}
}

const char *
tide_avro_walk_parse(struct tide_avro_walk *walk, const uint8_t *bytes, size_t size,
                     const struct tide_json_node **nodes)
{
	const char *reason;

	if (size == 0)
		return "empty";
	if (size > TIDE_RECORD_BYTES_MAX)
		return "too_large";
	walk->at = bytes;
	walk->end = bytes + size;
	walk->count = walk->values = 0;
	if (walk->framed) {
		if (size < FRAME_BYTES || bytes[0] != 0)
			return "no_frame";
		walk->at += FRAME_BYTES;
	}
	reason = walk_value(walk, 0, (struct tide_text){"", 0});
	if (!reason && walk->at != walk->end)
		reason = "not_avro";
	*nodes = walk->nodes;
	return reason;
}

struct tide_avro_walk *
tide_avro_walk_new(const struct tide_avro_plan *plan, bool framed)
{
	struct tide_avro_walk *walk = calloc(1, sizeof(*walk));

	if (!walk)
		return NULL;
	walk->plan = plan;
	walk->framed = framed;
	walk->nodes = calloc(TIDE_JSON_NODES_MAX, sizeof(*walk->nodes));
	walk->spellings = calloc(TIDE_JSON_NODES_MAX, sizeof(*walk->spellings));
	if (!walk->nodes || !walk->spellings) {
		tide_avro_walk_free(walk);
		return NULL;
	}
	return walk;
}

void
tide_avro_walk_free(struct tide_avro_walk *walk)
{
	if (!walk)
		return;
	free(walk->nodes);
	free(walk->spellings);
	free(walk);
}
