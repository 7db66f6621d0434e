#include "reference.h"
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define CLASSES_MAX 64

static json_t *document;
static struct tide_value values[TIDE_COLUMNS_MAX], fields[TIDE_FIELDS_MAX];
static char id[4096], model[TIDE_TEXT_NUMBER_SIZE], version[TIDE_TEXT_NUMBER_SIZE];
static struct tide_text classes[CLASSES_MAX];
static double scores[CLASSES_MAX];

static bool
refuse(struct tide_event *event, const char *reason)
{
	event->poison = reason;
	return false;
}

static size_t
depth_of(json_t *json)
{
	size_t deepest = 0, depth, i;
	const char *key;
	json_t *inner;

	json_object_foreach(json, key, inner) {
		depth = depth_of(inner);
		deepest = depth > deepest ? depth : deepest;
	}
	json_array_foreach(json, i, inner) {
		depth = depth_of(inner);
		deepest = depth > deepest ? depth : deepest;
	}
	return deepest + (json_is_object(json) || json_is_array(json));
}

/* The longest first part that is a member leads on; the whole path is the longest. */
static json_t *
look(json_t *object, const char *path)
{
	char head[256];
	json_t *found;

	if (!path || !json_is_object(object))
		return NULL;
	found = json_object_get(object, path);
	for (size_t i = strlen(path); !found && i-- > 0;) {
		if (path[i] != '.')
			continue;
		memcpy(head, path, i);
		head[i] = '\0';
		found = look(json_object_get(object, head), path + i + 1);
	}
	return found;
}

static bool
missing(json_t *json)
{
	return !json || json_is_null(json);
}

static struct tide_value
value_of(json_t *json)
{
	struct tide_value value = {.kind = TIDE_VALUE_OTHER};

	if (missing(json)) {
		value.kind = TIDE_VALUE_NULL;
	} else if (json_is_number(json)) {
		value.kind = TIDE_VALUE_NUMBER;
		value.number = json_number_value(json);
	} else if (json_is_string(json)) {
		value.kind = TIDE_VALUE_TEXT;
		value.text = (struct tide_text){json_string_value(json), json_string_length(json)};
	} else if (json_is_boolean(json)) {
		value.kind = TIDE_VALUE_BOOLEAN;
		value.number = json_is_true(json);
		value.text = tide_text_of(json_is_true(json) ? "true" : "false");
	}
	return value;
}

static bool
id_read(const struct tide_mapping *mapping, struct tide_event *event)
{
	size_t length = 0;

	for (size_t i = 0; i < mapping->id_count; i++) {
		json_t *json = look(document, mapping->id[i]);
		char number[32];
		const char *text = number;
		size_t size;

		if (missing(json))
			return refuse(event, "missing_id");
		if (json_is_string(json)) {
			text = json_string_value(json);
			size = json_string_length(json);
		} else if (json_is_integer(json)) {
			size = (size_t)snprintf(number, sizeof(number), "%lld",
			                        (long long)json_integer_value(json));
		} else {
			return refuse(event, "bad_id");
		}
		if (size == 0 || size + length + 1 > TIDE_ID_BYTES_MAX ||
		    (mapping->id_count > 1 && memchr(text, 0x1f, size)))
			return refuse(event, "bad_id");
		if (i > 0)
			id[length++] = 0x1f;
		memcpy(id + length, text, size);
		length += size;
	}
	event->id = (struct tide_text){id, length};
	event->key = tide_hash_keyed(event->id, mapping->seed);
	return true;
}

static bool
time_read(const struct tide_mapping *mapping, struct tide_event *event)
{
	json_t *json = look(document, mapping->timestamp);

	if (missing(json))
		return refuse(event, "missing_timestamp");
	if (!json_is_integer(json))
		return refuse(event, "bad_timestamp");
	if (json_integer_value(json) < 0)
		return refuse(event, "negative_timestamp");
	event->time_ms = json_integer_value(json);
	return true;
}

static bool
outcome_read(const struct tide_mapping *mapping, const char *path, const char *const reasons[2],
             struct tide_value *value, struct tide_event *event)
{
	json_t *json = look(document, path);

	if (!path)
		return true;
	if (missing(json))
		return refuse(event, reasons[0]);
	*value = value_of(json);
	if (value->kind == TIDE_VALUE_OTHER || (mapping->problem == TIDE_PROBLEM_REGRESSION &&
	                                        value->kind != TIDE_VALUE_NUMBER))
		return refuse(event, reasons[1]);
	return true;
}

static bool
share(json_t *json)
{
	return json_is_number(json) && json_number_value(json) >= 0 && json_number_value(json) <= 1;
}

static bool
scores_read(const struct tide_mapping *mapping, json_t *json, struct tide_event *event)
{
	const char *key;
	json_t *inner;
	size_t i;

	for (i = 0; i < mapping->class_count; i++) {
		classes[i] = tide_text_of(mapping->classes[i]);
		scores[i] = NAN;
	}
	if (!json_is_object(json) &&
	    (mapping->proba_is_classes || json_array_size(json) != mapping->class_count))
		return refuse(event, "bad_score");
	json_object_foreach(json, key, inner) {
		if (!missing(inner) && !share(inner))
			return refuse(event, "bad_score");
		for (i = 0; i < mapping->class_count; i++)
			if (!missing(inner) && strcmp(key, mapping->classes[i]) == 0)
				scores[i] = json_number_value(inner);
	}
	json_array_foreach(json, i, inner) {
		if (!missing(inner) && !share(inner))
			return refuse(event, "bad_score");
		if (!missing(inner))
			scores[i] = json_number_value(inner);
	}
	event->scores = scores;
	event->classes = classes;
	event->score_count = mapping->class_count;
	return true;
}

static bool
proba_read(const struct tide_mapping *mapping, struct tide_event *event)
{
	json_t *json = look(document, mapping->proba);

	if (!mapping->proba || mapping->problem == TIDE_PROBLEM_REGRESSION)
		return true;
	if (missing(json))
		return mapping->prediction ? true : refuse(event, "missing_prediction");
	if (mapping->class_count > 0)
		return scores_read(mapping, json, event);
	if (!share(json))
		return refuse(event, "bad_score");
	event->score = value_of(json);
	return true;
}

static bool
failed(json_t *json)
{
	if (json_is_boolean(json))
		return json_is_true(json);
	if (json_is_number(json))
		return json_number_value(json) >= 400;
	return json_string_length(json) + json_array_size(json) + json_object_size(json) > 0;
}

static bool
extras_read(const struct tide_mapping *mapping, struct tide_event *event)
{
	struct tide_value value = value_of(look(document, mapping->latency));
	json_t *weight = look(document, mapping->weight);

	if (value.kind == TIDE_VALUE_NUMBER)
		event->latency_ms = value.number;
	event->error = failed(look(document, mapping->error));
	if (!missing(weight) && (!json_is_number(weight) || json_number_value(weight) < 0))
		return refuse(event, "bad_weight");
	if (!missing(weight))
		event->weight = json_number_value(weight);
	value = value_of(look(document, mapping->model));
	event->model = tide_event_value_text(&value, model);
	value = value_of(look(document, mapping->version));
	event->version = tide_event_value_text(&value, version);
	for (size_t i = 0; i < mapping->field_count; i++)
		fields[i] = value_of(look(document, mapping->fields[i]));
	event->fields = fields;
	event->field_count = mapping->field_count;
	return true;
}

/* The scores of a record are columns, too, unless it has columns of their names. */
static size_t
score_columns(const struct tide_event *event, struct tide_columns *columns, size_t count)
{
	static char names[256][128];
	size_t before = count, extra = event->score.kind == TIDE_VALUE_NULL ? 0 : 1;

	for (size_t i = 0; i < extra + event->score_count; i++) {
		struct tide_value value = event->score;
		size_t class = i - extra, seen = 0;
		if (i >= extra) {
			if (isnan(event->scores[class]))
				continue;
			value = (struct tide_value){.kind = TIDE_VALUE_NUMBER,
			                            .number = event->scores[class]};
		}
		snprintf(names[i], sizeof(names[i]), i < extra ? "$score" : "$score:%.*s",
		         i < extra ? 0 : (int)event->classes[class].length,
		         i < extra ? "" : event->classes[class].bytes);
		value.column =
		    tide_mapping_column(columns, tide_text_of(names[i]), TIDE_NO_COLUMN);
		while (seen < before && values[seen].column != value.column)
			seen++;
		if (seen == before)
			values[count++] = value;
	}
	return count;
}

static bool
columns_read(const struct tide_mapping *mapping, struct tide_columns *columns,
             struct tide_event *event)
{
	json_t *json = look(document, mapping->features), *inner;
	const char *key;
	size_t count = 0;

	if (json && !json_is_object(json))
		return refuse(event, "bad_features");
	json_object_foreach(json, key, inner) {
		values[count] = value_of(inner);
		values[count++].column =
		    tide_mapping_column(columns, tide_text_of(key), TIDE_NO_COLUMN);
	}
	for (size_t i = 0; i < mapping->column_path_count; i++) {
		inner = look(document, mapping->column_paths[i]);
		if (!inner || json_object_get(json, mapping->column_paths[i]))
			continue;
		values[count] = value_of(inner);
		values[count++].column = tide_mapping_column(
		    columns, tide_text_of(mapping->column_paths[i]), TIDE_NO_COLUMN);
	}
	event->values = values;
	event->value_count = score_columns(event, columns, count);
	return true;
}

void
tide_reference_end(void)
{
	json_decref(document);
	document = NULL;
}

enum tide_reference_verdict
tide_reference_decode(const struct tide_mapping *mapping, struct tide_columns *columns,
                      const char *bytes, size_t size, struct tide_event *event)
{
	static const char *const prediction[] = {"missing_prediction", "bad_prediction"};
	static const char *const target[] = {"missing_target", "bad_target"};
	json_error_t error;

	tide_reference_end();
	if (memchr(bytes, '\0', size)) /* Jansson overlooks one behind a word or a number */
		return TIDE_REFERENCE_UNREADABLE;
	document = json_loadb(bytes, size, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
	if (!document && (json_error_code(&error) == json_error_duplicate_key ||
	                  json_error_code(&error) == json_error_numeric_overflow ||
	                  json_error_code(&error) == json_error_null_byte_in_key))
		return TIDE_REFERENCE_UNKNOWN;
	if (!json_is_object(document) || depth_of(document) > TIDE_NESTING_MAX)
		return TIDE_REFERENCE_UNREADABLE;
	tide_event_init(event, mapping->role);
	if (id_read(mapping, event) && time_read(mapping, event) &&
	    outcome_read(mapping, mapping->prediction, prediction, &event->prediction, event) &&
	    /* a prediction with a target is a reference record, whose target may be missing */
	    ((mapping->role == TIDE_PREDICTIONS && missing(look(document, mapping->target))) ||
	     outcome_read(mapping, mapping->target, target, &event->target, event)) &&
	    proba_read(mapping, event) && extras_read(mapping, event))
		columns_read(mapping, columns, event);
	return TIDE_REFERENCE_READ;
}
