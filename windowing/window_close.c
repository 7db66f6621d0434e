#include "windowing/window_private.h"

#define NEVER INT64_MAX

/* Up to where what leaves, leaves for good. All queues idle, the clock is at the end and says
 * nothing of time. */
static int64_t
firm_of(const struct tide_windows *windows, const struct tide_window_round *round)
{
	int64_t hold_ms = tide_pane_hold_ms(&windows->setup.options);

	if (round->clock_ms == TIDE_CLOCK_END || round->clock_ms < TIDE_NO_TIME + hold_ms ||
	    round->clock_ms - hold_ms < round->whole_ms)
		return round->whole_ms;
	return round->clock_ms - hold_ms;
}

/* The next pane of a window that these times call for. */
static bool
window_due(const struct tide_window_options *options, const struct window *window,
           int64_t clock_ms, int64_t firm_ms, struct tide_pane *due)
{
	due->trigger_ms = NEVER;
	for (unsigned number = 0; number < TIDE_PANE_INPUT; number++) {
		if (window->left >> number & 1 || !tide_pane_is(options, number))
			continue;
		struct tide_pane pane = tide_pane_of(options, window->start_ms, number);
		bool told = window->told >> number & 1;
		if (pane.trigger_ms <= (told ? firm_ms : clock_ms) &&
		    pane.trigger_ms < due->trigger_ms)
			*due = pane;
	}
	return due->trigger_ms != NEVER;
}

static bool
window_is_done(const struct tide_window_options *options, const struct window *window)
{
	for (unsigned number = 0; number < TIDE_PANE_INPUT; number++)
		if (tide_pane_is(options, number) && !(window->left >> number & 1))
			return false;
	return true;
}

/* When something is due next: panes that were not given at all, and those only told. */
static void
due_plan(struct tide_windows *windows)
{
	const struct tide_window_options *options = &windows->setup.options;

	windows->due_ms = windows->due_firm_ms = NEVER;
	for (const struct window *window = windows->first; window; window = window->next) {
		for (unsigned number = 0; number < TIDE_PANE_INPUT; number++) {
			if (window->left >> number & 1 || !tide_pane_is(options, number))
				continue;
			tide_clock_lower(window->told >> number & 1 ? &windows->due_firm_ms
			                                            : &windows->due_ms,
			                 tide_pane_of(options, window->start_ms, number)
			                         .trigger_ms);
		}
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
	for (at = tide_window_bucket(windows, window->start_ms); *at != window;)
		at = &(*at)->peer;
	*at = window->peer;
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

/* What nobody will ask for any more. Only now, when nobody reads a partial. */
static void
windows_drop(struct tide_windows *windows)
{
	for (struct window **at = &windows->first; *at;) {
		if (window_is_done(&windows->setup.options, *at)) {
			window_drop(windows, at);
			continue;
		}
		if ((*at)->left >> TIDE_PANE_PREDICTION & 1 && (*at)->columns.blocks)
			columns_drop(windows, *at);
		at = &(*at)->next;
	}
}

static void
pane_done(struct tide_windows *windows)
{
	struct closing *closing = &windows->closing;
	struct window *window = closing->window;

	tide_window_final_undo(window);
	if (closing->pane.number == TIDE_PANE_FINAL)
		window->labels_at_final = window->labels;
	if (closing->is_firm)
		window->left |= 1u << closing->pane.number;
	else
		window->told |= 1u << closing->pane.number;
	closing->window = NULL;
	windows->has_said |= closing->is_firm;
	due_plan(windows);
}

/* The pane of the least trigger time that the round calls for. */
static bool
pane_begin(struct tide_windows *windows, const struct tide_window_round *round)
{
	struct tide_pane due, least = {.trigger_ms = NEVER};
	int64_t firm_ms = firm_of(windows, round);

	if (round->clock_ms == TIDE_NO_TIME ||
	    (round->clock_ms < windows->due_ms && firm_ms < windows->due_firm_ms))
		return false;
	for (struct window *window = windows->first; window; window = window->next) {
		if (!window_due(&windows->setup.options, window, round->clock_ms, firm_ms,
		                &due) ||
		    due.trigger_ms >= least.trigger_ms)
			continue;
		least = due;
		windows->closing = (struct closing){
		        .window = window, .pane = due, .is_firm = due.trigger_ms <= firm_ms};
	}
	if (least.trigger_ms == NEVER)
		due_plan(windows);
	return least.trigger_ms != NEVER;
}

/* Early panes lack what may still come; the others say what did not (SPEC 7.11, 8.3). */
static bool
is_last_word(const struct tide_pane *pane)
{
	return pane->side == TIDE_SIDE_LABEL && pane->timing != TIDE_TIMING_EARLY;
}

/* False: there is no room for what the pane is to say. */
static bool
pane_prepare(struct tide_windows *windows)
{
	struct closing *closing = &windows->closing;

	if (!closing->is_ready && is_last_word(&closing->pane) &&
	    !tide_window_final(windows, closing->window)) {
		closing->window = NULL;
		return false;
	}
	return closing->is_ready = true;
}

static bool
has_label_side(const struct tide_windows *windows, const struct tide_cell *cell)
{
	return tide_plan_model(&windows->setup, cell->key.model)->problem != TIDE_PROBLEM_NONE;
}

static bool
is_capped(const struct window *window, const struct tide_cell_key *key)
{
	return (window->ranks[0].limit && tide_text_is(key->model, "__other__")) ||
	       (key->segment >= 0 && window->ranks[key->segment + 1].limit &&
	        tide_text_is(key->value, "__other__"));
}

/* The next cell of the pane that has this side. */
static const struct tide_cell *
cell_next(struct tide_windows *windows)
{
	struct closing *closing = &windows->closing;

	for (;;) {
		const struct tide_cell *cell = closing->cell ? closing->cell->next
		                                             : closing->window->cells[closing->bucket];
		while (cell && closing->pane.side == TIDE_SIDE_LABEL && !has_label_side(windows, cell))
			cell = cell->next;
		closing->cell = cell;
		if (cell || ++closing->bucket == CELL_BUCKETS)
			return cell;
	}
}

static void
partial_of(const struct tide_windows *windows, struct tide_partial *partial)
{
	const struct tide_window_options *options = &windows->setup.options;
	const struct closing *closing = &windows->closing;
	const struct window *window = closing->window;
	bool apart = corrections_apart(options) && closing->pane.timing != TIDE_TIMING_EARLY;

	*partial = (struct tide_partial){.pane = closing->pane,
	                                 .key = closing->cell->key,
	                                 .capped = is_capped(window, &closing->cell->key),
	                                 .changed = window->labels != window->labels_at_final,
	                                 .predictions = closing->cell->predictions,
	                                 .ineligible = closing->cell->ineligible,
	                                 .cell = closing->cell};
	if (closing->pane.timing == TIDE_TIMING_EARLY)
		partial->slots = closing->pane.number - TIDE_PANE_EARLY + 1;
	else
		partial->slots = apart ? SLOT_CORRECTED + 1 : options->early_count + 1;
	partial->slot = apart ? SLOT_CORRECTED : 0;
	if (!is_last_word(&closing->pane) || !windows->setup.absence->is_label)
		return;
	partial->slots = SLOT_IMPUTED + 1;
	if (closing->cell->labels[SLOT_IMPUTED])
		partial->imputed = closing->cell->labels[SLOT_IMPUTED]->labelled;
}

/* The input side: nothing charged to the window is open, and its end has passed (SPEC 2.3). One
 * waits for those before it, so that a single time says which have left. */
static bool
input_next(struct tide_windows *windows, const struct tide_window_round *round,
           struct tide_partial *partial)
{
	struct input_window *input = windows->inputs;

	if (!input || input->open || round->clock_ms == TIDE_NO_TIME ||
	    input->end_ms > round->clock_ms)
		return false;
	windows->input_counts = input->counts;
	*partial = (struct tide_partial){.pane = tide_pane_of(&windows->setup.options,
	                                                      input->start_ms, TIDE_PANE_INPUT),
	                                 .key.segment = -1,
	                                 .counts = &windows->input_counts};
	windows->input_left_ms = input->end_ms;
	windows->inputs = input->next;
	if (windows->input_found == input)
		windows->input_found = NULL;
	tide_pool_table_free(windows->pool, input, sizeof *input);
	return true;
}

enum tide_window_closed
tide_window_close(struct tide_windows *windows, const struct tide_window_round *round,
                  struct tide_partial *partial)
{
	if (!windows->closing.window)
		tide_window_join_expire(windows, round->prediction_ms);
	while (windows->closing.window || pane_begin(windows, round)) {
		if (!pane_prepare(windows))
			return TIDE_CLOSED_NO_ROOM;
		if (cell_next(windows)) {
			partial_of(windows, partial);
			return TIDE_CLOSED_PARTIAL;
		}
		pane_done(windows);
	}
	if (windows->has_said)
		windows_drop(windows);
	windows->has_said = false;
	if (input_next(windows, round, partial))
		return TIDE_CLOSED_PARTIAL;
	int64_t firm_ms = firm_of(windows, round);
	if (firm_ms > windows->clock_ms)
		windows->clock_ms = firm_ms;
	return TIDE_CLOSED_NOTHING;
}

void
tide_window_close_save(const struct tide_windows *windows, const struct tide_partial *partial,
                       struct tide_buffer *buffer)
{
	const struct tide_window_setup *setup = &windows->setup;
	const struct tide_cell_words words = {
	        .shape = setup->shape,
	        .columns = setup->columns,
	        .classes = (struct tide_classes *) (uintptr_t) &windows->classes, /* only read */
	        .measures = setup->measures,
	        .shapes = windows->shapes,
	        .exact_rows = setup->options.exact_rows};

	tide_partial_save(partial, tide_plan_model(setup, partial->key.model)->problem, &words,
	                  buffer);
}

int64_t
tide_window_close_oldest(const struct tide_windows *windows)
{
	int64_t oldest_ms = windows->first ? windows->first->start_ms : INT64_MAX;

	if (windows->inputs && windows->inputs->start_ms < oldest_ms)
		oldest_ms = windows->inputs->start_ms;
	return oldest_ms;
}

int64_t
tide_window_close_input(const struct tide_windows *windows, int64_t clock_ms)
{
	int64_t start_ms = clock_ms; /* without a clock nothing is known of what may still come */

	if (clock_ms != TIDE_NO_TIME && clock_ms != TIDE_CLOCK_END)
		start_ms = tide_clock_window(&windows->setup.options, clock_ms);
	if (windows->inputs)
		tide_clock_lower(&start_ms, windows->inputs->start_ms);
	return start_ms;
}

void
tide_window_close_counts(const struct tide_windows *windows, struct tide_input_counts *counts)
{
	for (const struct input_window *input = windows->inputs; input; input = input->next)
		for (size_t i = 0; i < 2 * TIDE_OUTCOMES; i++)
			counts->outcomes[i / TIDE_OUTCOMES][i % TIDE_OUTCOMES] +=
			        input->counts.outcomes[i / TIDE_OUTCOMES][i % TIDE_OUTCOMES];
}
