#include "windowing/window_private.h"
#include <math.h>
#include <string.h>

/* What a prediction, and then its label, leaves in a pending entry. */

static bool
is_positive(const struct tide_model_options *options, struct tide_text class)
{
	if (options->positive_class)
		return tide_text_is(class, options->positive_class);
	return tide_text_is(class, "1") || tide_text_is(class, "true");
}

bool
tide_window_entry_target(const struct tide_windows *windows, const struct label *label,
                         const struct tide_model_options *options, uint8_t *class, double *number)
{
	*class = label->class;
	*number = label->number;
	switch (options->problem) {
	case TIDE_PROBLEM_NONE:
		return false;
	case TIDE_PROBLEM_REGRESSION:
		return !isnan(*number);
	case TIDE_PROBLEM_BINARY:
		*class = label->class != TIDE_CLASS_OTHER &&
		         is_positive(options, tide_classes_name(&windows->classes, label->class));
		return true;
	case TIDE_PROBLEM_MULTICLASS:
		break;
	}
	return true;
}

void
tide_window_entry_label(const struct tide_windows *windows, const struct label *label,
                        uint8_t class, double number, struct tide_pending_entry *entry)
{
	entry->target = class;
	if (windows->routes[entry->route]->options->problem == TIDE_PROBLEM_REGRESSION)
		entry->tail[TAIL_TARGET] = number;
	memcpy(entry->tail + windows->tail.outcome, label->outcome,
	       windows->setup.measures->outcome_count * sizeof *label->outcome);
}

/* The most probable class; of several the first by name. */
static uint8_t
class_best(const struct tide_windows *windows, const double *scores)
{
	size_t best = TIDE_CLASS_OTHER;

	for (size_t i = 0; i < windows->shapes[TIDE_PROBLEM_MULTICLASS].score.curves; i++) {
		if (isnan(scores[i]) || (best != TIDE_CLASS_OTHER && scores[i] < scores[best]))
			continue;
		if (best == TIDE_CLASS_OTHER || scores[i] > scores[best] ||
		    tide_text_compare(windows->classes.labels[i], windows->classes.labels[best]) < 0)
			best = i;
	}
	return (uint8_t) best;
}

static void
scores_put(struct tide_windows *windows, const struct tide_event *event,
           const struct tide_model_options *options, double *scores)
{
	size_t curves = windows->shapes[options->problem].score.curves;

	for (size_t i = 0; i < curves; i++)
		scores[i] = NAN;
	if (options->problem == TIDE_PROBLEM_BINARY && event->score.kind == TIDE_VALUE_NUMBER)
		scores[0] = event->score.number;
	for (size_t i = 0; curves && i < event->score_count; i++) {
		if (options->problem == TIDE_PROBLEM_BINARY) {
			if (is_positive(options, event->classes[i]))
				scores[0] = event->scores[i];
			continue;
		}
		size_t class = tide_classes_number(&windows->classes, event->classes[i],
		                                   &windows->arena);
		if (class < curves)
			scores[class] = event->scores[i];
	}
}

void
tide_window_entry_prediction(struct tide_windows *windows, const struct tide_event *event,
                             const struct tide_model_options *options,
                             struct tide_pending_entry *entry)
{
	char room[TIDE_TEXT_NUMBER_SIZE];
	struct tide_text class = tide_event_value_text(&event->prediction, room);
	bool mapped = windows->setup.prediction_mapped;

	scores_put(windows, event, options, entry->tail);
	if (options->problem == TIDE_PROBLEM_REGRESSION)
		entry->tail[TAIL_PREDICTION] = event->prediction.number;
	else if (options->problem == TIDE_PROBLEM_BINARY)
		entry->prediction = mapped ? is_positive(options, class)
		                           : entry->tail[0] >= options->decision_threshold;
	else if (options->problem == TIDE_PROBLEM_MULTICLASS)
		entry->prediction = mapped ? tide_classes_number(&windows->classes, class,
		                                                 &windows->arena)
		                           : class_best(windows, entry->tail);
	if (windows->setup.weight_mapped)
		entry->tail[windows->tail.weight] = event->weight;
	tide_business_keep(windows->setup.measures->kept, windows->setup.measures->kept_count,
	                   event, entry->tail + windows->tail.kept);
}
