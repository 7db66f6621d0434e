#include "schemas/compact.h"
#include <string.h>

/* The path is the name, or goes on behind it with a dot. */
static bool
begins(const char *path, struct tide_text name)
{
	return path && strncmp(path, name.bytes, name.length) == 0 &&
	       (path[name.length] == 0 || path[name.length] == '.');
}

static bool
any_begins(const char *const *paths, size_t count, struct tide_text name)
{
	bool any = false;

	for (size_t i = 0; i < count && !any; i++)
		any = begins(paths[i], name);
	return any;
}

static bool
is_wanted(const struct tide_mapping *mapping, struct tide_text name)
{
	const char *const words[] = {mapping->timestamp, mapping->model,   mapping->version,
	                             mapping->prediction, mapping->proba,  mapping->target,
	                             mapping->latency,   mapping->error,   mapping->cpu,
	                             mapping->memory,    mapping->weight,  mapping->features};

	/* a path has no byte 0, and compares as if it ended there */
	if (memchr(name.bytes, 0, name.length))
		return false;
	return any_begins(words, sizeof words / sizeof *words, name) ||
	       any_begins(mapping->id, mapping->id_count, name) ||
	       any_begins(mapping->fields, mapping->field_count, name) ||
	       any_begins(mapping->column_paths, mapping->column_path_count, name);
}

static void
put_node(struct tide_buffer *out, const struct tide_json_node *nodes,
         const struct tide_json_node *node, const struct tide_mapping *mapping)
{
	const struct tide_json_node *end = nodes + node->next;
	bool is_object = node->kind == TIDE_JSON_OBJECT;

	if (!is_object && node->kind != TIDE_JSON_ARRAY) {
		if (node->kind == TIDE_JSON_TEXT)
			tide_text_json_text(out, node->text);
		else if (node->kind == TIDE_JSON_NULL)
			tide_text_json_null(out);
		else
			tide_text_json_spelled(out, node->text);
		return;
	}
	tide_text_json_open(out, is_object ? '{' : '[');
	for (const struct tide_json_node *at = node + 1; at < end; at = nodes + at->next) {
		if (mapping && !is_wanted(mapping, at->key))
			continue;
		if (is_object) {
			tide_text_json_text(out, at->key);
			tide_text_put(out, ":", 1);
		}
		put_node(out, nodes, at, NULL);
	}
	tide_text_json_close(out, is_object ? '}' : ']');
}

void
tide_compact(const struct tide_mapping *mapping, const struct tide_json_node *nodes,
             struct tide_buffer *out)
{
	put_node(out, nodes, nodes, mapping);
}
