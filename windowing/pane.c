#include "windowing/pane.h"

bool
tide_pane_is(const struct tide_window_options *options, unsigned number)
{
	if (number == TIDE_PANE_PREDICTION)
		return options->has_predictions;
	if (number < TIDE_PANE_FINAL)
		return options->has_labels && number - TIDE_PANE_EARLY < options->early_count;
	if (number == TIDE_PANE_REVISED)
		return options->has_labels && options->label_lateness_ms > 0;
	return number == TIDE_PANE_INPUT || options->has_labels;
}

struct tide_pane
tide_pane_of(const struct tide_window_options *options, int64_t start_ms, unsigned number)
{
	int64_t end_ms = start_ms + options->size_ms;
	struct tide_pane pane = {.start_ms = start_ms,
	                         .end_ms = end_ms,
	                         .age_ms = -1,
	                         .side = TIDE_SIDE_LABEL,
	                         .timing = TIDE_TIMING_FINAL,
	                         .number = number};

	if (number == TIDE_PANE_PREDICTION) {
		pane.side = TIDE_SIDE_PREDICTION;
		pane.trigger_ms = end_ms + options->lateness_ms;
	} else if (number == TIDE_PANE_INPUT) {
		pane.side = TIDE_SIDE_INPUT;
		pane.trigger_ms = end_ms;
	} else if (number < TIDE_PANE_FINAL) {
		pane.timing = TIDE_TIMING_EARLY;
		pane.age_ms = options->early_ms[number - TIDE_PANE_EARLY];
		pane.trigger_ms = end_ms + pane.age_ms;
	} else {
		pane.trigger_ms = end_ms + options->label_horizon_ms;
		if (number == TIDE_PANE_REVISED) {
			pane.timing = TIDE_TIMING_REVISED;
			pane.trigger_ms += options->label_lateness_ms;
		}
	}
	return pane;
}

uint64_t
tide_pane_revision(const struct tide_window_options *options, const struct tide_pane *pane)
{
	if (pane->side != TIDE_SIDE_LABEL)
		return 0;
	if (pane->timing == TIDE_TIMING_EARLY)
		return pane->number - TIDE_PANE_EARLY;
	return options->early_count + (pane->number == TIDE_PANE_REVISED);
}

int64_t
tide_pane_hold_ms(const struct tide_window_options *options)
{
	return options->size_ms + options->lateness_ms + options->label_horizon_ms +
	       options->label_lateness_ms;
}
