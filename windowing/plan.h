#ifndef TIDE_WINDOWING_PLAN_H
#define TIDE_WINDOWING_PLAN_H
#include "windowing/window.h"
/* What follows from a setup, for those who fold (window.h) and those who merge (panes.h). */

/** The setup with what it left open. */
struct tide_window_setup tide_plan_setup(const struct tide_window_setup *setup);
const struct tide_model_options *tide_plan_model(const struct tide_window_setup *setup,
                                                 struct tide_text model);
void tide_plan_shapes(const struct tide_window_setup *setup, struct tide_label_shape shapes[4]);
/** Where scores, and what a regression predicts, are cut to see whose labels come (SPEC 7.11): at
 *  the deciles of the reference, without one scores at tenths; the edges of the setup's shape. */
void tide_plan_selections(const struct tide_window_setup *setup,
                          struct tide_selection_edges selections[4]);
/** Numbers those classes that are known beforehand, always in the same order: scores are kept by
 *  number. False: no memory. */
bool tide_plan_classes(const struct tide_window_setup *setup, struct tide_classes *classes,
                       struct tide_arena *arena) TIDE_MUSTCHECK;
/** What ranks of names decide who is kept beyond a cap: the least (SPEC 3.6). 0: always. */
uint64_t tide_plan_model_rank(const struct tide_window_setup *setup, struct tide_text model);
uint64_t tide_plan_value_rank(const struct tide_window_setup *setup, size_t segment,
                              struct tide_text value);
/** Puts `__other__` in the place of a model (dimension 0), or of a value of segment
 *  dimension - 1. */
void tide_plan_cap(struct tide_cell_key *key, size_t dimension);
/** With one segment every prediction is in a cell of it, and the total is their merge: it is made
 *  when a pane is, and no record is folded twice. The first segment into which records are folded:
 *  -1 is the total. */
static inline int
tide_plan_first_segment(const struct tide_window_setup *setup)
{
	return setup->segment_count == 1 ? 0 : -1;
}
/** Blocks that the weights of a fold that has met so many classes may take. */
size_t tide_plan_weight_blocks(const struct tide_window_setup *setup, size_t classes);
/** Blocks that one cell may take at once on the prediction side, and for the weights of all
 *  classes; a record names four more at most. */
size_t tide_plan_cell_blocks(const struct tide_window_setup *setup, size_t classes);
#endif
