#include "windowing/window_private.h"
#include <math.h>
#include <string.h>

static bool
is_positive(const struct tide_model_options *options, struct tide_text class)
{
	if (options->positive_class)
		return tide_text_is(class, options->positive_class);
	return tide_text_is(class, "1") || tide_text_is(class, "true");
}

struct label {
	int64_t time_ms, watermark_ms;
	double number;  /* NaN: its target is no number */
	uint8_t class;
	const struct route *route; /* its model, if it has one, and its partition */
	const double *outcome;
};

/* The target as the entry's model takes it; false: it cannot. */
static bool
target_put(const struct tide_windows *windows, const struct label *label,
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

static size_t
age_slot(const struct tide_window_options *options, int64_t end_ms, int64_t time_ms)
{
	size_t slot = 0;

	while (slot < options->early_count && time_ms >= end_ms + options->early_ms[slot])
		slot++;
	return slot;
}

/* Folds the entry with the label that it has into a slot, or takes it back from there. */
static void
label_fold(struct tide_windows *windows, struct window *window,
           const struct tide_pending_entry *entry, size_t slot, double delay_s, int sign)
{
	const struct route *route = windows->routes[entry->route];
	const struct tide_label_shape *shape = &windows->shapes[route->options->problem];
	const struct tail *tail = &windows->tail;
	bool numbers = shape->problem == TIDE_PROBLEM_REGRESSION;
	struct tide_row row = {
	        .prediction = numbers ? entry->tail[TAIL_PREDICTION] : entry->prediction,
	        .target = numbers ? entry->tail[TAIL_TARGET] : entry->target,
	        .scores = entry->tail,
	        .score_count = shape->score.curves,
	        .weight = windows->setup.weight_mapped ? entry->tail[tail->weight] : 1,
	        .kept = entry->tail + tail->kept,
	        .outcome = entry->tail + tail->outcome,
	};

	for (int segment = first_segment(windows); segment < (int) windows->setup.segment_count;
	     segment++) {
		struct tide_cell *cell = tide_window_route_cell(windows, window, route, segment);
		struct tide_label_fold **fold = &cell->labels[slot];
		if (!*fold)
			*fold = tide_pool_arena_take(&window->arena, sizeof **fold);
		tide_labelled_add(*fold, shape, &row, sign, &window->arena);
		tide_cell_label(cell, windows->setup.measures, slot, &row, delay_s, sign,
		                &window->arena);
	}
}

/* What becomes of a label at one prediction; TIDE_WAITING: that one does not take it. */
static enum tide_outcome
label_meet(struct tide_windows *windows, struct tide_pending_entry *entry,
           const struct label *label)
{
	const struct tide_window_options *options = &windows->setup.options;
	const struct route *route = windows->routes[entry->route];
	bool numbers = route->options->problem == TIDE_PROBLEM_REGRESSION;
	uint8_t class;
	double number;

	if (route->partition != label->route->partition ||
	    (label->route->model.length && !tide_text_equal(route->model, label->route->model)) ||
	    !target_put(windows, label, route->options, &class, &number))
		return TIDE_WAITING;
	struct window *window = tide_window_at(windows, entry->time_ms);
	int64_t horizon_ms = window->end_ms + options->label_horizon_ms;
	if (label->time_ms >= horizon_ms ||
	    (label->watermark_ms != TIDE_NO_TIME &&
	     horizon_ms + options->label_lateness_ms <= label->watermark_ms) ||
	    entry->time_ms - label->time_ms > options->early_label_ttl_ms)
		return TIDE_WAITING;
	bool corrects = entry->flags & TIDE_PENDING_LABELLED;
	if (corrects) {
		if (numbers ? entry->tail[TAIL_TARGET] == number : entry->target == class)
			return TIDE_DUPLICATE;
		if (options->label_policy == TIDE_LABEL_FIRST)
			return TIDE_CONFLICT;
		label_fold(windows, window, entry, entry->slot, NAN, -1);
	}
	entry->flags |= TIDE_PENDING_LABELLED;
	entry->target = class;
	if (numbers)
		entry->tail[TAIL_TARGET] = number;
	memcpy(entry->tail + windows->tail.outcome, label->outcome,
	       windows->setup.measures->outcome_count * sizeof *label->outcome);
	size_t slot = age_slot(options, window->end_ms, label->time_ms);
	bool apart = corrections_apart(options);
	/* of a corrected label, the delay of the first stands (SPEC 6.3) */
	double delay_s = corrects ? NAN : (double) (label->time_ms - entry->time_ms) / 1000;
	if (apart && !corrects && slot < options->early_count)
		label_fold(windows, window, entry, slot, delay_s, 1);
	entry->slot = (uint8_t) (apart ? SLOT_CORRECTED : slot);
	label_fold(windows, window, entry, entry->slot, delay_s, 1);
	window->labels++;
	return corrects ? TIDE_CORRECTED : TIDE_MATCHED;
}

static struct label
waiting_label(const struct tide_windows *windows, const struct tide_pending_entry *waiting)
{
	struct label label = {.time_ms = waiting->time_ms,
	                      .number = waiting->tail[TAIL_NUMBER],
	                      .class = waiting->target,
	                      .route = windows->routes[waiting->route],
	                      .outcome = waiting->tail + TAIL_OUTCOME};

	memcpy(&label.watermark_ms, &waiting->tail[TAIL_WATERMARK], sizeof label.watermark_ms);
	return label;
}

/* When the prediction clock passes this and lateness, nothing that would take the label can come:
 * as long as it may be early, another model may answer. */
static int64_t
waiting_reach(const struct tide_window_options *options, const struct tide_pending_entry *waiting)
{
	int64_t ttl_ms = options->early_label_ttl_ms;

	return tide_clock_window(options, waiting->time_ms + ttl_ms) + options->size_ms;
}

static void
waiting_expire_by(struct tide_windows *windows, int64_t reach_ms)
{
	if (reach_ms < windows->waiting_expiry_ms)
		windows->waiting_expiry_ms = reach_ms;
}

/* The record that counts the label. It stays open while the label waits for a better outcome; no
 * outcome is better than the first (SPEC 2.2, 2.3). */
static struct input_window *
waiting_input(struct tide_windows *windows, const struct label *label)
{
	return tide_window_input(windows, label->watermark_ms == TIDE_NO_TIME
	                                          ? label->time_ms
	                                          : label->watermark_ms);
}

/* The first outcome in the order of SPEC 2.2 stands. */
static void
waiting_improve(struct tide_windows *windows, struct tide_pending_entry *waiting,
                enum tide_outcome outcome)
{
	struct label label = waiting_label(windows, waiting);

	if (outcome >= waiting->prediction)
		return;
	struct input_window *input = waiting_input(windows, &label);
	input->counts.outcomes[TIDE_LABELS][waiting->prediction]--;
	input->counts.outcomes[TIDE_LABELS][outcome]++;
	input->open -= outcome == TIDE_MATCHED;
	waiting->prediction = (uint8_t) outcome;
	waiting_expire_by(windows, waiting_reach(&windows->setup.options, waiting));
}

/* Its prediction may have come before this group began to read (SPEC 8.6). */
static bool
is_before_start(const struct tide_windows *windows, const struct label *label)
{
	return label->time_ms - windows->setup.options.label_horizon_ms <
	       tide_window_beginning(windows, label->route->partition);
}

static void
waiting_end(struct tide_windows *windows, uint32_t number)
{
	struct tide_pending_entry *waiting = tide_pending_at(&windows->waiting, number);
	struct label label = waiting_label(windows, waiting);

	if (waiting->prediction == TIDE_WAITING)
		waiting_improve(windows, waiting,
		                is_before_start(windows, &label) ? TIDE_BEFORE_START
		                                                 : TIDE_UNMATCHED);
	if (waiting->prediction != TIDE_MATCHED)
		waiting_input(windows, &label)->open--;
	tide_pending_remove(&windows->waiting, number);
}

/* The first waiting label of the key, in the order of reading, that this round has not seen. */
static struct tide_pending_entry *
waiting_next(const struct tide_windows *windows, struct tide_hash key)
{
	struct tide_pending_entry *first = NULL;
	uint32_t at = UINT32_MAX, found;

	while ((found = tide_pending_find(&windows->waiting, key, &at))) {
		struct tide_pending_entry *waiting = tide_pending_at(&windows->waiting, found);
		if (!(waiting->flags & TIDE_PENDING_SEEN) &&
		    (!first || waiting->sequence < first->sequence))
			first = waiting;
	}
	return first;
}

static void
prediction_meet(struct tide_windows *windows, struct tide_pending_entry *entry)
{
	struct tide_pending_entry *waiting;
	uint32_t at = UINT32_MAX, found;

	while ((waiting = waiting_next(windows, entry->key))) {
		struct label label = waiting_label(windows, waiting);
		waiting_improve(windows, waiting, label_meet(windows, entry, &label));
		waiting->flags |= TIDE_PENDING_SEEN;
	}
	while ((found = tide_pending_find(&windows->waiting, entry->key, &at)))
		tide_pending_at(&windows->waiting, found)->flags &= (uint8_t) ~TIDE_PENDING_SEEN;
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

static void
prediction_put(struct tide_windows *windows, const struct tide_event *event,
               const struct tide_model_options *options, struct tide_pending_entry *entry)
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

static void
prediction_fold(struct tide_windows *windows, struct window *window, const struct tide_event *event,
                const struct tide_pending_entry *entry)
{
	const struct tide_window_setup *setup = &windows->setup;
	const struct route *route = windows->routes[entry->route];
	const struct tide_label_shape *shape = &windows->shapes[route->options->problem];

	for (int segment = first_segment(windows); segment < (int) setup->segment_count;
	     segment++) {
		struct tide_cell *cell = tide_window_route_cell(windows, window, route, segment);
		tide_cell_add(cell, setup->shape, setup->options.exact_rows, setup->measures, event,
		              &window->columns);
		tide_cell_scored(cell, shape, (size_t) entry->prediction, entry->tail,
		                 event->weight, &window->columns);
	}
}

/* An earlier prediction of the same (model, version, id) still has its horizon (SPEC 2.1). Takes
 * note of how many predictions a label of that id can meet. */
static bool
prediction_repeats(struct tide_windows *windows, const struct tide_event *event,
                   int64_t watermark_ms)
{
	const struct tide_window_options *options = &windows->setup.options;
	uint32_t at = UINT32_MAX, found;
	size_t joined = 1;

	while ((found = tide_pending_find(&windows->pending, event->key, &at))) {
		const struct tide_pending_entry *earlier = tide_pending_at(&windows->pending, found);
		const struct route *other = windows->routes[earlier->route];
		int64_t end_ms = tide_clock_window(options, earlier->time_ms) + options->size_ms;
		if (other->partition == event->partition &&
		    tide_text_equal(other->model, event->model) &&
		    tide_text_equal(other->version, event->version) &&
		    (watermark_ms == TIDE_NO_TIME ||
		     end_ms + options->label_horizon_ms > watermark_ms))
			return true;
		joined++;
	}
	if (joined > windows->joined_max)
		windows->joined_max = joined;
	return false;
}

/* The last pane of the window has left, and the window with it. */
static bool
window_is_over(const struct tide_windows *windows, int64_t end_ms)
{
	const struct tide_window_options *options = &windows->setup.options;
	int64_t last_ms = options->has_labels
	                          ? options->label_horizon_ms + options->label_lateness_ms
	                          : 0;

	if (last_ms < options->lateness_ms)
		last_ms = options->lateness_ms;
	return windows->clock_ms != TIDE_NO_TIME && end_ms + last_ms <= windows->clock_ms;
}

enum tide_outcome
tide_window_join_prediction(struct tide_windows *windows, const struct tide_event *event,
                            int64_t watermark_ms)
{
	const struct tide_window_options *options = &windows->setup.options;
	int64_t end_ms = tide_clock_window(options, event->time_ms) + options->size_ms;

	if ((watermark_ms != TIDE_NO_TIME && end_ms + options->lateness_ms <= watermark_ms) ||
	    window_is_over(windows, end_ms))
		return TIDE_LATE;
	if (prediction_repeats(windows, event, watermark_ms))
		return TIDE_DUPLICATE;
	uint32_t number = tide_window_route(windows, event);
	const struct route *route = windows->routes[number];
	struct window *window = tide_window_at(windows, event->time_ms);
	uint32_t pending = tide_pending_add(&windows->pending, event->key);
	struct tide_pending_entry *entry = tide_pending_at(&windows->pending, pending);
	entry->time_ms = event->time_ms;
	entry->route = number;
	entry->next = window->entries;
	window->entries = pending;
	prediction_put(windows, event, route->options, entry);
	prediction_fold(windows, window, event, entry);
	prediction_meet(windows, entry);
	return TIDE_ACCEPTED;
}

/* New classes get a number only where a model that could take the label tells them apart. */
static uint8_t
label_class(struct tide_windows *windows, const struct tide_event *event)
{
	char room[TIDE_TEXT_NUMBER_SIZE];
	struct tide_text class = tide_event_value_text(&event->target, room);
	bool many = false;

	if (event->model.length)
		many = tide_plan_model(&windows->setup, event->model)->problem == TIDE_PROBLEM_MULTICLASS;
	for (size_t i = 0; !event->model.length && i < windows->setup.model_count; i++)
		many |= windows->setup.models[i].problem == TIDE_PROBLEM_MULTICLASS;
	return many ? tide_classes_number(&windows->classes, class, &windows->arena)
	            : tide_classes_find(&windows->classes, class);
}

static uint32_t
waiting_add(struct tide_windows *windows, const struct tide_event *event, uint32_t route,
            int64_t watermark_ms)
{
	bool number = event->target.kind == TIDE_VALUE_NUMBER ||
	              event->target.kind == TIDE_VALUE_BOOLEAN;
	uint32_t place = tide_pending_add(&windows->waiting, event->key);
	struct tide_pending_entry *waiting = tide_pending_at(&windows->waiting, place);

	waiting->time_ms = event->time_ms;
	waiting->route = route;
	waiting->sequence = windows->sequence++;
	waiting->prediction = TIDE_WAITING;
	waiting->target = label_class(windows, event);
	waiting->tail[TAIL_NUMBER] = number ? event->target.number : NAN;
	memcpy(&waiting->tail[TAIL_WATERMARK], &watermark_ms, sizeof watermark_ms);
	tide_business_keep(windows->setup.measures->outcome,
	                   windows->setup.measures->outcome_count, event,
	                   waiting->tail + TAIL_OUTCOME);
	return place;
}

enum tide_outcome
tide_window_join_label(struct tide_windows *windows, const struct tide_event *event,
                       int64_t watermark_ms)
{
	const struct tide_window_options *options = &windows->setup.options;
	int64_t last_end_ms = options->size_ms +
	                      tide_clock_window(options,
	                                        event->time_ms + options->early_label_ttl_ms);
	uint32_t at = UINT32_MAX, found;

	if (watermark_ms != TIDE_NO_TIME &&
	    last_end_ms + options->label_horizon_ms + options->label_lateness_ms <= watermark_ms)
		return TIDE_LATE;
	uint32_t number =
	        waiting_add(windows, event, tide_window_route(windows, event), watermark_ms);
	struct tide_pending_entry *waiting = tide_pending_at(&windows->waiting, number);
	struct label label = waiting_label(windows, waiting);
	enum tide_outcome outcome = TIDE_WAITING;
	while ((found = tide_pending_find(&windows->pending, event->key, &at))) {
		enum tide_outcome one =
		        label_meet(windows, tide_pending_at(&windows->pending, found), &label);
		if (one < outcome)
			outcome = one;
	}
	waiting->prediction = (uint8_t) outcome;
	if (outcome != TIDE_MATCHED)
		waiting_input(windows, &label)->open++;
	int64_t reach_ms = waiting_reach(options, waiting);
	if (outcome != TIDE_WAITING &&
	    reach_ms + options->lateness_ms <= windows->prediction_clock_ms)
		waiting_end(windows, number); /* nobody else can come for it */
	else
		waiting_expire_by(windows, reach_ms);
	return outcome;
}

void
tide_window_join_expire(struct tide_windows *windows, int64_t prediction_clock_ms)
{
	const struct tide_window_options *options = &windows->setup.options;

	windows->prediction_clock_ms = prediction_clock_ms;
	if (windows->waiting.count == 0 || prediction_clock_ms == TIDE_NO_TIME ||
	    windows->waiting_expiry_ms > prediction_clock_ms - options->lateness_ms)
		return;
	windows->waiting_expiry_ms = INT64_MAX;
	for (uint32_t number = 0; (number = tide_pending_next(&windows->waiting, number));) {
		int64_t reach_ms =
		        waiting_reach(options, tide_pending_at(&windows->waiting, number));
		if (reach_ms + options->lateness_ms <= prediction_clock_ms)
			waiting_end(windows, number);
		else
			waiting_expire_by(windows, reach_ms);
	}
}
