#include "windowing/window_private.h"
#include <string.h>

/* What the label side keeps of a row (SPEC 3.7), for the model that needs most. */
static void
tail_plan(struct tide_windows *windows)
{
	const struct tide_window_setup *setup = &windows->setup;
	size_t values = 0;

	for (size_t i = 0; i < setup->model_count; i++) {
		enum tide_problem problem = setup->models[i].problem;
		size_t needed = problem == TIDE_PROBLEM_REGRESSION
		                        ? 2
		                        : windows->shapes[problem].score.curves;
		values = needed > values ? needed : values;
	}
	windows->tail.weight = values;
	windows->tail.kept = values + setup->weight_mapped;
	windows->tail.outcome = windows->tail.kept + setup->measures->kept_count;
	windows->tail.count = windows->tail.outcome + setup->measures->outcome_count;
}

struct tide_windows *
tide_window_new(const struct tide_window_setup *setup, struct tide_pool *pool)
{
	struct tide_windows *windows = tide_pool_table_new(pool, sizeof *windows);

	if (!windows)
		return NULL;
	windows->setup = tide_plan_setup(setup);
	windows->pool = pool;
	windows->route_count = 1;
	windows->waiting_expiry_ms = INT64_MAX;
	windows->prediction_clock_ms = windows->clock_ms = TIDE_NO_TIME;
	windows->input_left_ms = INT64_MIN;
	tide_pool_arena_init(&windows->arena, pool);
	tide_pool_arena_init(&windows->names, pool);
	tide_plan_shapes(&windows->setup, windows->shapes);
	tide_plan_selections(&windows->setup, windows->selections);
	tail_plan(windows);
	tide_pending_init(&windows->pending, pool, windows->tail.count);
	tide_pending_init(&windows->waiting, pool, TAIL_OUTCOME + windows->setup.measures->outcome_count);
	if (tide_plan_classes(&windows->setup, &windows->classes, &windows->arena) &&
	    tide_window_final_init(windows))
		return windows;
	tide_window_free(windows);
	return NULL;
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
		tide_pool_arena_fini(&window->columns);
		tide_pool_arena_fini(&window->final);
		tide_pool_table_free(pool, window, sizeof *window);
	}
	while (windows->inputs) {
		struct input_window *input = windows->inputs;
		windows->inputs = input->next;
		tide_pool_table_free(pool, input, sizeof *input);
	}
	tide_pool_table_free(pool, windows->spare, sizeof *windows->spare);
	tide_pool_table_free(pool, windows->spare_input, sizeof *windows->spare_input);
	tide_pool_table_free(pool, windows->beginnings,
	                     windows->beginning_room * sizeof *windows->beginnings);
	tide_pending_fini(&windows->pending);
	tide_pending_fini(&windows->waiting);
	tide_pool_arena_fini(&windows->arena);
	tide_window_route_fini(windows);
	tide_pool_table_free(pool, windows, sizeof *windows);
}

/* Blocks that an add takes at most: the folds of one cell a segment for a prediction, and for each
 * prediction that a label meets those of its slots, of which the pieces share blocks: a quarter
 * will do. Where a name gives way, what its cells took is taken once more. */
static size_t
add_blocks(const struct tide_windows *windows, size_t cell)
{
	size_t sides = windows->setup.segment_count + 1;
	size_t slots = windows->setup.options.early_count + 2;
	size_t folds = sides * (2 * windows->joined_max + slots);

	return sides * cell + folds * TIDE_LABELLED_BLOCKS / 4 +
	       folds * tide_plan_weight_blocks(&windows->setup, 2) + windows->blocks_seen_max;
}

/* A window and the record of an input, should the add or the charge be the first of its time. */
static bool
spares_reserve(struct tide_windows *windows)
{
	if (!windows->spare)
		windows->spare = tide_pool_table_new(windows->pool, sizeof *windows->spare);
	if (!windows->spare_input)
		windows->spare_input =
		        tide_pool_table_new(windows->pool, sizeof *windows->spare_input);
	return windows->spare && windows->spare_input;
}

bool
tide_window_has_room(struct tide_windows *windows)
{
	size_t cell = tide_plan_cell_blocks(&windows->setup, windows->classes.count);

	return tide_window_route_reserve(windows) && tide_pending_reserve(&windows->pending) &&
	       tide_pending_reserve(&windows->waiting) && spares_reserve(windows) &&
	       tide_pool_reserve(windows->pool, add_blocks(windows, cell) + 64);
}

struct window **
tide_window_bucket(struct tide_windows *windows, int64_t start_ms)
{
	const struct tide_window_options *options = &windows->setup.options;
	int64_t number = (start_ms - options->origin_ms) / options->size_ms;

	return &windows->window_buckets[(uint64_t) number % WINDOW_BUCKETS];
}

static struct window *
window_new(struct tide_windows *windows, int64_t start_ms)
{
	struct window **bucket = tide_window_bucket(windows, start_ms), **at = &windows->first;

	while (*at && (*at)->start_ms < start_ms)
		at = &(*at)->next;
	struct window *window = windows->spare;
	TIDE_ASSERT(window); /* has_room made it */
	windows->spare = NULL;
	windows->due_ms = TIDE_NO_TIME;
	window->start_ms = start_ms;
	window->end_ms = start_ms + windows->setup.options.size_ms;
	tide_pool_arena_init(&window->arena, windows->pool);
	tide_pool_arena_init(&window->columns, windows->pool);
	tide_pool_arena_init(&window->final, windows->pool);
	window->next = *at;
	*at = window;
	window->peer = *bucket;
	*bucket = window;
	return window;
}

struct window *
tide_window_at(struct tide_windows *windows, int64_t time_ms)
{
	int64_t start_ms = tide_clock_window(&windows->setup.options, time_ms);
	struct window *window = *tide_window_bucket(windows, start_ms);

	while (window && window->start_ms != start_ms)
		window = window->peer;
	if (!window)
		return window_new(windows, start_ms);
	if (window->told)
		windows->due_ms = TIDE_NO_TIME; /* and is told again */
	window->told = 0;
	return window;
}

struct input_window *
tide_window_input(struct tide_windows *windows, int64_t time_ms)
{
	int64_t start_ms = tide_clock_window(&windows->setup.options, time_ms);
	struct input_window *input = windows->input_found, **at = &windows->inputs;

	if (start_ms < windows->input_left_ms)
		start_ms = windows->input_left_ms;
	if (input && input->start_ms == start_ms)
		return input;
	if (input && input->start_ms < start_ms)
		at = &input->next;
	while (*at && (*at)->start_ms < start_ms)
		at = &(*at)->next;
	if (*at && (*at)->start_ms == start_ms)
		return windows->input_found = *at;
	input = windows->spare_input;
	TIDE_ASSERT(input); /* has_room made it */
	windows->spare_input = NULL;
	input->start_ms = start_ms;
	input->end_ms = start_ms + windows->setup.options.size_ms;
	input->next = *at;
	return windows->input_found = *at = input;
}

static struct beginning *
beginning_find(const struct tide_windows *windows, int32_t partition)
{
	for (size_t i = 0; i < windows->beginning_count; i++)
		if (windows->beginnings[i].partition == partition)
			return &windows->beginnings[i];
	return NULL;
}

int64_t
tide_window_beginning(const struct tide_windows *windows, int32_t partition)
{
	const struct beginning *beginning = beginning_find(windows, partition);

	return beginning ? beginning->end_ms : TIDE_NO_TIME;
}

bool
tide_window_begin(struct tide_windows *windows, int32_t partition, int64_t end_ms)
{
	struct beginning *beginning = beginning_find(windows, partition);

	if (!beginning && windows->beginning_count == windows->beginning_room) {
		size_t room = windows->beginning_room ? 2 * windows->beginning_room : 16;
		struct beginning *grown = tide_pool_table_new(windows->pool, room * sizeof *grown);
		if (!grown)
			return false;
		if (windows->beginning_count)
			memcpy(grown, windows->beginnings,
			       windows->beginning_count * sizeof *grown);
		tide_pool_table_free(windows->pool, windows->beginnings,
		                     windows->beginning_room * sizeof *grown);
		windows->beginnings = grown;
		windows->beginning_room = room;
	}
	if (!beginning)
		beginning = &windows->beginnings[windows->beginning_count++];
	*beginning = (struct beginning){partition, end_ms};
	return true;
}

void
tide_window_charge(struct tide_windows *windows, enum tide_role role, enum tide_outcome outcome,
                   int64_t time_ms)
{
	tide_window_input(windows, time_ms)->counts.outcomes[role][outcome]++;
}

enum tide_outcome
tide_window_add(struct tide_windows *windows, const struct tide_event *event, int64_t watermark_ms)
{
	enum tide_outcome outcome =
	        event->role == TIDE_PREDICTIONS
	                ? tide_window_join_prediction(windows, event, watermark_ms)
	                : tide_window_join_label(windows, event, watermark_ms);

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
