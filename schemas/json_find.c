#include "schemas/json.h"

const struct tide_json_node *
tide_json_find_member(const struct tide_json_node *nodes, const struct tide_json_node *object,
                      struct tide_text name)
{
	const struct tide_json_node *end = nodes + object->next;

	for (const struct tide_json_node *at = object + 1; at < end; at = nodes + at->next)
		if (tide_text_equal(at->key, name))
			return at;
	return NULL;
}

/* One name before a dotted one (mapping.h (1)), so the longest first part is tried first. */
const struct tide_json_node *
tide_json_find(const struct tide_json_node *nodes, const struct tide_json_node *object,
               struct tide_text path)
{
	const struct tide_json_node *found = tide_json_find_member(nodes, object, path);

	for (size_t dot = path.length; !found && dot-- > 0;) {
		const struct tide_json_node *inner;

		if (path.bytes[dot] != '.')
			continue;
		inner = tide_json_find_member(nodes, object, (struct tide_text){path.bytes, dot});
		if (inner && inner->kind == TIDE_JSON_OBJECT)
			found = tide_json_find(nodes, inner,
			                       (struct tide_text){path.bytes + dot + 1,
			                                          path.length - dot - 1});
	}
	return found;
}
