#include "app/diff_set.h"
#include "app/utc.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define MEMBERS_MAX 8
#define DECODE      JSON_ALLOW_NUL
#define ENCODE      (JSON_COMPACT | JSON_SORT_KEYS)

const char *const tide_diff_set_kinds[TIDE_DIFF_KINDS] = {
        [TIDE_DIFF_PREDICTION] = "prediction", [TIDE_DIFF_LABEL] = "label",
        [TIDE_DIFF_INPUT] = "input",           [TIDE_DIFF_TOTALS] = "input totals",
        [TIDE_DIFF_ALERT] = "alert"};

static const char *const result_members[MEMBERS_MAX] = {
        "side", "name", "model", "model_version", "segment", "window_start", "part"};
static const char *const alert_members[MEMBERS_MAX] = {"rule",     "name",         "alert_id",
                                                       "severity", "window_start", "state"};

static const char *const totals_members[MEMBERS_MAX] = {"side", "name"};

static int
no_memory(struct tide_error *error)
{
	return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
}

static int
bytes_hold(struct tide_diff_set *set, size_t bytes, struct tide_error *error)
{
	size_t cap = set->options->cap_bytes;

	if (bytes > cap || *set->held_bytes > cap - bytes)
		return tide_error_stop(error, TIDE_ERROR_MEMORY,
		                       "the two sets need more than %zu bytes: raise --memory, or "
		                       "compare fewer windows",
		                       cap);
	*set->held_bytes += bytes;
	return 0;
}

/* The record takes key, and the value copied. */
static int
record_put(struct tide_diff_set *set, struct tide_diff_record record, struct tide_error *error)
{
	char *value = NULL;

	if (bytes_hold(set, sizeof record + record.key.length + record.value.length, error))
		return -1;
	if (set->count == set->room) {
		size_t room = set->room ? 2 * set->room : 64;
		void *grown = realloc(set->records, room * sizeof record);
		if (!grown)
			return no_memory(error);
		set->records = grown;
		set->room = room;
	}
	value = malloc(record.value.length + 1);
	if (!value)
		return no_memory(error);
	memcpy(value, record.value.bytes, record.value.length);
	record.value.bytes = value;
	record.order = set->count;
	set->records[set->count++] = record;
	return 0;
}

static bool
kind_of(const json_t *record, enum tide_diff_kind *kind)
{
	const char *side = json_string_value(json_object_get(record, "side"));

	*kind = TIDE_DIFF_ALERT;
	if (json_is_string(json_object_get(record, "alert_id")))
		return true;
	for (*kind = 0; side && *kind <= TIDE_DIFF_INPUT; (*kind)++)
		if (strcmp(side, tide_diff_set_kinds[*kind]) == 0)
			return json_is_array(json_object_get(record, "findings"));
	return false;
}

/* ["prediction","fraud",…], or NULL where a member is missing. */
static char *
key_of(const json_t *record, enum tide_diff_kind kind, bool with_revision)
{
	const char *const *members = kind == TIDE_DIFF_ALERT ? alert_members : result_members;
	json_t *key = json_array();
	char *text = NULL;
	bool whole = key != NULL;

	for (; whole && *members; members++)
		whole = json_array_append(key, json_object_get(record, *members)) == 0;
	if (whole && with_revision)
		whole = json_array_append(key, json_object_get(record, "revision")) == 0;
	if (whole)
		text = json_dumps(key, ENCODE);
	json_decref(key);
	return text;
}

int
tide_diff_set_add(struct tide_diff_set *set, struct tide_text value, struct tide_error *error)
{
	json_error_t fault;
	json_t *json = json_loadb(value.bytes, value.length, DECODE, &fault);
	const json_t *revision = json_object_get(json, "revision");
	struct tide_diff_record record = {.value = value};
	char *key = NULL;

	if (!json)
		return tide_error_stop(error, TIDE_ERROR_DATA, "no JSON: %s", fault.text);
	if (kind_of(json, &record.kind) && json_is_integer(revision))
		key = key_of(json, record.kind, set->options->all_revisions);
	record.key = tide_text_of(key);
	record.revision = json_integer_value(revision);
	json_decref(json);
	if (!key)
		return tide_error_stop(error, TIDE_ERROR_DATA,
		                       "neither a result nor an alert of tidemark");
	if (!record_put(set, record, error))
		return 0;
	free(key);
	return -1;
}

static int
record_order(const void *left, const void *right)
{
	const struct tide_diff_record *a = left, *b = right;
	int order = (a->kind > b->kind) - (a->kind < b->kind);

	if (order == 0)
		order = tide_text_compare(a->key, b->key);
	if (order == 0)
		order = (a->revision > b->revision) - (a->revision < b->revision);
	return order ? order : (a->order > b->order) - (a->order < b->order);
}

static void
record_free(struct tide_diff_set *set, struct tide_diff_record *record)
{
	/* both were allocated here and are const only to others */
	union {
		const char *bytes;
		char *own;
	} key = {record->key.bytes}, value = {record->value.bytes};

	*set->held_bytes -= sizeof *record + record->key.length + record->value.length;
	free(key.own);
	free(value.own);
}

/* Of equal keys the last. */
static void
newest_keep(struct tide_diff_set *set)
{
	size_t kept = 0;

	for (size_t i = 0; i < set->count; i++) {
		if (kept && set->records[kept - 1].kind == set->records[i].kind &&
		    tide_text_equal(set->records[kept - 1].key, set->records[i].key))
			record_free(set, &set->records[--kept]);
		set->records[kept++] = set->records[i];
	}
	set->count = kept;
}

/* Adds the numbers of one object to those of another, by name, to any depth. */
static int
numbers_add(json_t *sum, json_t *counts)
{
	const char *name;
	json_t *count;

	json_object_foreach (counts, name, count) {
		json_t *so_far = json_object_get(sum, name);
		int failed;
		if (json_is_object(count)) {
			failed = so_far ? 0 : json_object_set_new(sum, name, json_object());
			if (!failed)
				failed = numbers_add(json_object_get(sum, name), count);
		} else {
			json_int_t number = json_integer_value(so_far) + json_integer_value(count);
			failed = json_object_set_new(sum, name, json_integer(number));
		}
		if (failed)
			return -1;
	}
	return 0;
}

/* {name: {counts}} of the input records from `first` on. */
static json_t *
totals_of(const struct tide_diff_set *set, size_t first)
{
	json_t *totals = json_object();

	for (size_t i = first; totals && i < set->count; i++) {
		struct tide_text value = set->records[i].value;
		json_t *record = json_loadb(value.bytes, value.length, DECODE, NULL);
		const char *name = json_string_value(json_object_get(record, "name"));
		int failed = name ? 0 : -1;
		if (!failed && !json_object_get(totals, name))
			failed = json_object_set_new(totals, name, json_object());
		if (!failed)
			failed = numbers_add(json_object_get(totals, name),
			                     json_object_get(record, "counts"));
		json_decref(record);
		if (failed) {
			json_decref(totals);
			totals = NULL;
		}
	}
	return totals;
}

static int
total_put(struct tide_diff_set *set, const char *name, json_t *counts, struct tide_error *error)
{
	json_t *value = json_pack("{s:s,s:O}", "name", name, "counts", counts);
	json_t *key = json_pack("[s,s]", tide_diff_set_kinds[TIDE_DIFF_TOTALS], name);
	char *value_text = value ? json_dumps(value, ENCODE) : NULL;
	char *key_text = key ? json_dumps(key, ENCODE) : NULL;
	struct tide_diff_record record = {.kind = TIDE_DIFF_TOTALS,
	                                  .key = tide_text_of(key_text),
	                                  .value = tide_text_of(value_text)};
	int failed = value_text && key_text ? record_put(set, record, error) : no_memory(error);

	if (failed)
		free(key_text);
	free(value_text);
	json_decref(value);
	json_decref(key);
	return failed;
}

/* The input records, which stand together, become one a name. */
static int
inputs_total(struct tide_diff_set *set, struct tide_error *error)
{
	struct tide_diff_set inputs = {.options = set->options, .held_bytes = set->held_bytes};
	size_t first = 0, last, kept = 0;
	const char *name;
	json_t *counts;

	while (first < set->count && set->records[first].kind < TIDE_DIFF_INPUT)
		first++;
	for (last = first; last < set->count && set->records[last].kind == TIDE_DIFF_INPUT;)
		last++;
	inputs.records = set->records + first;
	inputs.count = last - first;
	json_t *totals = totals_of(&inputs, 0);
	if (!totals)
		return no_memory(error);
	for (size_t i = 0; i < set->count; i++) {
		if (i >= first && i < last)
			record_free(set, &set->records[i]);
		else
			set->records[kept++] = set->records[i];
	}
	set->count = kept;
	int failed = 0;
	json_object_foreach (totals, name, counts)
		if (!failed)
			failed = total_put(set, name, counts, error);
	json_decref(totals);
	return failed;
}

int
tide_diff_set_sort(struct tide_diff_set *set, struct tide_error *error)
{
	if (set->count)
		qsort(set->records, set->count, sizeof *set->records, record_order);
	newest_keep(set);
	if (set->options->inputs || set->count == 0)
		return 0;
	if (inputs_total(set, error))
		return -1;
	qsort(set->records, set->count, sizeof *set->records, record_order);
	return 0;
}

static void
member_print(const char *name, const json_t *value, struct tide_buffer *buffer)
{
	if (!value || json_is_null(value) || (json_is_object(value) && !json_object_size(value)) ||
	    strcmp(name, "side") == 0 || (strcmp(name, "part") == 0 && json_integer_value(value) == 1))
		return;
	tide_text_put_format(buffer, " %s=", name);
	if (strcmp(name, "window_start") == 0 && json_is_integer(value)) {
		tide_utc_print(buffer, json_integer_value(value));
		return;
	}
	char *text = json_dumps(value, ENCODE | JSON_ENCODE_ANY);
	tide_text_put_string(buffer, text ? text : "?");
	free(text);
}

void
tide_diff_set_print(const struct tide_diff_record *record, struct tide_buffer *buffer)
{
	json_t *key = json_loadb(record->key.bytes, record->key.length, DECODE, NULL);
	const char *const *members = record->kind == TIDE_DIFF_ALERT    ? alert_members
	                             : record->kind == TIDE_DIFF_TOTALS ? totals_members
	                                                                : result_members;
	size_t i = 0;

	tide_text_put_format(buffer, " %s", tide_diff_set_kinds[record->kind]);
	for (; members[i]; i++)
		member_print(members[i], json_array_get(key, i), buffer);
	member_print("revision", json_array_get(key, i), buffer);
	json_decref(key);
}

void
tide_diff_set_free(struct tide_diff_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		record_free(set, &set->records[i]);
	free(set->records);
	set->records = NULL;
	set->count = set->room = 0;
}
