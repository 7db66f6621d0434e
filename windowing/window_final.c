#include "windowing/window_private.h"
#include <math.h>

/*
 * What a final pane says of the predictions whose label did not come (SPEC 7.11, 8.3), while it
 * leaves: of which kind they are, and, where absence is a label, SLOT_IMPUTED with them as if they
 * had it. It is folded anew for each such pane: nobody has to remember who they were, and nothing
 * is taken back.
 */

bool
tide_window_final_init(struct tide_windows *windows)
{
	const struct tide_measures *measures = windows->setup.measures;
	const struct tide_event event = {.role = TIDE_LABELS,
	                                 .target = windows->setup.absence->target};
	const struct tide_value *target = &event.target;
	bool number = target->kind == TIDE_VALUE_NUMBER || target->kind == TIDE_VALUE_BOOLEAN;

	if (!windows->setup.absence->is_label)
		return true;
	if (!tide_pool_reserve(windows->pool, 2))
		return false;
	double *outcome = tide_pool_arena_take(&windows->arena,
	                                       (measures->outcome_count + 1) * sizeof *outcome);
	tide_business_keep(measures->outcome, measures->outcome_count, &event, outcome);
	windows->absent = (struct label){.number = number ? target->number : NAN,
	                                 .class = tide_window_join_class(windows, &event),
	                                 .outcome = outcome};
	return true;
}

static void
entry_select(struct tide_windows *windows, struct window *window,
             const struct tide_pending_entry *entry)
{
	const struct route *route = windows->routes[entry->route];
	enum tide_problem problem = route->options->problem;
	bool numbers = problem == TIDE_PROBLEM_REGRESSION;
	bool scores = problem == TIDE_PROBLEM_BINARY && windows->shapes[problem].score.curves;
	bool labelled = entry->flags & TIDE_PENDING_LABELLED;
	double number = numbers ? entry->tail[TAIL_PREDICTION] : scores ? entry->tail[0] : NAN;

	for (int segment = first_segment(windows); segment < (int) windows->setup.segment_count;
	     segment++) {
		struct tide_cell *cell = tide_window_route_cell(windows, window, route, segment);
		if (!cell->selection)
			cell->selection =
			        tide_pool_arena_take(&window->final, sizeof *cell->selection);
		tide_selection_add(cell->selection, &windows->selections[problem], number, labelled);
		if (!numbers)
			cell->selection->classes[labelled][entry->prediction]++;
	}
}

/* Room is asked for as for a label: so many blocks does one take at most. */
bool
tide_window_final(struct tide_windows *windows, struct window *window)
{
	uint32_t next;

	for (uint32_t number = window->entries; number; number = next) {
		struct tide_pending_entry *entry = tide_pending_at(&windows->pending, number);
		next = entry->next;
		if (entry->flags & TIDE_PENDING_INELIGIBLE ||
		    windows->routes[entry->route]->options->problem == TIDE_PROBLEM_NONE)
			continue;
		if (!tide_window_has_room(windows)) {
			tide_window_final_undo(window);
			return false;
		}
		entry_select(windows, window, entry);
		if (windows->setup.absence->is_label && !(entry->flags & TIDE_PENDING_LABELLED))
			tide_window_join_impute(windows, window, entry);
	}
	return true;
}

void
tide_window_final_undo(struct window *window)
{
	struct tide_pool *pool = window->final.pool;

	if (!window->final.blocks)
		return;
	for (size_t i = 0; i < CELL_BUCKETS; i++) {
		for (struct tide_cell *cell = window->cells[i]; cell; cell = cell->next) {
			cell->selection = NULL;
			cell->labels[SLOT_IMPUTED] = NULL;
			cell->delays[SLOT_IMPUTED] = NULL;
			cell->outcomes[SLOT_IMPUTED] = NULL;
		}
	}
	tide_pool_arena_fini(&window->final);
	tide_pool_arena_init(&window->final, pool);
}
