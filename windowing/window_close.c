#include "windowing/window_private.h"
#include <stdlib.h>
#include <string.h>

/* What a window has to say next, and when. */
struct due {
	int64_t trigger_ms;
	enum tide_side side;
	enum tide_timing timing;
	size_t slot, slots; /* label side: the slots from, and before, which it merges */
	int64_t age_ms;
};

static bool
window_due(const struct tide_window_options *options, const struct window *window, struct due *due)
{
	bool found = false;

	*due = (struct due){.trigger_ms = INT64_MAX, .age_ms = -1};
	if (options->has_predictions && !window->prediction_out) {
		due->trigger_ms = window->end_ms + options->lateness_ms;
		due->timing = TIDE_TIMING_FINAL;
		found = true;
	}
	if (!options->has_labels)
		return found;
	bool apart = corrections_apart(options);
	struct due label = {.side = TIDE_SIDE_LABEL,
	                    .slot = apart ? SLOT_CORRECTED : 0,
	                    .slots = apart ? SLOT_CORRECTED + 1 : options->early_count + 1,
	                    .age_ms = -1,
	                    .timing = TIDE_TIMING_FINAL};
	if (window->early_out < options->early_count) {
		label.timing = TIDE_TIMING_EARLY;
		label.age_ms = options->early_ms[window->early_out];
		label.slot = 0;
		label.slots = window->early_out + 1;
		label.trigger_ms = window->end_ms + label.age_ms;
	} else if (!window->final_out) {
		label.trigger_ms = window->end_ms + options->label_horizon_ms;
	} else if (!window->revised_out) {
		label.timing = TIDE_TIMING_REVISED;
		label.trigger_ms =
		        window->end_ms + options->label_horizon_ms + options->label_lateness_ms;
	} else {
		return found;
	}
	if (!found || label.trigger_ms < due->trigger_ms)
		*due = label;
	return true;
}

/* Room for the panes of one trigger time and the record of an input, by doubling. */
bool
tide_window_close_reserve(struct tide_windows *windows)
{
	size_t cells = windows->cells_seen_max + 2 * (windows->setup.segment_count + 1);
	size_t room = windows->evidence_room ? windows->evidence_room : 64;

	/* a cell goes into that of its version and that of all, and into the total of each */
	while (room < windows->panes_max * 4 * cells + 1)
		room *= 2;
	if (room == windows->evidence_room)
		return true;
	struct tide_evidence *evidence = tide_pool_table_new(windows->pool, room * sizeof *evidence);
	if (!evidence)
		return false;
	if (windows->evidence_count)
		memcpy(evidence, windows->evidence, windows->evidence_count * sizeof *evidence);
	tide_pool_table_free(windows->pool, windows->evidence,
	                     windows->evidence_room * sizeof *evidence);
	windows->evidence = evidence;
	windows->evidence_room = room;
	return true;
}

static struct tide_evidence *
evidence_new(struct tide_windows *windows)
{
	TIDE_ASSERT(windows->evidence_count < windows->evidence_room);
	return &windows->evidence[windows->evidence_count++];
}

static bool
is_capped(const struct window *window, const struct tide_cell_key *key)
{
	return (window->ranks[0].limit && tide_text_is(key->model, "__other__")) ||
	       (key->segment >= 0 && window->ranks[key->segment + 1].limit &&
	        tide_text_is(key->value, "__other__"));
}

static struct tide_cell *
merged_cell(struct tide_windows *windows, size_t first, const struct window *window,
            const struct due *due, const struct tide_cell_key *key)
{
	for (size_t i = first; i < windows->evidence_count; i++)
		if (tide_cell_key_compare(&windows->evidence[i].key, key) == 0)
			return (struct tide_cell *) (uintptr_t) windows->evidence[i].cell;
	struct tide_cell *cell = tide_pool_arena_take(&windows->out, sizeof *cell);
	enum tide_problem problem = tide_window_model(windows, key->model)->problem;
	cell->key = *key;
	*evidence_new(windows) = (struct tide_evidence){
	        .start_ms = window->start_ms,
	        .end_ms = window->end_ms,
	        .trigger_ms = due->trigger_ms,
	        .age_ms = due->age_ms,
	        .side = due->side,
	        .timing = due->timing,
	        .complete = true,
	        .capped = is_capped(window, key),
	        .problem = problem,
	        .key = *key,
	        .cell = cell,
	        .label_shape = &windows->shapes[problem],
	        .classes = &windows->classes,
	        .scratch = &windows->scratch,
	        .columns = windows->setup.columns,
	        .shape = windows->setup.shape,
	        .measures = windows->setup.measures,
	};
	return cell;
}

static void
cell_merge(struct tide_windows *windows, struct tide_cell *to, const struct tide_cell *from,
           const struct due *due)
{
	if (due->side == TIDE_SIDE_PREDICTION) {
		tide_cell_merge_predictions(to, from, windows->setup.measures, &windows->out);
		return;
	}
	const struct tide_label_shape *shape =
	        &windows->shapes[tide_window_model(windows, from->key.model)->problem];
	to->predictions += from->predictions;
	if (!to->labels[0])
		to->labels[0] = tide_pool_arena_take(&windows->out, sizeof *to->labels[0]);
	for (size_t slot = due->slot; slot < due->slots; slot++) {
		if (from->labels[slot])
			tide_labelled_merge(to->labels[0], from->labels[slot], shape,
			                    &windows->out);
		tide_cell_merge_slot(to, 0, from, slot, windows->setup.measures, &windows->out);
	}
}

static bool
has_label_side(const struct tide_windows *windows, const struct tide_cell *cell)
{
	return tide_window_model(windows, cell->key.model)->problem != TIDE_PROBLEM_NONE;
}

/* Merges a cell into that of the key, and where no record was folded into totals into these. */
static void
cell_gather(struct tide_windows *windows, size_t first, const struct window *window,
            const struct due *due, struct tide_cell_key key, const struct tide_cell *cell)
{
	cell_merge(windows, merged_cell(windows, first, window, due, &key), cell, due);
	if (first_segment(windows) < 0)
		return;
	key.segment = -1;
	key.value_null = false;
	key.value = (struct tide_text){NULL, 0};
	cell_merge(windows, merged_cell(windows, first, window, due, &key), cell, due);
}

/* All versions together, and each where there is more than one in this window (SPEC 4.3). */
static void
pane_gather(struct tide_windows *windows, const struct window *window, const struct due *due)
{
	size_t first = windows->evidence_count;

	for (size_t i = 0; i < CELL_BUCKETS; i++) {
		for (const struct tide_cell *cell = window->cells[i]; cell; cell = cell->next) {
			struct tide_cell_key key = cell->key;
			if (due->side == TIDE_SIDE_LABEL && !has_label_side(windows, cell))
				continue;
			if (key.version.length && tide_window_route_versions(window, &cell->key))
				cell_gather(windows, first, window, due, key, cell);
			key.version = (struct tide_text){"", 0};
			cell_gather(windows, first, window, due, key, cell);
		}
	}
	for (size_t i = first; i < windows->evidence_count; i++) {
		struct tide_evidence *evidence = &windows->evidence[i];
		evidence->predictions = evidence->cell->predictions;
		if (due->side == TIDE_SIDE_LABEL) {
			evidence->labels = evidence->cell->labels[0];
			evidence->labelled = evidence->labels->labelled;
		}
	}
}

static void
due_done(const struct tide_windows *windows, struct window *window, const struct due *due)
{
	if (due->side == TIDE_SIDE_PREDICTION) {
		window->prediction_out = true;
	} else if (due->timing == TIDE_TIMING_EARLY) {
		window->early_out++;
	} else if (due->timing == TIDE_TIMING_FINAL) {
		window->final_out = true;
		window->labels_at_final = window->labels;
		window->revised_out = windows->setup.options.label_lateness_ms == 0;
	} else {
		window->revised_out = true;
	}
}

static void
window_drop(struct tide_windows *windows, struct window **at)
{
	struct window *window = *at;
	uint32_t next;

	for (uint32_t number = window->entries; number; number = next) {
		next = tide_pending_at(&windows->pending, number)->next;
		tide_pending_remove(&windows->pending, number);
	}
	*at = window->next;
	tide_pool_arena_fini(&window->arena);
	tide_pool_arena_fini(&window->columns);
	tide_pool_table_free(windows->pool, window, sizeof *window);
}

/* The columns of a window whose prediction side has left; its labels may have long to come. */
static void
columns_drop(struct tide_windows *windows, struct window *window)
{
	for (size_t i = 0; i < CELL_BUCKETS; i++)
		for (struct tide_cell *cell = window->cells[i]; cell; cell = cell->next)
			tide_cell_forget_predictions(cell);
	tide_pool_arena_fini(&window->columns);
	tide_pool_arena_init(&window->columns, windows->pool);
}

/* Windows that have said everything. Their memory goes only now, when nobody reads a pane. */
static void
windows_drop(struct tide_windows *windows)
{
	struct due due;

	if (!windows->has_said)
		return;
	windows->has_said = false;
	for (struct window **at = &windows->first; *at;) {
		if ((*at)->prediction_out && (*at)->columns.blocks)
			columns_drop(windows, *at);
		if (window_due(&windows->setup.options, *at, &due))
			at = &(*at)->next;
		else
			window_drop(windows, at);
	}
}

static int
evidence_order(const void *a, const void *b)
{
	const struct tide_evidence *x = a, *y = b;
	int order = tide_cell_key_compare(&x->key, &y->key);

	if (order == 0)
		order = (int) x->side - (int) y->side;
	return order ? order : (x->start_ms > y->start_ms) - (x->start_ms < y->start_ms);
}

/* All panes of the least trigger time that the clock has reached. */
static bool
panes_gather(struct tide_windows *windows, int64_t clock_ms)
{
	const struct tide_window_options *options = &windows->setup.options;
	int64_t trigger_ms = INT64_MAX;
	struct due due;

	if (clock_ms == TIDE_NO_TIME || clock_ms < windows->due_ms)
		return false;
	for (struct window *window = windows->first; window; window = window->next)
		if (window_due(options, window, &due) && due.trigger_ms < trigger_ms)
			trigger_ms = due.trigger_ms;
	windows->due_ms = trigger_ms;
	if (trigger_ms > clock_ms || trigger_ms == INT64_MAX)
		return false;
	windows->has_said = true;
	for (struct window *window = windows->first; window; window = window->next) {
		while (window_due(options, window, &due) && due.trigger_ms == trigger_ms) {
			if (due.timing != TIDE_TIMING_REVISED ||
			    window->labels != window->labels_at_final)
				pane_gather(windows, window, &due);
			due_done(windows, window, &due);
		}
	}
	if (windows->evidence_count)
		qsort(windows->evidence, windows->evidence_count, sizeof *windows->evidence,
		      evidence_order);
	return true;
}

/* The input side: nothing charged to the window is open, and its end has passed (SPEC 2.3). One
 * waits for those before it, so that a single time says which have left. */
static bool
input_gather(struct tide_windows *windows, int64_t clock_ms)
{
	struct input_window *input = windows->inputs;

	if (!input || input->open || clock_ms == TIDE_NO_TIME || input->end_ms > clock_ms)
		return false;
	struct tide_input_counts *counts = tide_pool_arena_take(&windows->out, sizeof *counts);
	*counts = input->counts;
	*evidence_new(windows) = (struct tide_evidence){.start_ms = input->start_ms,
	                                                .end_ms = input->end_ms,
	                                                .trigger_ms = input->end_ms,
	                                                .age_ms = -1,
	                                                .side = TIDE_SIDE_INPUT,
	                                                .timing = TIDE_TIMING_FINAL,
	                                                .complete = true,
	                                                .key.segment = -1,
	                                                .counts = counts,
	                                                .columns = windows->setup.columns,
	                                                .shape = windows->setup.shape};
	windows->input_left_ms = input->end_ms;
	windows->inputs = input->next;
	tide_pool_table_free(windows->pool, input, sizeof *input);
	return true;
}

bool
tide_window_close(struct tide_windows *windows, int64_t clock_ms, int64_t prediction_clock_ms,
                  struct tide_evidence *evidence)
{
	while (windows->evidence_at == windows->evidence_count) {
		windows->evidence_at = windows->evidence_count = 0;
		tide_pool_arena_fini(&windows->out);
		tide_window_join_expire(windows, prediction_clock_ms);
		windows_drop(windows);
		if (!panes_gather(windows, clock_ms) && !input_gather(windows, clock_ms)) {
			windows_drop(windows);
			if (clock_ms > windows->clock_ms)
				windows->clock_ms = clock_ms;
			return false;
		}
	}
	windows->scratch.of = NULL; /* what it holds may be of memory that is gone */
	*evidence = windows->evidence[windows->evidence_at++];
	return true;
}

int64_t
tide_window_close_oldest(const struct tide_windows *windows)
{
	int64_t oldest_ms = windows->first ? windows->first->start_ms : INT64_MAX;

	if (windows->inputs && windows->inputs->start_ms < oldest_ms)
		oldest_ms = windows->inputs->start_ms;
	return oldest_ms;
}

void
tide_window_close_counts(const struct tide_windows *windows, struct tide_input_counts *counts)
{
	for (const struct input_window *input = windows->inputs; input; input = input->next)
		for (size_t i = 0; i < 2 * TIDE_OUTCOMES; i++)
			counts->outcomes[i / TIDE_OUTCOMES][i % TIDE_OUTCOMES] +=
			        input->counts.outcomes[i / TIDE_OUTCOMES][i % TIDE_OUTCOMES];
}
