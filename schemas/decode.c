#include "schemas/decode.h"
#include "schemas/avro_walk.h"
#include "schemas/decode_columns.h"
#include "schemas/stamp.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CLASSES_MAX 64             /* classes that are discovered */
#define ID_SEPARATOR '\x1f'        /* between the parts of a list id */
#define ERROR_STATUS_LEAST 400     /* HTTP: from here on the prediction failed */

_Static_assert(TIDE_DECODE_PADDING >= TIDE_JSON_PADDING, "the parser reads behind the record");

struct tide_decoder {
	const struct tide_mapping *mapping;
	struct tide_decode_row row; /* its columns */
	enum tide_time_unit unit;
	struct tide_json *json; /* format json; else NULL, and plan and walk are there */
	struct tide_avro_plan *plan;
	struct tide_avro_walk *walk;
	const struct tide_json_node *nodes; /* of the record at hand */
	struct tide_value fields[TIDE_FIELDS_MAX];
	char id[TIDE_ID_BYTES_MAX];
	char model[TIDE_TEXT_NUMBER_SIZE], version[TIDE_TEXT_NUMBER_SIZE];
	struct tide_text *classes;
	double *scores;
	size_t class_count, class_room;
	bool lost; /* a class found no memory */
	char *discovered[CLASSES_MAX]; /* bytes of the classes that no mapping names */
};

static void
poison(struct tide_event *event, const char *code, const char *field)
{
	event->poison = code;
	event->field = field;
}

/* The node at a mapped path; NULL where the path is not mapped or the record has it not. */
static const struct tide_json_node *
find_path(const struct tide_decoder *decoder, const char *path)
{
	return path ? tide_json_find(decoder->nodes, decoder->nodes, tide_text_of(path)) : NULL;
}

static bool
is_missing(const struct tide_json_node *node)
{
	return !node || node->kind == TIDE_JSON_NULL;
}

static struct tide_value
value_of(const struct tide_json_node *node)
{
	static const enum tide_value_kind kinds[] = {
	    [TIDE_JSON_NULL] = TIDE_VALUE_NULL,       [TIDE_JSON_NUMBER] = TIDE_VALUE_NUMBER,
	    [TIDE_JSON_HUGE] = TIDE_VALUE_NONFINITE,  [TIDE_JSON_TEXT] = TIDE_VALUE_TEXT,
	    [TIDE_JSON_BOOLEAN] = TIDE_VALUE_BOOLEAN, [TIDE_JSON_ARRAY] = TIDE_VALUE_OTHER,
	    [TIDE_JSON_OBJECT] = TIDE_VALUE_OTHER};
	struct tide_value value = {.kind = TIDE_VALUE_NULL, .column = TIDE_NO_COLUMN};

	if (node) {
		value.kind = kinds[node->kind];
		value.number = node->number;
		value.text = node->text;
	}
	return value;
}

static bool
is_id_part(const struct tide_json_node *node, bool is_list)
{
	if (node->kind == TIDE_JSON_NUMBER || node->kind == TIDE_JSON_HUGE) {
		size_t sign = node->text.bytes[0] == '-';

		/* Integers of any length are names; fractions are not. */
		for (size_t i = sign; i < node->text.length; i++)
			if (node->text.bytes[i] < '0' || node->text.bytes[i] > '9')
				return false;
		return node->text.length > sign && node->text.length <= TIDE_ID_BYTES_MAX;
	}
	if (node->kind != TIDE_JSON_TEXT || node->text.length == 0 ||
	    node->text.length > TIDE_ID_BYTES_MAX)
		return false;
	/* A separator within a part would make two lists the same id. */
	return !is_list || !memchr(node->text.bytes, ID_SEPARATOR, node->text.length);
}

static void
read_id(struct tide_decoder *decoder, struct tide_event *event)
{
	const struct tide_mapping *mapping = decoder->mapping;
	size_t length = 0;

	for (size_t i = 0; i < mapping->id_count; i++) {
		const struct tide_json_node *node = find_path(decoder, mapping->id[i]);

		if (is_missing(node)) {
			poison(event, "missing_id", "id");
			return;
		}
		if (!is_id_part(node, mapping->id_count > 1) ||
		    length + (i > 0) + node->text.length > sizeof(decoder->id)) {
			poison(event, "bad_id", "id");
			return;
		}
		if (i > 0)
			decoder->id[length++] = ID_SEPARATOR;
		memcpy(decoder->id + length, node->text.bytes, node->text.length);
		length += node->text.length;
	}
	event->id = (struct tide_text){decoder->id, length};
	event->key = tide_hash_keyed(event->id, mapping->seed);
}

static void
read_time(const struct tide_decoder *decoder, struct tide_event *event)
{
	const struct tide_mapping *mapping = decoder->mapping;
	const struct tide_json_node *node = find_path(decoder, mapping->timestamp);
	bool is_text = decoder->unit == TIDE_TIME_RFC3339;
	enum tide_stamp stamp = TIDE_STAMP_BAD;

	event->time_ms = event->record_ms;
	if (!mapping->timestamp)
		return;
	if (is_missing(node)) {
		poison(event, "missing_timestamp", "timestamp");
		return;
	}
	if (node->kind == (is_text ? TIDE_JSON_TEXT : TIDE_JSON_NUMBER))
		stamp = tide_stamp_read(node->text, decoder->unit, &event->time_ms);
	if (stamp == TIDE_STAMP_BAD)
		poison(event, "bad_timestamp", "timestamp");
	else if (stamp == TIDE_STAMP_NEGATIVE)
		poison(event, "negative_timestamp", "timestamp");
}

/* A prediction or a target: false where it has a type that the problem does not take. */
static bool
read_outcome(const struct tide_decoder *decoder, const struct tide_json_node *node,
             struct tide_value *value)
{
	*value = value_of(node);
	tide_mapping_translate(decoder->mapping, value);
	if (value->kind == TIDE_VALUE_NUMBER)
		return true;
	return decoder->mapping->problem != TIDE_PROBLEM_REGRESSION &&
	       (value->kind == TIDE_VALUE_TEXT || value->kind == TIDE_VALUE_BOOLEAN);
}

static void
read_outcomes(const struct tide_decoder *decoder, struct tide_event *event)
{
	const struct tide_mapping *mapping = decoder->mapping;
	const struct tide_json_node *node = find_path(decoder, mapping->prediction);

	if (mapping->prediction && is_missing(node))
		poison(event, "missing_prediction", "prediction");
	else if (mapping->prediction && !read_outcome(decoder, node, &event->prediction))
		poison(event, "bad_prediction", "prediction");
	if (event->poison || !mapping->target)
		return;
	node = find_path(decoder, mapping->target);
	if (is_missing(node) && mapping->role == TIDE_LABELS) /* a reference record may lack it */
		poison(event, "missing_target", "target");
	else if (!is_missing(node) && !read_outcome(decoder, node, &event->target))
		poison(event, "bad_target", "target");
}

/* The place of a class, or class_count: a new one is added while nothing names the classes. */
static size_t
class_of(struct tide_decoder *decoder, struct tide_text name)
{
	size_t at = 0;
	char *bytes;

	while (at < decoder->class_count && !tide_text_equal(decoder->classes[at], name))
		at++;
	if (at < decoder->class_count || decoder->mapping->class_count > 0 || at == CLASSES_MAX)
		return at;
	bytes = malloc(name.length + 1);
	decoder->lost = decoder->lost || !bytes;
	if (!bytes)
		return at;
	if (name.length > 0)
		memcpy(bytes, name.bytes, name.length);
	bytes[name.length] = '\0';
	decoder->discovered[at] = bytes;
	decoder->classes[at] = (struct tide_text){bytes, name.length};
	decoder->scores[at] = NAN;
	decoder->class_count++;
	return at;
}

static bool
is_score(const struct tide_json_node *node)
{
	return node->kind == TIDE_JSON_NUMBER && node->number >= 0 && node->number <= 1;
}

/* {class: p} or an array with a place a class; checked before a class is learned from it. */
static bool
read_scores(struct tide_decoder *decoder, const struct tide_json_node *node)
{
	const struct tide_json_node *end = decoder->nodes + node->next, *at;
	bool is_object = node->kind == TIDE_JSON_OBJECT;
	size_t place = 0;

	if (!is_object && (node->kind != TIDE_JSON_ARRAY || decoder->mapping->proba_is_classes))
		return false;
	for (at = node + 1; at < end; at = decoder->nodes + at->next, place++)
		if (!is_missing(at) && !is_score(at))
			return false;
	if (!is_object && place != decoder->class_count)
		return false;
	for (size_t i = 0; i < decoder->class_count; i++)
		decoder->scores[i] = NAN;
	place = 0;
	for (at = node + 1; at < end; at = decoder->nodes + at->next, place++) {
		size_t class = is_object ? class_of(decoder, at->key) : place;

		if (class < decoder->class_count && isnan(decoder->scores[class]) &&
		    !is_missing(at) &&
		    (!is_object || tide_json_find_member(decoder->nodes, node, at->key) == at))
			decoder->scores[class] = at->number;
	}
	return true;
}

static void
read_proba(struct tide_decoder *decoder, struct tide_event *event)
{
	const struct tide_mapping *mapping = decoder->mapping;
	const struct tide_json_node *node = find_path(decoder, mapping->proba);

	if (!mapping->proba || mapping->problem == TIDE_PROBLEM_REGRESSION)
		return;
	if (is_missing(node)) {
		if (!mapping->prediction)
			poison(event, "missing_prediction", "proba");
		return;
	}
	if (mapping->proba_is_classes || mapping->class_count > 0 ||
	    mapping->problem == TIDE_PROBLEM_MULTICLASS) {
		if (!read_scores(decoder, node)) {
			poison(event, "bad_score", "proba");
			return;
		}
		event->scores = decoder->scores;
		event->classes = decoder->classes;
		event->score_count = decoder->class_count;
	} else if (is_score(node)) {
		event->score = value_of(node);
	} else {
		poison(event, "bad_score", "proba");
	}
}

static void
read_columns(struct tide_decoder *decoder, struct tide_event *event)
{
	const struct tide_mapping *mapping = decoder->mapping;
	const struct tide_json_node *object = find_path(decoder, mapping->features);

	tide_decode_columns_start(&decoder->row);
	if (object && object->kind != TIDE_JSON_OBJECT) {
		poison(event, "bad_features", "features");
		return;
	}
	tide_decode_columns_scores(&decoder->row, event);
	if (object) {
		const struct tide_json_node *end = decoder->nodes + object->next;

		for (const struct tide_json_node *at = object + 1; at < end;
		     at = decoder->nodes + at->next)
			tide_decode_columns_put(&decoder->row, at->key, value_of(at));
	}
	for (size_t i = 0; i < mapping->column_path_count; i++) {
		const struct tide_json_node *node = find_path(decoder, mapping->column_paths[i]);

		if (node)
			tide_decode_columns_put(&decoder->row,
			                        tide_text_of(mapping->column_paths[i]),
			                        value_of(node));
	}
	event->values = decoder->row.values;
	event->value_count = decoder->row.count;
}

/* Did the prediction fail? True, a text or a thing with something in it, or a status. */
static bool
is_error(const struct tide_decoder *decoder, const struct tide_json_node *node)
{
	if (is_missing(node))
		return false;
	switch (node->kind) {
	case TIDE_JSON_BOOLEAN:
		return node->number > 0;
	case TIDE_JSON_NUMBER:
	case TIDE_JSON_HUGE:
		return node->number >= ERROR_STATUS_LEAST;
	case TIDE_JSON_TEXT:
		return node->text.length > 0;
	default:
		return decoder->nodes + node->next > node + 1;
	}
}

static double
number_of(const struct tide_json_node *node)
{
	return node && node->kind == TIDE_JSON_NUMBER ? node->number : NAN;
}

static void
read_extras(struct tide_decoder *decoder, struct tide_event *event)
{
	const struct tide_mapping *mapping = decoder->mapping;
	const struct tide_json_node *node = find_path(decoder, mapping->latency);
	struct tide_value value;

	event->latency_ms = number_of(node);
	event->cpu = number_of(find_path(decoder, mapping->cpu));
	event->memory = number_of(find_path(decoder, mapping->memory));
	event->error = is_error(decoder, find_path(decoder, mapping->error));
	node = find_path(decoder, mapping->weight);
	if (!is_missing(node)) {
		if (node->kind != TIDE_JSON_NUMBER || node->number < 0) {
			poison(event, "bad_weight", "weight");
			return;
		}
		event->weight = node->number;
	}
	value = value_of(find_path(decoder, mapping->model));
	event->model = mapping->model ? tide_event_value_text(&value, decoder->model)
	                              : tide_text_of(mapping->model_name);
	value = value_of(find_path(decoder, mapping->version));
	event->version = tide_event_value_text(&value, decoder->version);
	for (size_t i = 0; i < mapping->field_count; i++)
		decoder->fields[i] = value_of(find_path(decoder, mapping->fields[i]));
	event->fields = decoder->fields;
	event->field_count = mapping->field_count;
}

static void
read_record(struct tide_decoder *decoder, struct tide_event *event)
{
	read_id(decoder, event);
	if (!event->poison)
		read_time(decoder, event);
	if (!event->poison)
		read_outcomes(decoder, event);
	if (!event->poison)
		read_proba(decoder, event);
	if (!event->poison)
		read_extras(decoder, event);
	/* Last, so that a record which is poison adds no names to the columns. */
	if (!event->poison)
		read_columns(decoder, event);
}

void
tide_decode(struct tide_decoder *decoder, const uint8_t *bytes, size_t size,
            struct tide_event *event)
{
	const char *reason, *field;

	tide_event_init(event, decoder->mapping->role);
	reason = decoder->json ? tide_json_parse(decoder->json, bytes, size, &decoder->nodes)
	                       : tide_avro_walk_parse(decoder->walk, bytes, size, &decoder->nodes);
	if (reason) {
		poison(event, reason, NULL);
		return;
	}
	read_record(decoder, event);
	if (event->poison) { /* nothing of such a record is used, so nothing of it is shown */
		reason = event->poison;
		field = event->field;
		tide_event_init(event, decoder->mapping->role);
		poison(event, reason, field);
	}
}

bool
tide_decode_lost(const struct tide_decoder *decoder)
{
	return decoder->lost || decoder->row.lost ||
	       tide_mapping_columns_lost(decoder->row.columns);
}

const struct tide_json_node *
tide_decode_json(const struct tide_decoder *decoder)
{
	return decoder->json ? decoder->nodes : NULL;
}

static int
no_memory(struct tide_error *error)
{
	return tide_error_stop(error, TIDE_ERROR_MEMORY, "no memory for a decoder");
}

static int
open_format(struct tide_decoder *decoder, const struct tide_mapping *mapping,
            struct tide_error *error)
{
	decoder->unit = mapping->unit;
	if (mapping->format == TIDE_FORMAT_JSON) {
		decoder->json = tide_json_new();
		return decoder->json ? 0 : no_memory(error);
	}
	if (tide_avro_plan_new(mapping, &decoder->plan, error))
		return -1;
	decoder->unit = decoder->plan->unit;
	decoder->walk = tide_avro_walk_new(decoder->plan, mapping->confluent_frame);
	return decoder->walk ? 0 : no_memory(error);
}

int
tide_decode_new(const struct tide_mapping *mapping, struct tide_columns *columns,
                struct tide_decoder **decoder, struct tide_error *error)
{
	struct tide_decoder *made = calloc(1, sizeof(*made));

	TIDE_ASSERT(mapping->id_count <= TIDE_ID_PARTS_MAX);
	TIDE_ASSERT(mapping->field_count <= TIDE_FIELDS_MAX);
	if (!made)
		return no_memory(error);
	made->class_room = mapping->class_count > 0 ? mapping->class_count : CLASSES_MAX;
	made->classes = calloc(made->class_room, sizeof(*made->classes));
	made->scores = calloc(made->class_room, sizeof(*made->scores));
	if (!made->classes || !made->scores || open_format(made, mapping, error)) {
		int failed = made->classes && made->scores ? -1 : no_memory(error);

		tide_decode_free(made);
		return failed;
	}
	made->mapping = mapping;
	made->row.columns = columns;
	tide_text_buffer_init(&made->row.name, TIDE_TEXT_BYTES_MAX + sizeof "$score:");
	made->class_count = mapping->class_count;
	for (size_t i = 0; i < mapping->class_count; i++)
		made->classes[i] = tide_text_of(mapping->classes[i]);
	*decoder = made;
	return 0;
}

void
tide_decode_free(struct tide_decoder *decoder)
{
	if (!decoder)
		return;
	for (size_t i = 0; i < CLASSES_MAX; i++)
		free(decoder->discovered[i]);
	free(decoder->classes);
	free(decoder->scores);
	tide_text_buffer_fini(&decoder->row.name);
	tide_json_free(decoder->json);
	tide_avro_walk_free(decoder->walk);
	tide_avro_plan_free(decoder->plan);
	free(decoder);
}
