#include "app/gate.h"
#include "detectors/detector.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What MLflow calls by one name is an average of classes where there are more than two. */
static const struct {
	const char *metric, *average;
} averages[] = {{"precision_score", "precision_weighted"},
                {"recall_score", "recall_weighted"},
                {"f1_score", "f1_weighted"},
                {"roc_auc", "roc_auc_ovr_weighted"}};

struct wanted {
	struct tide_text metric, column;
};

/* `missing[age]` is the metric of a column; a measure's name is its column (SPEC 5.8). */
static struct wanted
wanted_of(const struct tide_threshold *threshold, const struct tide_gate_value *value)
{
	struct wanted wanted = {tide_text_of(threshold->metric), {NULL, 0}};
	const char *bracket = strchr(threshold->metric, '[');
	char name[64];

	if (bracket) {
		wanted.column = (struct tide_text){bracket + 1, strlen(bracket) - 2};
		wanted.metric.length = (size_t) (bracket - threshold->metric);
	}
	if (wanted.metric.length >= sizeof name)
		return wanted;
	memcpy(name, threshold->metric, wanted.metric.length);
	name[wanted.metric.length] = 0;
	const struct tide_detector *detector = tide_detector_find(name);
	if (!detector)
		return (struct wanted){value->metric, wanted.metric};
	wanted.metric = tide_text_of(detector->name);
	for (size_t i = 0; value->multiclass && !bracket && i < sizeof averages / sizeof *averages; i++)
		if (tide_text_is(wanted.metric, averages[i].metric))
			wanted.metric = tide_text_of(averages[i].average);
	return wanted;
}

static bool
is_wanted(const struct tide_threshold *threshold, const struct tide_gate_value *value)
{
	struct wanted wanted = wanted_of(threshold, value);

	return tide_text_equal(wanted.metric, value->metric) &&
	       tide_text_equal(wanted.column, value->column);
}

/* Copies the texts of a value into one block. */
static bool
value_keep(struct tide_gate_value *value)
{
	struct tide_text *texts[] = {&value->model, &value->version, &value->metric, &value->column,
	                             &value->reason};
	size_t size = 1;
	char *at;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		size += texts[i]->length;
	at = value->block = malloc(size);
	for (size_t i = 0; at && i < sizeof texts / sizeof *texts; i++) {
		if (texts[i]->length)
			memcpy(at, texts[i]->bytes, texts[i]->length);
		texts[i]->bytes = at;
		at += texts[i]->length;
	}
	return at;
}

static int
place_compare(const struct tide_gate_value *a, const struct tide_gate_value *b)
{
	int order = tide_text_compare(a->model, b->model);

	if (!order)
		order = (a->start_ms > b->start_ms) - (a->start_ms < b->start_ms);
	return order ? order : tide_text_compare(a->version, b->version);
}

void
tide_gate_add(struct tide_gate *gate, const struct tide_gate_value *value)
{
	bool wanted = false;

	for (size_t i = 0; i < gate->threshold_count && !wanted; i++)
		wanted = is_wanted(&gate->thresholds[i], value);
	if (!wanted || gate->failed)
		return;
	if (gate->value_count == gate->value_room) {
		size_t room = gate->value_room ? 2 * gate->value_room : 64;
		void *values = realloc(gate->values, room * sizeof *gate->values);
		if (!values) {
			gate->failed = true;
			return;
		}
		gate->values = values;
		gate->value_room = room;
	}
	struct tide_gate_value *kept = &gate->values[gate->value_count];
	*kept = *value;
	kept->order = gate->value_count;
	gate->failed = !value_keep(kept);
	gate->value_count += !gate->failed;
}

static struct tide_text
json_text(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return (struct tide_text){json_string_value(value), json_string_length(value)};
}

static double
json_double(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

static void
findings_take(struct tide_gate *gate, const json_t *record)
{
	const json_t *finding;
	size_t i;
	const json_t *findings = json_object_get(record, "findings");

	json_array_foreach(findings, i, finding) {
		bool good = tide_text_is(json_text(finding, "status"), "OK");
		const struct tide_gate_value value = {
		        .model = json_text(record, "model"),
		        .version = json_text(record, "model_version"),
		        .start_ms = json_integer_value(json_object_get(record, "window_start")),
		        .end_ms = json_integer_value(json_object_get(record, "window_end")),
		        .metric = json_text(finding, "metric"),
		        .column = json_text(finding, "column"),
		        .value = good ? json_double(finding, "value") : NAN,
		        .reference = json_double(finding, "reference"),
		        .lower = json_double(finding, "lower"),
		        .upper = json_double(finding, "upper"),
		        .n = json_double(finding, "n"),
		        .reason = json_text(finding, "reason"),
		        .multiclass = json_object_get(json_object_get(record, "confusion"),
		                                      "classes") != NULL};
		tide_gate_add(gate, &value);
	}
}

bool
tide_gate_record(struct tide_gate *gate, struct tide_text json)
{
	json_t *record = json_loadb(json.bytes, json.length, 0, NULL);
	bool good = json_is_object(record);

	if (good && json_object_size(json_object_get(record, "segment")) == 0 &&
	    json_is_true(json_object_get(record, "is_final")))
		findings_take(gate, record);
	json_decref(record);
	return good;
}

/* The last value of a place that a threshold asks for; values are in order. */
static const struct tide_gate_value *
value_find(const struct tide_gate *gate, const struct tide_threshold *threshold,
           const struct tide_gate_value *place)
{
	const struct tide_gate_value *found = NULL;
	size_t low = 0, high = gate->value_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (place_compare(&gate->values[middle], place) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < gate->value_count && !place_compare(&gate->values[low], place); low++)
		if (is_wanted(threshold, &gate->values[low]))
			found = &gate->values[low];
	return found;
}

static void
place_check(struct tide_gate *gate, const struct tide_gate_options *options,
            const struct tide_gate_value *place)
{
	bool other = options->baseline_model || options->baseline_version;
	struct tide_gate_value of = *place, against = *place;

	of.version = tide_text_of(options->version);
	against.version = tide_text_of(options->baseline_version);
	if (options->baseline_model)
		against.model = tide_text_of(options->baseline_model);
	for (size_t i = 0; i < gate->threshold_count; i++) {
		const struct tide_threshold *threshold = &gate->thresholds[i];
		const struct tide_gate_value *value = value_find(gate, threshold, &of);
		const struct tide_gate_value *baseline =
		        other ? value_find(gate, threshold, &against) : NULL;
		struct tide_gate_check check = {.threshold = threshold,
		                                .value = value,
		                                .model = place->model,
		                                .start_ms = place->start_ms,
		                                .end_ms = place->end_ms,
		                                .baseline = baseline        ? baseline->value
		                                            : !other && value ? value->reference
		                                                              : NAN};
		check.failures = tide_threshold_judge(threshold, value ? value->value : NAN,
		                                      check.baseline);
		gate->failed_count += check.failures != 0;
		gate->checks[gate->check_count++] = check;
	}
}

static int
by_place(const void *a, const void *b)
{
	size_t first = ((const struct tide_gate_value *) a)->order;
	size_t second = ((const struct tide_gate_value *) b)->order;
	int order = place_compare(a, b);

	return order ? order : (first > second) - (first < second);
}

/* The model that others are held against is no candidate, unless it is named as one. */
static bool
is_candidate(const struct tide_gate_options *options, const struct tide_gate_value *place)
{
	return options->model ? tide_text_is(place->model, options->model)
	                      : !options->baseline_model ||
	                                !tide_text_is(place->model, options->baseline_model);
}

bool
tide_gate_judge(struct tide_gate *gate, const struct tide_gate_options *options)
{
	const struct tide_gate_value *last = NULL;

	if (gate->value_count)
		qsort(gate->values, gate->value_count, sizeof *gate->values, by_place);
	gate->checks = calloc(gate->value_count * gate->threshold_count + 1, sizeof *gate->checks);
	if (gate->failed || !gate->checks)
		return false;
	for (size_t i = 0; i < gate->value_count; i++) {
		const struct tide_gate_value *place = &gate->values[i];
		bool same = last && last->start_ms == place->start_ms &&
		            tide_text_equal(last->model, place->model);
		last = place;
		if (!same && is_candidate(options, place))
			place_check(gate, options, place);
	}
	return true;
}

void
tide_gate_free(struct tide_gate *gate)
{
	for (size_t i = 0; i < gate->value_count; i++)
		free(gate->values[i].block);
	free(gate->values);
	free(gate->checks);
	free(gate->thresholds);
	tide_config_free(gate->texts);
}
