#include "app/config_yaml.h"
#include "app/config_value.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>



static int
fail_at(struct tide_config_reader *reader, const struct yaml_node_s *node, size_t offset,
        const char *format, va_list arguments)
{
	char message[768];

	(void) vsnprintf(message, sizeof(message), format, arguments);
	return tide_error_stop(reader->error, TIDE_ERROR_CONFIG, "%s:%zu:%zu: %s", reader->path,
		node->start_mark.line + 1, node->start_mark.column + 1 + offset, message);
}

int
tide_config_yaml_fail(struct tide_config_reader *reader, const struct yaml_node_s *node,
                      const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void) fail_at(reader, node, 0, format, arguments);
	va_end(arguments);
	return -1;
}

int
tide_config_yaml_fail_inside(struct tide_config_reader *reader, const struct yaml_node_s *node,
                             size_t offset, const char *format, ...)
{
	size_t quote = node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	size_t length = node->data.scalar.length + 2 * quote;
	bool as_it_is = node->start_mark.line == node->end_mark.line
			&& node->end_mark.column - node->start_mark.column == length;
	va_list arguments;

	va_start(arguments, format);
	(void) fail_at(reader, node, as_it_is ? quote + offset : 0, format, arguments);
	va_end(arguments);
	return -1;
}

void *
tide_config_yaml_keep(struct tide_config_reader *reader, size_t size_bytes)
{
	struct tide_config_piece *piece = calloc(1, sizeof(*piece) + size_bytes);

	if (piece == NULL) {
		(void) tide_error_stop(reader->error, TIDE_ERROR_MEMORY,
			"out of memory while reading %s", reader->path);
		return NULL;
	}
	piece->next = reader->owned->pieces;
	reader->owned->pieces = piece;
	return piece->bytes;
}

bool
tide_config_yaml_is_scalar(const struct yaml_node_s *node)
{
	return node->type == YAML_SCALAR_NODE;
}

bool
tide_config_yaml_is_list(const struct yaml_node_s *node)
{
	return node->type == YAML_SEQUENCE_NODE;
}

bool
tide_config_yaml_is_map(const struct yaml_node_s *node)
{
	return node->type == YAML_MAPPING_NODE;
}

const char *
tide_config_yaml_raw(const struct yaml_node_s *node)
{
	return node->type == YAML_SCALAR_NODE ? (const char *) node->data.scalar.value : "";
}

int
tide_config_yaml_line(const struct yaml_node_s *node)
{
	return (int) node->start_mark.line + 1;
}

size_t
tide_config_yaml_length(const struct yaml_node_s *list)
{
	return (size_t) (list->data.sequence.items.top - list->data.sequence.items.start);
}

struct yaml_node_s *
tide_config_yaml_item(struct tide_config_reader *reader, const struct yaml_node_s *list,
                      size_t index)
{
	return yaml_document_get_node(reader->document, list->data.sequence.items.start[index]);
}

struct yaml_node_s *
tide_config_yaml_find(struct tide_config_reader *reader, const struct yaml_node_s *map,
                      const char *key)
{
	yaml_node_pair_t *pair;

	if (map->type != YAML_MAPPING_NODE)
		return NULL;
	for (pair = map->data.mapping.pairs.start; pair < map->data.mapping.pairs.top; pair++) {
		yaml_node_t *name = yaml_document_get_node(reader->document, pair->key);

		if (strcmp(tide_config_yaml_raw(name), key) == 0)
			return yaml_document_get_node(reader->document, pair->value);
	}
	return NULL;
}

static const char *
kind_of(const yaml_node_t *node)
{
	if (node->type == YAML_MAPPING_NODE)
		return "a mapping";
	return node->type == YAML_SEQUENCE_NODE ? "a list" : "a single value";
}

static int
unknown_key(struct tide_config_reader *reader, const yaml_node_t *key,
            const struct tide_config_table *table)
{
	const char *written = tide_config_yaml_raw(key), *nearest = NULL;
	size_t least = strlen(written) / 3 + 2;

	for (size_t i = 0; i < table->count; i++) {
		size_t distance = tide_config_value_distance(written, table->keys[i].name);

		if (table->keys[i].kind != TIDE_CONFIG_LATER && distance < least) {
			least = distance;
			nearest = table->keys[i].name;
		}
	}
	if (nearest != NULL)
		return tide_config_yaml_fail(reader, key,
			"%s has no key `%.64s`; did you mean `%s`?", table->what, written, nearest);
	return tide_config_yaml_fail(reader, key, "%s has no key `%.64s`; take it out", table->what,
		written);
}

static int
read_value(struct tide_config_reader *reader, yaml_node_t *key, yaml_node_t *value,
           const struct tide_config_table *table, char *into)
{
	const char *name = tide_config_yaml_raw(key);
	const struct tide_config_key *entry = NULL;
	void *place;

	for (size_t i = 0; i < table->count && entry == NULL; i++)
		if (strcmp(table->keys[i].name, name) == 0)
			entry = &table->keys[i];
	if (entry == NULL)
		return table->other != NULL ? table->other(reader, key, value, into)
					    : unknown_key(reader, key, table);
	place = into + entry->offset;
	switch (entry->kind) {
	case TIDE_CONFIG_TEXT:
		return tide_config_yaml_text(reader, value, place);
	case TIDE_CONFIG_PATH:
		return tide_config_yaml_path(reader, value, place);
	case TIDE_CONFIG_NUMBER:
		return tide_config_yaml_number(reader, value, place);
	case TIDE_CONFIG_DURATION:
		return tide_config_yaml_duration(reader, value, place);
	case TIDE_CONFIG_READ:
		return entry->read(reader, value, place);
	case TIDE_CONFIG_LATER:
		break;
	}
	return tide_config_yaml_fail(reader, key, "`%s` comes with a later release; take it out",
		name);
}

int
tide_config_yaml_walk(struct tide_config_reader *reader, struct yaml_node_s *node,
                      const struct tide_config_table *table, void *into)
{
	yaml_node_pair_t *start, *pair;

	if (node->type != YAML_MAPPING_NODE)
		return tide_config_yaml_fail(reader, node,
			"%s should be a mapping (key: value), but this is %s", table->what,
			kind_of(node));
	start = node->data.mapping.pairs.start;
	if (node->data.mapping.pairs.top - start > TIDE_CONFIG_PAIRS_MAX)
		return tide_config_yaml_fail(reader, node, "%s has more than %d keys", table->what,
			TIDE_CONFIG_PAIRS_MAX);
	for (pair = start; pair < node->data.mapping.pairs.top; pair++) {
		yaml_node_t *key = yaml_document_get_node(reader->document, pair->key);

		if (key->type != YAML_SCALAR_NODE)
			return tide_config_yaml_fail(reader, key,
				"a key of %s should be a single word, but this is %s", table->what,
				kind_of(key));
		for (yaml_node_pair_t *before = start; before < pair; before++) {
			yaml_node_t *other = yaml_document_get_node(reader->document, before->key);

			if (strcmp(tide_config_yaml_raw(other), tide_config_yaml_raw(key)) == 0)
				return tide_config_yaml_fail(reader, key,
					"`%.64s` stands twice in %s (first on line %zu); keep one",
					tide_config_yaml_raw(key), table->what,
					other->start_mark.line + 1);
		}
		if (read_value(reader, key, yaml_document_get_node(reader->document, pair->value),
			    table, into) != 0)
			return -1;
	}
	return 0;
}

static int
scalar_is_there(struct tide_config_reader *reader, const yaml_node_t *node, const char *expected)
{
	const char *text = tide_config_yaml_raw(node);

	if (node->type != YAML_SCALAR_NODE)
		return tide_config_yaml_fail(reader, node, "expected %s, but this is %s", expected,
			kind_of(node));
	if (strlen(text) != node->data.scalar.length)
		return tide_config_yaml_fail(reader, node, "expected %s without a zero byte",
			expected);
	if (text[0] == 0 || (node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE
	                     && (strcmp(text, "~") == 0 || strcmp(text, "null") == 0)))
		return tide_config_yaml_fail(reader, node, "expected %s, but nothing is here",
			expected);
	return 0;
}

static int
scalar(struct tide_config_reader *reader, const yaml_node_t *node, const char *expected,
       const char **text)
{
	if (scalar_is_there(reader, node, expected) != 0)
		return -1;
	return tide_config_value_substitute(reader, node, tide_config_yaml_raw(node), text);
}

int
tide_config_yaml_text(struct tide_config_reader *reader, struct yaml_node_s *node,
                      const char **text)
{
	return scalar(reader, node, "a text", text);
}

int
tide_config_yaml_path(struct tide_config_reader *reader, struct yaml_node_s *node,
                      const char **path)
{
	const char *text;
	char *joined;
	size_t size;

	if (scalar(reader, node, "the path of a file", &text) != 0)
		return -1;
	size = strlen(reader->folder) + strlen(text) + 1;
	joined = tide_config_yaml_keep(reader, size);
	if (joined == NULL)
		return -1;
	(void) snprintf(joined, size, "%s%s", text[0] == '/' ? "" : reader->folder, text);
	*path = joined;
	return 0;
}

int
tide_config_yaml_number(struct tide_config_reader *reader, struct yaml_node_s *node,
                        double *number)
{
	const char *text;

	if (scalar(reader, node, "a number", &text) != 0)
		return -1;
	if (!tide_text_read_number(tide_text_of(text), number))
		return tide_config_yaml_fail(reader, node, "expected a number, but this is `%.64s`",
			tide_config_yaml_raw(node));
	return 0;
}

int
tide_config_yaml_duration(struct tide_config_reader *reader, struct yaml_node_s *node,
                          int64_t *duration_ms)
{
	const char *text;

	if (scalar(reader, node, "a duration like 90s, 1h or 28d", &text) != 0)
		return -1;
	if (!tide_config_value_duration(text, duration_ms))
		return tide_config_yaml_fail(reader, node,
			"expected a duration like 90s, 1h or 28d (ms s m h d w), but this is `%.64s`",
			tide_config_yaml_raw(node));
	return 0;
}

int
tide_config_yaml_word(struct tide_config_reader *reader, struct yaml_node_s *node,
                      const char *const *words, size_t count, size_t *index)
{
	char list[256] = "";
	const char *text;
	size_t length = 0;

	for (size_t i = 0; i < count && length < sizeof(list); i++)
		length += (size_t) snprintf(list + length, sizeof(list) - length, "%s%s",
			i == 0 ? "" : i + 1 == count ? " or " : ", ", words[i]);
	if (scalar(reader, node, list, &text) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i], text) == 0) {
			*index = i;
			return 0;
		}
	return tide_config_yaml_fail(reader, node, "expected %s, but this is `%.64s`", list,
		tide_config_yaml_raw(node));
}

int
tide_config_yaml_texts(struct tide_config_reader *reader, struct yaml_node_s *node,
                       const char ***texts, size_t *count)
{
	size_t length;
	const char **kept;

	if (node->type != YAML_SEQUENCE_NODE || tide_config_yaml_length(node) == 0)
		return tide_config_yaml_fail(reader, node,
			"expected a list of texts like [a, b], but this is %s",
			node->type == YAML_SEQUENCE_NODE ? "an empty list" : kind_of(node));
	length = tide_config_yaml_length(node);
	kept = tide_config_yaml_keep(reader, length * sizeof(*kept));
	if (kept == NULL)
		return -1;
	for (size_t i = 0; i < length; i++)
		if (tide_config_yaml_text(reader, tide_config_yaml_item(reader, node, i),
			    &kept[i]) != 0)
			return -1;
	*texts = kept;
	*count = length;
	return 0;
}
