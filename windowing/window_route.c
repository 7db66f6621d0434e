#include "windowing/window_private.h"
#include <string.h>

/*
 * Routes, cells, and the caps on their names (SPEC 3.6). Of a window's models, and of the values of
 * each segment, the `values_max` that rank first are kept: those that the config or the reference
 * names, then those with the smallest unseeded hash. What ranks behind is `__other__`. A value that
 * must give way is merged into `__other__`; a value that stays has been there since its first
 * record, for the limit only falls. So the order of records shows nowhere.
 */
#define FIRST_ROUTES 1024u
#define ADDS_MAX 2u /* between two questions for room */
#define ROUTE_BLOCKS 3u /* of a route and its texts */
#define FIRST_RANKS 16u

static struct tide_text
text_keep(struct tide_arena *arena, struct tide_text text)
{
	char *bytes = tide_pool_arena_take(arena, text.length + 1);

	memcpy(bytes, text.bytes ? text.bytes : "", text.length);
	return (struct tide_text){bytes, text.length};
}

static struct tide_text
plain_value(const struct tide_windows *windows, size_t segment, const struct tide_event *event,
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
	return tide_text_cut(tide_event_value_text(value, room), ROUTE_NAME_BYTES_MAX);
}

/* The values of the parts of a segment that crosses others (struct tide_segment). */
static struct tide_text
crossed_value(const struct tide_segment *segment, const struct tide_text *values,
              char room[ROUTE_NAME_BYTES_MAX])
{
	size_t length = 0, share = ROUTE_NAME_BYTES_MAX / segment->part_count - 1;

	for (size_t i = 0; i < segment->part_count; i++) {
		struct tide_text value = tide_text_cut(values[segment->parts[i]], share);
		if (i > 0)
			room[length++] = TIDE_SEGMENT_BETWEEN;
		if (!value.bytes)
			room[length++] = TIDE_SEGMENT_MISSING;
		for (size_t j = 0; j < value.length; j++) {
			char byte = value.bytes[j];
			bool taken = byte == TIDE_SEGMENT_BETWEEN || byte == TIDE_SEGMENT_MISSING;
			room[length++] = taken ? ' ' : byte;
		}
	}
	return (struct tide_text){room, length};
}

static bool
route_same(const struct route *a, const struct route *b, size_t segments)
{
	if (a->hash != b->hash || a->partition != b->partition ||
	    !tide_text_equal(a->model, b->model) || !tide_text_equal(a->version, b->version))
		return false;
	for (size_t i = 0; i < segments; i++)
		if (!a->values[i].text.bytes != !b->values[i].text.bytes ||
		    !tide_text_equal(a->values[i].text, b->values[i].text))
			return false;
	return true;
}

void
tide_window_route_fini(struct tide_windows *windows)
{
	tide_pool_table_free(windows->pool, windows->routes,
	                     windows->route_room * sizeof *windows->routes);
	tide_pool_table_free(windows->pool, windows->buckets,
	                     windows->route_room * sizeof *windows->buckets);
	tide_pool_arena_fini(&windows->names);
}

static uint32_t
route_put(struct tide_windows *windows, const struct route *route)
{
	struct tide_arena *arena = &windows->names;
	size_t segments = windows->setup.segment_count;
	size_t bytes = offsetof(struct route, values) + segments * sizeof *route->values;
	struct route *kept = tide_pool_arena_take(arena, bytes);
	uint32_t *bucket = &windows->buckets[route->hash & (windows->route_room - 1)];

	memcpy(kept, route, bytes);
	kept->model = text_keep(arena, route->model);
	kept->version = text_keep(arena, route->version);
	for (size_t i = 0; i < segments; i++)
		if (route->values[i].text.bytes)
			kept->values[i].text = text_keep(arena, route->values[i].text);
	kept->moved = 0;
	kept->next = *bucket;
	*bucket = windows->route_count;
	windows->routes[windows->route_count] = kept;
	return windows->route_count++;
}

/* Marks the routes that entries use; how many were not marked before. */
static uint32_t
routes_mark(struct tide_windows *windows, const struct tide_pending *pending)
{
	uint32_t count = 0;

	for (uint32_t number = 0; (number = tide_pending_next(pending, number));) {
		struct route *route = windows->routes[tide_pending_at(pending, number)->route];
		count += route->moved == 0;
		route->moved = 1;
	}
	return count;
}

static void
entries_move(struct tide_pending *pending, struct route *const *routes)
{
	for (uint32_t number = 0; (number = tide_pending_next(pending, number));) {
		struct tide_pending_entry *entry = tide_pending_at(pending, number);
		entry->route = routes[entry->route]->moved;
	}
}

/* A table of `room` routes, and in it those that are marked. */
static bool
routes_move(struct tide_windows *windows, uint32_t room)
{
	struct tide_windows old = *windows;
	struct route **routes = tide_pool_table_new(windows->pool, room * sizeof *routes);
	uint32_t *buckets = tide_pool_table_new(windows->pool, room * sizeof *buckets);

	if (!routes || !buckets ||
	    !tide_pool_reserve(windows->pool, old.names.taken_blocks + 1)) {
		tide_pool_table_free(windows->pool, routes, room * sizeof *routes);
		tide_pool_table_free(windows->pool, buckets, room * sizeof *buckets);
		return false;
	}
	windows->routes = routes;
	windows->buckets = buckets;
	windows->route_room = room;
	windows->route_count = 1;
	tide_pool_arena_init(&windows->names, windows->pool);
	for (uint32_t i = 1; i < old.route_count; i++)
		if (old.routes[i]->moved)
			old.routes[i]->moved = route_put(windows, old.routes[i]);
	entries_move(&windows->pending, old.routes);
	entries_move(&windows->waiting, old.routes);
	tide_window_route_fini(&old);
	return true;
}

/* A full table drops the routes that no entry uses, and grows where these were less than half. So
 * it is as large as what is pending asks for, whatever names the stream has had. */
bool
tide_window_route_reserve(struct tide_windows *windows)
{
	uint32_t room = windows->route_room ? windows->route_room : FIRST_ROUTES;

	if (windows->route_count + ADDS_MAX < windows->route_room)
		return true;
	for (uint32_t i = 1; i < windows->route_count; i++)
		windows->routes[i]->moved = 0;
	uint32_t used = routes_mark(windows, &windows->pending) +
	                routes_mark(windows, &windows->waiting);
	if (used >= room / 2) {
		if (room > UINT32_MAX / 4)
			return false;
		room *= 2;
	}
	return routes_move(windows, room);
}

bool
tide_window_route_room(struct tide_windows *windows)
{
	uint32_t room = windows->route_room ? 2 * windows->route_room : FIRST_ROUTES;

	if (windows->route_count + ADDS_MAX >= windows->route_room) {
		if (room > UINT32_MAX / 4)
			return false;
		for (uint32_t i = 1; i < windows->route_count; i++)
			windows->routes[i]->moved = i;
		if (!routes_move(windows, room))
			return false;
	}
	return tide_pool_reserve(windows->pool, ROUTE_BLOCKS);
}

uint32_t
tide_window_route_number(struct tide_windows *windows, struct route *route)
{
	size_t segments = windows->setup.segment_count;

	route->hash = tide_hash_plain(route->model) + 3 * tide_hash_plain(route->version) +
	              (uint64_t) route->partition;
	for (size_t i = 0; i < segments; i++)
		route->hash = route->hash * 31 + tide_hash_plain(route->values[i].text);
	uint32_t number = windows->buckets[route->hash & (windows->route_room - 1)];
	for (; number; number = windows->routes[number]->next)
		if (route_same(windows->routes[number], route, segments))
			return number;
	route->options = tide_plan_model(&windows->setup, route->model);
	route->rank = tide_plan_model_rank(&windows->setup, route->model);
	for (size_t i = 0; i < segments; i++)
		route->values[i].rank = tide_plan_value_rank(&windows->setup, i, route->values[i].text);
	return route_put(windows, route);
}

uint32_t
tide_window_route(struct tide_windows *windows, const struct tide_event *event)
{
	char rooms[TIDE_SEGMENTS_MAX][ROUTE_NAME_BYTES_MAX];
	struct tide_text values[TIDE_SEGMENTS_MAX];
	const struct tide_segment *declared = windows->setup.segments;
	size_t segments = event->role == TIDE_PREDICTIONS ? windows->setup.segment_count : 0;
	struct route route = {.model = tide_text_cut(event->model, ROUTE_NAME_BYTES_MAX),
	                      .version = tide_text_cut(event->version, ROUTE_NAME_BYTES_MAX),
	                      .partition = event->partition};

	for (size_t i = 0; i < segments; i++)
		if (declared[i].part_count == 0)
			values[i] = plain_value(windows, i, event, rooms[i]);
	for (size_t i = 0; i < segments; i++)
		route.values[i].text = declared[i].part_count
		                               ? crossed_value(&declared[i], values, rooms[i])
		                               : values[i];
	return tide_window_route_number(windows, &route);
}

static uint64_t
key_hash(const struct tide_cell_key *key)
{
	return (tide_hash_plain(key->model) * 31 + tide_hash_plain(key->version)) * 31 +
	       tide_hash_plain(key->value) + (uint64_t) (key->segment + 1);
}

static struct tide_cell *
cell_at(struct window *window, const struct tide_cell_key *key, bool make)
{
	struct tide_cell **bucket = &window->cells[key_hash(key) % CELL_BUCKETS];

	for (struct tide_cell *cell = *bucket; cell; cell = cell->next)
		if (tide_cell_key_compare(&cell->key, key) == 0)
			return cell;
	if (!make)
		return NULL;
	struct tide_cell *cell = tide_pool_arena_take(&window->arena, sizeof *cell);
	cell->key = *key;
	cell->key.model = text_keep(&window->arena, key->model);
	cell->key.version = text_keep(&window->arena, key->version);
	if (key->value.bytes)
		cell->key.value = text_keep(&window->arena, key->value);
	cell->next = *bucket;
	*bucket = cell;
	window->cell_count++;
	return cell;
}

static bool
cell_has(const struct tide_windows *windows, const struct tide_cell *cell, size_t dimension,
         uint64_t rank)
{
	if (dimension == 0)
		return tide_plan_model_rank(&windows->setup, cell->key.model) == rank;
	return cell->key.segment == (int) dimension - 1 && !cell->key.value_null &&
	       tide_plan_value_rank(&windows->setup, dimension - 1, cell->key.value) == rank;
}

static void
cell_merge(struct tide_windows *windows, struct window *window, const struct tide_cell *from,
           size_t dimension)
{
	const struct tide_label_shape *shape =
	        &windows->shapes[tide_plan_model(&windows->setup, from->key.model)->problem];
	struct tide_cell_key key = from->key;

	tide_plan_cap(&key, dimension);
	struct tide_cell *to = cell_at(window, &key, true);
	tide_cell_merge_predictions(to, from, windows->setup.measures, &window->columns);
	for (size_t slot = 0; slot < TIDE_EARLY_MAX + 2; slot++) {
		if (!from->labels[slot])
			continue;
		if (!to->labels[slot])
			to->labels[slot] =
			        tide_pool_arena_take(&window->arena, sizeof *to->labels[slot]);
		tide_labelled_merge(to->labels[slot], from->labels[slot], shape, &window->arena);
		tide_cell_merge_slot(to, slot, from, slot, windows->setup.measures,
		                     &window->arena);
	}
}

/* The cells of the value that gives way go to `__other__`. */
static void
cells_evict(struct tide_windows *windows, struct window *window, size_t dimension, uint64_t rank)
{
	struct tide_cell *evicted = NULL;

	for (size_t i = 0; i < CELL_BUCKETS; i++) {
		for (struct tide_cell **at = &window->cells[i]; *at;) {
			struct tide_cell *cell = *at;
			if (!cell_has(windows, cell, dimension, rank)) {
				at = &cell->next;
				continue;
			}
			*at = cell->next;
			cell->next = evicted;
			evicted = cell;
			window->cell_count--;
		}
	}
	for (; evicted; evicted = evicted->next)
		cell_merge(windows, window, evicted, dimension);
}

static size_t
rank_last(const struct ranks *ranks)
{
	size_t last = 0;

	for (size_t i = 1; i < ranks->count; i++)
		if (ranks->values[i] > ranks->values[last])
			last = i;
	return last;
}

void
tide_window_route_rank(struct tide_windows *windows, struct window *window, size_t dimension,
                       uint64_t rank)
{
	struct ranks *ranks = &window->ranks[dimension];
	size_t max = windows->setup.values_max;

	if (rank == 0 || (ranks->limit && rank > ranks->limit))
		return;
	for (size_t i = 0; i < ranks->count; i++)
		if (ranks->values[i] == rank)
			return;
	if (ranks->limit) {
		uint64_t evicted = ranks->limit;
		ranks->values[rank_last(ranks)] = rank;
		ranks->limit = ranks->values[rank_last(ranks)];
		cells_evict(windows, window, dimension, evicted);
		return;
	}
	if (ranks->count == ranks->room) {
		uint32_t room = ranks->room ? 2 * ranks->room : FIRST_RANKS;
		uint64_t *values = tide_pool_arena_take(&window->arena, room * sizeof *values);
		if (ranks->count)
			memcpy(values, ranks->values, ranks->count * sizeof *values);
		ranks->values = values;
		ranks->room = room;
	}
	ranks->values[ranks->count++] = rank;
	if (ranks->count == max)
		ranks->limit = ranks->values[rank_last(ranks)];
}

static uint64_t
rank_of(const struct route *route, size_t dimension)
{
	return dimension == 0 ? route->rank : route->values[dimension - 1].rank;
}

static bool
is_behind(const struct window *window, const struct route *route, size_t dimension)
{
	uint64_t limit = window->ranks[dimension].limit;

	return limit && rank_of(route, dimension) > limit;
}

static struct tide_cell_key
key_of(const struct window *window, const struct route *route, int segment)
{
	struct tide_cell_key key = {.model = route->model, .version = route->version,
	                            .segment = segment};

	if (segment >= 0) {
		key.value = route->values[segment].text;
		key.value_null = !key.value.bytes;
	}
	if (is_behind(window, route, 0))
		tide_plan_cap(&key, 0);
	if (segment >= 0 && is_behind(window, route, (size_t) segment + 1))
		tide_plan_cap(&key, (size_t) segment + 1);
	return key;
}

void
tide_window_route_blocks(struct tide_windows *windows, const struct window *window)
{
	size_t blocks = window->arena.taken_blocks + window->columns.taken_blocks;

	if (blocks > windows->blocks_seen_max)
		windows->blocks_seen_max = blocks;
}

struct tide_cell *
tide_window_route_restore(struct window *window, const struct tide_cell_key *key)
{
	return cell_at(window, key, false) ? NULL : cell_at(window, key, true);
}

struct tide_cell *
tide_window_route_cell(struct tide_windows *windows, struct window *window,
                       const struct route *route, int segment)
{
	struct tide_cell_key key = key_of(window, route, segment);
	struct tide_cell *cell = cell_at(window, &key, false);

	tide_window_route_blocks(windows, window);
	if (cell)
		return cell;
	tide_window_route_rank(windows, window, 0, route->rank);
	if (segment >= 0)
		tide_window_route_rank(windows, window, (size_t) segment + 1,
		                       route->values[segment].rank);
	key = key_of(window, route, segment);
	return cell_at(window, &key, true);
}
