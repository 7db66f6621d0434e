#include "windowing/window_private.h"

/*
 * Absence as a label (SPEC 8.3). While a pane leaves that has them, the predictions that could have
 * a label and have none stand in SLOT_IMPUTED, as if it were the one that the config says. They are
 * folded anew each time: nobody has to remember who they were, and nothing is taken back.
 */

bool
tide_window_impute_init(struct tide_windows *windows)
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

/* Room is asked for as for a label: so many blocks does one take at most. */
bool
tide_window_impute(struct tide_windows *windows, struct window *window)
{
	const unsigned closed = TIDE_PENDING_LABELLED | TIDE_PENDING_INELIGIBLE;
	uint32_t next;

	for (uint32_t number = window->entries; number; number = next) {
		struct tide_pending_entry *entry = tide_pending_at(&windows->pending, number);
		next = entry->next;
		if (entry->flags & closed)
			continue;
		if (!tide_window_has_room(windows)) {
			tide_window_impute_undo(window);
			return false;
		}
		tide_window_join_impute(windows, window, entry);
	}
	return true;
}

void
tide_window_impute_undo(struct window *window)
{
	struct tide_pool *pool = window->imputed.pool;

	if (!window->imputed.blocks)
		return;
	for (size_t i = 0; i < CELL_BUCKETS; i++) {
		for (struct tide_cell *cell = window->cells[i]; cell; cell = cell->next) {
			cell->labels[SLOT_IMPUTED] = NULL;
			cell->delays[SLOT_IMPUTED] = NULL;
			cell->outcomes[SLOT_IMPUTED] = NULL;
		}
	}
	tide_pool_arena_fini(&window->imputed);
	tide_pool_arena_init(&window->imputed, pool);
}
