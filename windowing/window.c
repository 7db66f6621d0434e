#include "windowing/window_private.h"
#include <string.h>

#define SCRATCH_SPARE 4096 /* rows; what adds between two questions for room bring is less */

_Static_assert(SCRATCH_SPARE >= TIDE_SCORE_BINS, "the bins of a curve fit");

/* What the label side keeps of a row (SPEC 3.7), for the model that needs most. */
static void
labels_plan(struct tide_windows *windows)
{
	const struct tide_window_setup *setup = &windows->setup;
	const struct tide_column_shape *prediction = setup->shape ? &setup->shape->prediction : NULL;
	size_t classes = setup->class_count, values = 0;

	if (!classes && prediction && prediction->type == TIDE_COLUMN_CATEGORICAL)
		classes = prediction->category_count;
	if (!classes)
		classes = OPEN_CLASSES;
	if (!setup->proba_mapped)
		classes = 0;
	if (classes > TIDE_CLASSES_MAX)
		classes = TIDE_CLASSES_MAX;
	const size_t curves[] = {[TIDE_PROBLEM_BINARY] = 1, [TIDE_PROBLEM_MULTICLASS] = classes,
	                         [TIDE_PROBLEM_REGRESSION] = 0};
	const size_t needed[] = {[TIDE_PROBLEM_BINARY] = 1, [TIDE_PROBLEM_MULTICLASS] = classes,
	                         [TIDE_PROBLEM_REGRESSION] = 2};
	for (size_t i = 0; i < 4; i++)
		windows->shapes[i] = (struct tide_label_shape){
		        (enum tide_problem) i,
		        {setup->options.exact_rows, curves[i], i == TIDE_PROBLEM_BINARY,
		         setup->weight_mapped}};
	for (size_t i = 0; i < setup->model_count; i++) {
		enum tide_problem problem = setup->models[i].problem;
		size_t blocks = tide_score_blocks_max(&windows->shapes[problem].score);
		values = needed[problem] > values ? needed[problem] : values;
		windows->bin_blocks = blocks > windows->bin_blocks ? blocks : windows->bin_blocks;
	}
	windows->tail.weight = values;
	windows->tail.kept = values + setup->weight_mapped;
	windows->tail.outcome = windows->tail.kept + setup->measures->kept_count;
	windows->tail.count = windows->tail.outcome + setup->measures->outcome_count;
}

/* Classes that are known beforehand get the first numbers: scores are kept by number. */
static bool
classes_name(struct tide_windows *windows)
{
	const struct tide_window_setup *setup = &windows->setup;
	const struct tide_column_shape *prediction = setup->shape ? &setup->shape->prediction : NULL;
	size_t known = setup->class_count;

	tide_classes_init(&windows->classes);
	if (!known && prediction && prediction->type == TIDE_COLUMN_CATEGORICAL)
		known = prediction->category_count;
	if (!tide_pool_reserve(windows->pool, (known + 2 * setup->model_count) / 8 + 2))
		return false;
	for (size_t i = 0; i < known; i++)
		tide_classes_number(&windows->classes,
		                    setup->class_count ? tide_text_of(setup->classes[i])
		                                       : prediction->categories[i],
		                    &windows->arena);
	for (size_t i = 0; i < setup->model_count; i++) {
		if (setup->models[i].problem != TIDE_PROBLEM_BINARY)
			continue;
		const char *positive = setup->models[i].positive_class;
		tide_classes_number(&windows->classes, tide_text_of(positive ? positive : "1"),
		                    &windows->arena);
		if (!positive)
			tide_classes_number(&windows->classes, TIDE_TEXT("true"), &windows->arena);
	}
	return true;
}

const struct tide_model_options *
tide_window_model(const struct tide_windows *windows, struct tide_text model)
{
	const struct tide_window_setup *setup = &windows->setup;

	for (size_t i = 0; i < setup->model_count; i++)
		if (tide_text_is(model, setup->models[i].pattern))
			return &setup->models[i];
	for (size_t i = 0; i + 1 < setup->model_count; i++)
		if (tide_text_matches(model, setup->models[i].pattern))
			return &setup->models[i];
	return &setup->models[setup->model_count - 1];
}

/* Panes of windows one size apart have the same trigger time where their distances from the end
 * differ by whole windows. */
static size_t
panes_count(const struct tide_window_options *options)
{
	int64_t after_ms[TIDE_EARLY_MAX + 3];
	size_t count = 0, most = 1;

	for (size_t i = 0; i < options->early_count; i++)
		after_ms[count++] = options->early_ms[i];
	after_ms[count++] = options->lateness_ms;
	after_ms[count++] = options->label_horizon_ms;
	after_ms[count++] = options->label_horizon_ms + options->label_lateness_ms;
	for (size_t i = 0; i < count; i++) {
		size_t same = 0;
		for (size_t j = 0; j < count; j++)
			same += (after_ms[i] - after_ms[j]) % options->size_ms == 0;
		most = same > most ? same : most;
	}
	return most;
}

static const struct tide_measures no_measures;

struct tide_windows *
tide_window_new(const struct tide_window_setup *setup, struct tide_pool *pool)
{
	struct tide_windows *windows = tide_pool_table_new(pool, sizeof *windows);

	if (!windows)
		return NULL;
	windows->setup = *setup;
	if (!setup->measures)
		windows->setup.measures = &no_measures;
	windows->pool = pool;
	TIDE_ASSERT(setup->model_count > 0);
	windows->route_count = 1;
	windows->waiting_expiry_ms = INT64_MAX;
	windows->prediction_clock_ms = windows->clock_ms = TIDE_NO_TIME;
	windows->input_left_ms = INT64_MIN;
	windows->panes_max = panes_count(&setup->options);
	tide_pool_arena_init(&windows->arena, pool);
	tide_pool_arena_init(&windows->names, pool);
	tide_pool_arena_init(&windows->out, pool);
	labels_plan(windows);
	tide_pending_init(&windows->pending, pool, windows->tail.count);
	tide_pending_init(&windows->waiting, pool, TAIL_OUTCOME + windows->setup.measures->outcome_count);
	if (classes_name(windows))
		return windows;
	tide_window_free(windows);
	return NULL;
}

/* A row of a curve is its score and, where mapped, its weight. */
static size_t
values_bytes(const struct tide_windows *windows, size_t rows)
{
	return rows * (1 + windows->setup.weight_mapped) * sizeof(double);
}

static void
scratch_free(struct tide_windows *windows)
{
	struct tide_score_scratch *scratch = &windows->scratch;

	tide_pool_table_free(windows->pool, scratch->values,
	                     values_bytes(windows, scratch->rows));
	tide_pool_table_free(windows->pool, scratch->points,
	                     scratch->rows * sizeof *scratch->points);
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
		tide_pool_table_free(pool, window, sizeof *window);
	}
	while (windows->inputs) {
		struct input_window *input = windows->inputs;
		windows->inputs = input->next;
		tide_pool_table_free(pool, input, sizeof *input);
	}
	tide_pool_table_free(pool, windows->spare, sizeof *windows->spare);
	tide_pool_table_free(pool, windows->spare_input, sizeof *windows->spare_input);
	tide_pool_table_free(pool, windows->evidence,
	                     windows->evidence_room * sizeof *windows->evidence);
	tide_pool_table_free(pool, windows->beginnings,
	                     windows->beginning_room * sizeof *windows->beginnings);
	scratch_free(windows);
	tide_pending_fini(&windows->pending);
	tide_pending_fini(&windows->waiting);
	tide_pool_arena_fini(&windows->out);
	tide_pool_arena_fini(&windows->arena);
	tide_window_route_fini(windows);
	tide_pool_table_free(pool, windows, sizeof *windows);
}

/* Room for the curves of the largest pane there is; grows by doubling. */
static bool
scratch_reserve(struct tide_windows *windows)
{
	struct tide_score_scratch *scratch = &windows->scratch;
	size_t needed = windows->labels_max + SCRATCH_SPARE;

	if (needed > windows->setup.options.exact_rows)
		needed = windows->setup.options.exact_rows;
	if (needed < SCRATCH_SPARE)
		needed = SCRATCH_SPARE;
	if (needed <= scratch->rows)
		return true;
	if (needed < 2 * scratch->rows)
		needed = 2 * scratch->rows;
	double *values = tide_pool_table_new(windows->pool, values_bytes(windows, needed));
	struct tide_score_point *points =
	        tide_pool_table_new(windows->pool, needed * sizeof *points);
	if (!values || !points) {
		tide_pool_table_free(windows->pool, values, values_bytes(windows, needed));
		tide_pool_table_free(windows->pool, points, needed * sizeof *points);
		return false;
	}
	scratch_free(windows);
	*scratch = (struct tide_score_scratch){
	        .rows = needed, .values = values, .points = points};
	return true;
}

/* Blocks that the weights of a fold that has met so many classes may take. */
static size_t
weight_blocks(const struct tide_windows *windows, size_t classes)
{
	return windows->setup.weight_mapped ? tide_labelled_weight_blocks(classes) : 0;
}

/* Blocks that one cell may take at once on the prediction side, and for the weights of all classes;
 * a record names four more at most. */
static size_t
cell_blocks(const struct tide_windows *windows)
{
	size_t columns = tide_mapping_column_count(windows->setup.columns) + 1;

	if (columns > TIDE_CELL_COLUMNS_MAX)
		columns = TIDE_CELL_COLUMNS_MAX;
	return tide_cell_blocks_max(columns) +
	       tide_cell_measures_blocks_max(windows->setup.measures) +
	       weight_blocks(windows, windows->classes.count + 4);
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
	       folds * weight_blocks(windows, 2) + windows->blocks_seen_max;
}

/* Blocks that the panes of one trigger time take at most. A cell that is merged takes no more than
 * it took, but for sketches and bins: a sketch takes less than the numbers it replaces, where these
 * were many; bins, which are of whole blocks, are of cells with more than exact_rows labels, and
 * cells of one segment share the labels of the window. A total takes one cell more, and heads of
 * the chunks of all. */
static size_t
close_blocks(const struct tide_windows *windows, size_t cell)
{
	const struct tide_window_setup *setup = &windows->setup;
	size_t merges = windows->panes_max * (windows->has_versions ? 2 : 1);
	size_t exact = setup->options.exact_rows, cells = windows->cells_seen_max;
	size_t labels = windows->labels_max + windows->joined_max;
	size_t sides = setup->segment_count + 1;
	size_t binned = exact && sides * (labels / exact) < cells ? sides * (labels / exact) : cells;
	size_t sketches = 0;

	if (exact > 0 && exact < TIDE_POOL_BLOCK / sizeof(double))
		sketches = 2 * cells * tide_mapping_column_count(setup->columns);
	return merges * (windows->blocks_seen_max * 5 / 4 + cell + cells / 2 + sketches +
	                 binned * windows->bin_blocks);
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
	size_t cell = cell_blocks(windows);

	return tide_window_route_reserve(windows) && tide_pending_reserve(&windows->pending) &&
	       tide_pending_reserve(&windows->waiting) && spares_reserve(windows) &&
	       scratch_reserve(windows) && tide_window_close_reserve(windows) &&
	       tide_pool_reserve(windows->pool,
	                         add_blocks(windows, cell) + close_blocks(windows, cell) + 64);
}

struct window *
tide_window_at(struct tide_windows *windows, int64_t time_ms)
{
	int64_t start_ms = tide_clock_window(&windows->setup.options, time_ms);
	struct window **at = &windows->first;

	while (*at && (*at)->start_ms < start_ms)
		at = &(*at)->next;
	if (*at && (*at)->start_ms == start_ms)
		return *at;
	struct window *window = windows->spare;
	TIDE_ASSERT(window); /* has_room made it */
	windows->spare = NULL;
	windows->due_ms = TIDE_NO_TIME;
	window->start_ms = start_ms;
	window->end_ms = start_ms + windows->setup.options.size_ms;
	tide_pool_arena_init(&window->arena, windows->pool);
	tide_pool_arena_init(&window->columns, windows->pool);
	window->next = *at;
	*at = window;
	return window;
}

struct input_window *
tide_window_input(struct tide_windows *windows, int64_t time_ms)
{
	int64_t start_ms = tide_clock_window(&windows->setup.options, time_ms);
	struct input_window **at = &windows->inputs;

	if (start_ms < windows->input_left_ms)
		start_ms = windows->input_left_ms;
	while (*at && (*at)->start_ms < start_ms)
		at = &(*at)->next;
	if (*at && (*at)->start_ms == start_ms)
		return *at;
	struct input_window *input = windows->spare_input;
	TIDE_ASSERT(input); /* has_room made it */
	windows->spare_input = NULL;
	input->start_ms = start_ms;
	input->end_ms = start_ms + windows->setup.options.size_ms;
	input->next = *at;
	*at = input;
	return input;
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
