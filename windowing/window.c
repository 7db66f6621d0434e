#include "windowing/window_private.h"
#include <math.h>
#include <string.h>

static int64_t
window_start(const struct tide_window_options *options, int64_t time_ms)
{
	int64_t since = time_ms - options->origin_ms;
	int64_t count = since / options->size_ms - (since % options->size_ms < 0);

	return options->origin_ms + count * options->size_ms;
}

struct tide_windows *
tide_window_new(const struct tide_window_setup *setup, struct tide_pool *pool)
{
	struct tide_windows *windows = tide_pool_table_new(pool, sizeof *windows);

	if (!windows)
		return NULL;
	windows->routes = tide_pool_table_new(pool, ROUTES_MAX * sizeof *windows->routes);
	if (!windows->routes) {
		tide_pool_table_free(pool, windows, sizeof *windows);
		return NULL;
	}
	windows->setup = *setup;
	windows->pool = pool;
	windows->route_count = 1;
	windows->waiting_expiry_ms = INT64_MAX;
	tide_pool_arena_init(&windows->arena, pool);
	tide_pool_arena_init(&windows->out, pool);
	tide_pending_init(&windows->pending, pool);
	tide_pending_init(&windows->waiting, pool);
	return windows;
}

void
tide_window_free(struct tide_windows *windows)
{
	if (!windows)
		return;
	struct tide_pool *pool = windows->pool;
	for (struct window *window = windows->first, *next; window; window = next) {
		next = window->next;
		tide_pool_arena_fini(&window->arena);
		tide_pool_table_free(pool, window, sizeof *window);
	}
	while (windows->inputs) {
		struct input_window *input = windows->inputs;
		windows->inputs = input->next;
		tide_pool_table_free(pool, input, sizeof *input);
	}
	tide_pool_table_free(pool, windows->evidence,
	                     windows->evidence_room * sizeof *windows->evidence);
	tide_pending_fini(&windows->pending);
	tide_pending_fini(&windows->waiting);
	tide_pool_arena_fini(&windows->out);
	tide_pool_arena_fini(&windows->arena);
	tide_pool_table_free(pool, windows->routes, ROUTES_MAX * sizeof *windows->routes);
	tide_pool_table_free(pool, windows, sizeof *windows);
}

bool
tide_window_has_room(struct tide_windows *windows)
{
	size_t columns = tide_mapping_column_count(windows->setup.columns) + 1;
	size_t cells = windows->setup.segment_count + 1;

	if (columns > TIDE_CELL_COLUMNS_MAX)
		columns = TIDE_CELL_COLUMNS_MAX;
	/* an add touches one cell a segment; a close merges every cell of a window, twice at most */
	cells += 2 * windows->cells_seen_max;
	return windows->route_count < ROUTES_MAX - 1 && tide_pending_reserve(&windows->pending) &&
	       tide_pending_reserve(&windows->waiting) &&
	       tide_pool_reserve(windows->pool, cells * tide_cell_blocks_max(columns) + 64);
}

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

/* The number of the event's (model, version, partition, segment values), made if new. */
static uint32_t
route_of(struct tide_windows *windows, const struct tide_event *event)
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

static struct window *
window_of(struct tide_windows *windows, int64_t time_ms)
{
	int64_t start_ms = window_start(&windows->setup.options, time_ms);
	struct window **at = &windows->first;

	while (*at && (*at)->start_ms < start_ms)
		at = &(*at)->next;
	if (*at && (*at)->start_ms == start_ms)
		return *at;
	struct window *window = tide_pool_table_new(windows->pool, sizeof *window);
	TIDE_ASSERT(window);
	window->start_ms = start_ms;
	window->end_ms = start_ms + windows->setup.options.size_ms;
	tide_pool_arena_init(&window->arena, windows->pool);
	window->next = *at;
	*at = window;
	return window;
}

static struct tide_cell *
cell_of(struct tide_windows *windows, struct window *window, const struct route *route, int segment)
{
	struct tide_cell_key key = {.model = route->model, .version = route->version,
	                            .segment = segment};
	uint64_t hash = tide_hash_plain(route->model) ^ (uint64_t) (segment + 1) ^
	                tide_hash_plain(route->version) << 1;

	if (segment >= 0) {
		key.value = route->values[segment];
		key.value_null = !key.value.bytes;
		hash += tide_hash_plain(key.value);
	}
	struct tide_cell **bucket = &window->cells[hash % CELL_BUCKETS];
	for (struct tide_cell *cell = *bucket; cell; cell = cell->next)
		if (tide_cell_key_compare(&cell->key, &key) == 0)
			return cell;
	struct tide_cell *cell = tide_pool_arena_take(&window->arena, sizeof *cell);
	cell->key = key; /* the route lives longer than the window */
	cell->next = *bucket;
	*bucket = cell;
	if (++window->cell_count > windows->cells_seen_max)
		windows->cells_seen_max = window->cell_count;
	return cell;
}

static struct input_window *
input_of(struct tide_windows *windows, int64_t time_ms)
{
	int64_t start_ms = window_start(&windows->setup.options, time_ms);
	struct input_window **at = &windows->inputs;

	while (*at && (*at)->start_ms < start_ms)
		at = &(*at)->next;
	if (*at && (*at)->start_ms == start_ms)
		return *at;
	struct input_window *input = tide_pool_table_new(windows->pool, sizeof *input);
	TIDE_ASSERT(input);
	input->start_ms = start_ms;
	input->end_ms = start_ms + windows->setup.options.size_ms;
	input->next = *at;
	*at = input;
	return input;
}

void
tide_window_charge(struct tide_windows *windows, enum tide_role role, enum tide_outcome outcome,
                   int64_t watermark_ms)
{
	if (watermark_ms == TIDE_NO_TIME) {
		windows->held[role][outcome]++;
		return;
	}
	struct input_window *input = input_of(windows, watermark_ms);
	input->counts.outcomes[role][outcome]++;
	for (size_t i = 0; i < TIDE_OUTCOMES; i++) {
		input->counts.outcomes[role][i] += windows->held[role][i];
		windows->held[role][i] = 0;
	}
	input->open += outcome == TIDE_WAITING;
}

/* 1 or 0 for a binary class, the number itself otherwise (SPEC 5.3). */
static double
class_number(const struct tide_windows *windows, const struct tide_value *value)
{
	char room[TIDE_TEXT_NUMBER_SIZE];

	if (windows->setup.problem != TIDE_PROBLEM_BINARY)
		return value->number;
	struct tide_text text = tide_event_value_text(value, room);
	if (windows->setup.positive_class)
		return tide_text_is(text, windows->setup.positive_class);
	return tide_text_is(text, "1") || tide_text_is(text, "true");
}

static size_t
age_slot(const struct tide_window_options *options, int64_t end_ms, int64_t time_ms)
{
	size_t slot = 0;

	while (slot < options->early_count && time_ms >= end_ms + options->early_ms[slot])
		slot++;
	return slot;
}

static void
label_fold(struct tide_windows *windows, struct window *window,
           const struct tide_pending_entry *entry, size_t slot, double target, int sign)
{
	const struct route *route = windows->routes[entry->route];
	struct tide_row row = {.prediction = entry->prediction, .target = target};

	for (int segment = -1; segment < (int) windows->setup.segment_count; segment++) {
		struct tide_cell *cell = cell_of(windows, window, route, segment);
		if (!cell->labels[slot])
			cell->labels[slot] =
			        tide_pool_arena_take(&window->arena, sizeof *cell->labels[slot]);
		tide_labelled_add(cell->labels[slot], windows->setup.problem, &row, sign);
	}
}

struct label {
	int64_t time_ms, watermark_ms;
	double target;
	const struct route *route; /* its model, if it has one, and its partition */
};

/* What becomes of a label at one prediction; TIDE_WAITING: that one does not take it. */
static enum tide_outcome
label_meet(struct tide_windows *windows, struct tide_pending_entry *entry,
           const struct label *label)
{
	const struct tide_window_options *options = &windows->setup.options;
	const struct route *route = windows->routes[entry->route];

	if (route->partition != label->route->partition ||
	    (label->route->model.length && !tide_text_equal(route->model, label->route->model)))
		return TIDE_WAITING;
	struct window *window = window_of(windows, entry->time_ms);
	int64_t horizon_ms = window->end_ms + options->label_horizon_ms;
	if (label->time_ms >= horizon_ms ||
	    (label->watermark_ms != TIDE_NO_TIME &&
	     horizon_ms + options->label_lateness_ms <= label->watermark_ms) ||
	    entry->time_ms - label->time_ms > options->early_label_ttl_ms)
		return TIDE_WAITING;
	size_t slot = age_slot(options, window->end_ms, label->time_ms);
	if (entry->flags & TIDE_PENDING_LABELLED) {
		if (entry->target == label->target)
			return TIDE_DUPLICATE;
		if (options->label_policy == TIDE_LABEL_FIRST)
			return TIDE_CONFLICT;
		label_fold(windows, window, entry, entry->slot, entry->target, -1);
	}
	label_fold(windows, window, entry, slot, label->target, 1);
	window->labels++;
	enum tide_outcome outcome =
	        entry->flags & TIDE_PENDING_LABELLED ? TIDE_CORRECTED : TIDE_MATCHED;
	entry->flags |= TIDE_PENDING_LABELLED;
	entry->target = label->target;
	entry->slot = (uint32_t) slot;
	return outcome;
}

static struct label
waiting_label(const struct tide_windows *windows, const struct tide_pending_entry *entry)
{
	struct label label = {.time_ms = entry->time_ms, .target = entry->target,
	                      .route = windows->routes[entry->route]};

	memcpy(&label.watermark_ms, &entry->prediction, sizeof label.watermark_ms);
	return label;
}

static void
waiting_end(struct tide_windows *windows, uint32_t number, enum tide_outcome outcome)
{
	struct label label = waiting_label(windows, &windows->waiting.entries[number]);
	int64_t charged_ms =
	        label.watermark_ms == TIDE_NO_TIME ? label.time_ms : label.watermark_ms;
	struct input_window *input = input_of(windows, charged_ms);

	input->counts.outcomes[TIDE_LABELS][TIDE_WAITING]--;
	input->counts.outcomes[TIDE_LABELS][outcome]++;
	input->open--;
	tide_pending_remove(&windows->waiting, number);
}

/* Labels that came before this prediction meet it in the order in which they were read. */
static void
prediction_meet(struct tide_windows *windows, uint32_t number)
{
	struct tide_pending_entry *entry = &windows->pending.entries[number];

	for (;;) {
		uint32_t at = UINT32_MAX, first = 0, found;
		while ((found = tide_pending_find(&windows->waiting, entry->key, &at))) {
			struct tide_pending_entry *waiting = &windows->waiting.entries[found];
			if (!(waiting->slot & 1) &&
			    (!first || waiting->flags < windows->waiting.entries[first].flags))
				first = found;
		}
		if (!first)
			return;
		struct label label = waiting_label(windows, &windows->waiting.entries[first]);
		enum tide_outcome outcome = label_meet(windows, entry, &label);
		if (outcome == TIDE_WAITING)
			windows->waiting.entries[first].slot |= 1; /* seen in this round */
		else
			waiting_end(windows, first, outcome);
	}
}

static void
waiting_unmark(struct tide_windows *windows, struct tide_hash key)
{
	uint32_t at = UINT32_MAX, found;

	while ((found = tide_pending_find(&windows->waiting, key, &at)))
		windows->waiting.entries[found].slot = 0;
}

static enum tide_outcome
prediction_add(struct tide_windows *windows, const struct tide_event *event, int64_t watermark_ms)
{
	const struct tide_window_options *options = &windows->setup.options;
	int64_t end_ms = window_start(options, event->time_ms) + options->size_ms;
	uint32_t at = UINT32_MAX, found;

	if (watermark_ms != TIDE_NO_TIME && end_ms + options->lateness_ms <= watermark_ms)
		return TIDE_LATE;
	uint32_t number = route_of(windows, event);
	const struct route *route = windows->routes[number];
	while ((found = tide_pending_find(&windows->pending, event->key, &at))) {
		const struct tide_pending_entry *earlier = &windows->pending.entries[found];
		const struct route *other = windows->routes[earlier->route];
		int64_t earlier_end_ms = window_start(options, earlier->time_ms) + options->size_ms;
		if (other->partition == route->partition &&
		    tide_text_equal(other->model, route->model) &&
		    tide_text_equal(other->version, route->version) &&
		    (watermark_ms == TIDE_NO_TIME ||
		     earlier_end_ms + options->label_horizon_ms > watermark_ms))
			return TIDE_DUPLICATE;
	}
	struct window *window = window_of(windows, event->time_ms);
	for (int segment = -1; segment < (int) windows->setup.segment_count; segment++)
		tide_cell_add(cell_of(windows, window, route, segment), windows->setup.shape,
		              options->exact_rows, event, &window->arena);
	uint32_t pending = tide_pending_add(&windows->pending, event->key);
	struct tide_pending_entry *entry = &windows->pending.entries[pending];
	entry->time_ms = event->time_ms;
	entry->route = number;
	entry->prediction = windows->setup.prediction_mapped
	                            ? class_number(windows, &event->prediction)
	                            : event->score.number >= windows->setup.decision_threshold;
	entry->next = window->entries;
	window->entries = pending;
	prediction_meet(windows, pending);
	waiting_unmark(windows, event->key);
	return TIDE_ACCEPTED;
}

/* The end of the last window whose predictions could take a label of this time. */
static int64_t
label_reach(const struct tide_window_options *options, int64_t time_ms)
{
	return window_start(options, time_ms + options->early_label_ttl_ms) + options->size_ms;
}

static enum tide_outcome
label_add(struct tide_windows *windows, const struct tide_event *event, int64_t watermark_ms)
{
	const struct tide_window_options *options = &windows->setup.options;
	int64_t reach_ms = label_reach(options, event->time_ms);
	uint32_t at = UINT32_MAX, found;

	if (watermark_ms != TIDE_NO_TIME &&
	    reach_ms + options->label_horizon_ms + options->label_lateness_ms <= watermark_ms)
		return TIDE_LATE;
	uint32_t route = route_of(windows, event);
	struct label label = {event->time_ms, watermark_ms, class_number(windows, &event->target),
	                      windows->routes[route]};
	enum tide_outcome outcome = TIDE_WAITING;
	while ((found = tide_pending_find(&windows->pending, event->key, &at))) {
		enum tide_outcome one =
		        label_meet(windows, &windows->pending.entries[found], &label);
		if (one < outcome) /* the first in the order of SPEC 2.2 */
			outcome = one;
	}
	if (outcome != TIDE_WAITING)
		return outcome;
	uint32_t number = tide_pending_add(&windows->waiting, event->key);
	struct tide_pending_entry *waiting = &windows->waiting.entries[number];
	waiting->time_ms = event->time_ms;
	waiting->target = label.target;
	waiting->route = route;
	waiting->flags = windows->sequence++;
	memcpy(&waiting->prediction, &watermark_ms, sizeof waiting->prediction);
	if (reach_ms < windows->waiting_expiry_ms)
		windows->waiting_expiry_ms = reach_ms;
	return TIDE_WAITING;
}

enum tide_outcome
tide_window_add(struct tide_windows *windows, const struct tide_event *event, int64_t watermark_ms)
{
	enum tide_outcome outcome = event->role == TIDE_PREDICTIONS
	                                    ? prediction_add(windows, event, watermark_ms)
	                                    : label_add(windows, event, watermark_ms);

	/* SPEC 2.3: before its queue has a watermark, a record is charged by its own time */
	tide_window_charge(windows, event->role, outcome,
	                   watermark_ms == TIDE_NO_TIME ? event->time_ms : watermark_ms);
	return outcome;
}

uint64_t
tide_window_pending(const struct tide_windows *windows)
{
	return (uint64_t) windows->pending.count + windows->waiting.count;
}

void
tide_window_private_expire(struct tide_windows *windows, int64_t prediction_clock_ms)
{
	const struct tide_window_options *options = &windows->setup.options;

	if (windows->waiting.count == 0 || prediction_clock_ms == TIDE_NO_TIME ||
	    windows->waiting_expiry_ms > prediction_clock_ms - options->lateness_ms)
		return;
	windows->waiting_expiry_ms = INT64_MAX;
	for (uint32_t i = 0; i < windows->waiting.index_size; i++) {
		uint32_t number = windows->waiting.index[i];
		if (!number)
			continue;
		int64_t reach_ms =
		        label_reach(options, windows->waiting.entries[number].time_ms);
		if (reach_ms + options->lateness_ms <= prediction_clock_ms) {
			waiting_end(windows, number, TIDE_UNMATCHED);
			i--; /* the hole may have been filled from behind */
		} else if (reach_ms < windows->waiting_expiry_ms) {
			windows->waiting_expiry_ms = reach_ms;
		}
	}
}
