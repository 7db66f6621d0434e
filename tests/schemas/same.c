#include "same.h"
#include <math.h>
#include <string.h>

uint64_t
tide_same_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (*state * UINT64_C(2685821657736338717)) >> 16;
}

static bool
same_number(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

static bool
same_value(const struct tide_value *a, const struct tide_value *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == TIDE_VALUE_NUMBER || a->kind == TIDE_VALUE_BOOLEAN)
		return same_number(a->number, b->number);
	return a->kind != TIDE_VALUE_TEXT || tide_text_equal(a->text, b->text);
}

static bool
same_values(const struct tide_event *a, const struct tide_columns *a_columns,
            const struct tide_event *b, const struct tide_columns *b_columns)
{
	if (a->value_count != b->value_count)
		return false;
	for (size_t i = 0; i < a->value_count; i++) {
		struct tide_text name =
		    tide_mapping_column_name(a_columns, a->values[i].column);
		size_t j = 0;

		while (j < b->value_count &&
		       !tide_text_equal(name, tide_mapping_column_name(b_columns,
		                                                       b->values[j].column)))
			j++;
		if (j == b->value_count || !same_value(&a->values[i], &b->values[j]))
			return false;
	}
	return true;
}

static bool
same_scores(const struct tide_event *a, const struct tide_event *b)
{
	bool same = a->score_count == b->score_count && same_value(&a->score, &b->score);

	for (size_t i = 0; same && i < a->score_count; i++)
		same = same_number(a->scores[i], b->scores[i]) &&
		       tide_text_equal(a->classes[i], b->classes[i]);
	return same;
}

const char *
tide_same_event(const struct tide_event *a, const struct tide_columns *a_columns,
                const struct tide_event *b, const struct tide_columns *b_columns)
{
	if (!a->poison != !b->poison)
		return "poison";
	if (a->poison)
		return strcmp(a->poison, b->poison) == 0 ? NULL : "reason";
	if (!tide_text_equal(a->id, b->id) || memcmp(&a->key, &b->key, sizeof(a->key)) != 0)
		return "id";
	if (a->time_ms != b->time_ms)
		return "time";
	if (!tide_text_equal(a->model, b->model) || !tide_text_equal(a->version, b->version))
		return "model";
	if (!same_value(&a->prediction, &b->prediction) || !same_value(&a->target, &b->target))
		return "outcome";
	if (!same_scores(a, b))
		return "scores";
	if (!same_number(a->weight, b->weight) || !same_number(a->latency_ms, b->latency_ms) ||
	    a->error != b->error)
		return "extras";
	for (size_t i = 0; i < a->field_count; i++)
		if (!same_value(&a->fields[i], &b->fields[i]))
			return "fields";
	return same_values(a, a_columns, b, b_columns) ? NULL : "values";
}
