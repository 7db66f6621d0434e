#include "windowing/window_private.h"
#include <string.h>

static struct tide_text
text_keep(struct tide_arena *arena, struct tide_text text)
{
	size_t length = text.length < TIDE_POOL_PIECE_MAX ? text.length : TIDE_POOL_PIECE_MAX;
	char *bytes = tide_pool_arena_take(arena, length + 1);

	memcpy(bytes, text.bytes ? text.bytes : "", length);
	return (struct tide_text){bytes, length};
}

static struct tide_text
segment_value(const struct tide_windows *windows, size_t segment, const struct tide_event *event,
              char room[TIDE_TEXT_NUMBER_SIZE])
{
	const struct tide_segment *declared = &windows->setup.segments[segment];
	const struct tide_value *value = NULL;

	if (declared->field >= 0 && (size_t) declared->field < event->field_count)
		value = &event->fields[declared->field];
	for (size_t i = 0; !value && i < event->value_count; i++) {
		struct tide_text name =
		        tide_mapping_column_name(windows->setup.columns, event->values[i].column);
		if (tide_text_is(name, declared->name))
			value = &event->values[i];
	}
	if (!value || value->kind == TIDE_VALUE_NULL)
		return (struct tide_text){NULL, 0};
	return tide_event_value_text(value, room);
}

static bool
route_same(const struct route *a, const struct route *b, size_t segments)
{
	if (a->hash != b->hash || a->partition != b->partition ||
	    !tide_text_equal(a->model, b->model) || !tide_text_equal(a->version, b->version))
		return false;
	for (size_t i = 0; i < segments; i++)
		if (!a->values[i].bytes != !b->values[i].bytes ||
		    !tide_text_equal(a->values[i], b->values[i]))
			return false;
	return true;
}

uint32_t
tide_window_route(struct tide_windows *windows, const struct tide_event *event)
{
	char rooms[TIDE_SEGMENTS_MAX][TIDE_TEXT_NUMBER_SIZE];
	size_t segments = event->role == TIDE_PREDICTIONS ? windows->setup.segment_count : 0;
	struct route route = {.model = event->model,
	                      .version = event->version,
	                      .partition = event->partition};

	route.hash = tide_hash_plain(event->model) + 3 * tide_hash_plain(event->version) +
	             (uint64_t) event->partition;
	for (size_t i = 0; i < segments; i++) {
		route.values[i] = segment_value(windows, i, event, rooms[i]);
		route.hash = route.hash * 31 + tide_hash_plain(route.values[i]);
	}
	uint32_t *bucket = &windows->buckets[route.hash % ROUTE_BUCKETS];
	for (uint32_t i = *bucket; i; i = windows->routes[i]->next)
		if (route_same(windows->routes[i], &route, windows->setup.segment_count))
			return i;
	struct route *kept = tide_pool_arena_take(&windows->arena, sizeof *kept);
	*kept = route;
	kept->model = text_keep(&windows->arena, route.model);
	kept->version = text_keep(&windows->arena, route.version);
	for (size_t i = 0; i < segments; i++)
		if (route.values[i].bytes)
			kept->values[i] = text_keep(&windows->arena, route.values[i]);
	kept->next = *bucket;
	*bucket = windows->route_count;
	windows->routes[windows->route_count] = kept;
	return windows->route_count++;
}
