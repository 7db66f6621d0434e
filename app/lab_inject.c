#include "app/lab_inject.h"
#include "app/config_value.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define PLACE_PREDICTION ((uint64_t) TIDE_COLUMNS_MAX)
#define PLACE_SCORE      (PLACE_PREDICTION + 1)
#define PLACE_TARGET     (PLACE_PREDICTION + 2)

static const struct change_word {
	const char *name;
	enum tide_lab_change change;
	bool is_share; /* its number is a probability */
} change_words[] = {{"shift", TIDE_LAB_SHIFT, false},   {"scale", TIDE_LAB_SCALE, false},
                    {"missing", TIDE_LAB_MISSING, true}, {"swap", TIDE_LAB_SWAP, true},
                    {"category", TIDE_LAB_SWAP, true},   {"stuck", TIDE_LAB_STUCK, false},
                    {"label_flip", TIDE_LAB_FLIP, true}};

static struct tide_value
value_of(const char *text)
{
	struct tide_value value = {.kind = TIDE_VALUE_TEXT, .text = tide_text_of(text)};

	if (tide_text_read_number(value.text, &value.number))
		value.kind = TIDE_VALUE_NUMBER;
	return value;
}

/* A time, a date, or a share of the records' time. */
static bool
at_read(char *text, struct tide_lab_injection *injection)
{
	char date[32];
	size_t length = strlen(text);
	double share, whole = 1;

	if (length > 0 && text[length - 1] == '%') {
		text[length - 1] = 0;
		whole = 100;
	}
	if (tide_text_read_number(tide_text_of(text), &share)) {
		injection->at_share = share / whole;
		return share >= 0 && share <= whole;
	}
	injection->at_share = NAN;
	snprintf(date, sizeof date, "%s%s", text, length == 10 ? "T00:00:00Z" : "");
	return tide_config_value_time(date, &injection->at_ms);
}

/* `VALUE:P` leaves P in place of the whole. */
static char *
value_split(char *text, struct tide_lab_injection *injection)
{
	char *colon = strrchr(text, ':');

	if (!colon)
		return NULL;
	*colon = 0;
	injection->value = value_of(text);
	return colon + 1;
}

static bool
change_read(const struct change_word *word, char *text, struct tide_lab_injection *injection)
{
	size_t length = strlen(text);

	if (injection->change != TIDE_LAB_NONE)
		return false;
	injection->change = word->change;
	if (word->change == TIDE_LAB_STUCK) {
		injection->value = value_of(text);
		return true;
	}
	if (word->change == TIDE_LAB_SWAP && !(text = value_split(text, injection)))
		return false;
	if (word->change == TIDE_LAB_SHIFT) {
		if (length < 2 || strcmp(text + length - 2, "sd") != 0)
			return false;
		text[length - 2] = 0;
	}
	return tide_text_read_number(tide_text_of(text), &injection->number) &&
	       (!word->is_share || (injection->number >= 0 && injection->number <= 1));
}

static bool
word_read(char *word, struct tide_lab_injection *injection)
{
	char *value = strchr(word, '=');

	if (!value)
		return false;
	*value++ = 0;
	if (strcmp(word, "at") == 0)
		return at_read(value, injection);
	if (strcmp(word, "column") == 0) {
		injection->column = value;
		return true;
	}
	for (size_t i = 0; i < sizeof change_words / sizeof *change_words; i++)
		if (strcmp(word, change_words[i].name) == 0)
			return change_read(&change_words[i], value, injection);
	return false;
}

int
tide_lab_inject_read(const char *text, struct tide_lab_injection *injection,
                        struct tide_error *error)
{
	size_t length = strlen(text);

	*injection = (struct tide_lab_injection){.text = text, .at_share = .5};
	if (length >= sizeof injection->words)
		return tide_error_stop(error, TIDE_ERROR_USAGE, "--inject: more than %zu bytes",
		                       sizeof injection->words - 1);
	memcpy(injection->words, text, length + 1);
	for (char *at = injection->words, *next; at; at = next) {
		next = strchr(at, ',');
		if (next)
			*next++ = 0;
		if (!word_read(at, injection))
			return tide_error_stop(error, TIDE_ERROR_USAGE,
			                       "--inject \"%s\": what is \"%s\"? Say column=GLOB, "
			                       "one of shift=0.2sd, scale=2, missing=0.1, "
			                       "swap=VALUE:0.1, stuck=VALUE, label_flip=0.1, and "
			                       "at=60%% or at=TIME",
			                       text, at);
	}
	if (injection->change == TIDE_LAB_NONE)
		return tide_error_stop(error, TIDE_ERROR_USAGE,
		                       "--inject \"%s\": what changes? Say shift=, scale=, "
		                       "missing=, swap=, stuck= or label_flip=",
		                       text);
	if ((injection->change == TIDE_LAB_FLIP) == (injection->column != NULL))
		return tide_error_stop(error, TIDE_ERROR_USAGE,
		                       "--inject \"%s\": %s", text,
		                       injection->column ? "label_flip is of the target: no column"
		                                         : "of which column? Say column=GLOB");
	return 0;
}

double
tide_lab_inject_chance(const struct tide_event *event, uint64_t place, uint64_t seed)
{
	const uint64_t words[] = {event->key.high, event->key.low, place, seed};
	struct tide_text bytes = {(const char *) words, sizeof words};

	return (double) (tide_hash_plain(bytes) >> 11) * 0x1p-53;
}

static void
moments_add(struct tide_lab_moments *moments, const struct tide_value *value)
{
	if (value->kind != TIDE_VALUE_NUMBER)
		return;
	double from = value->number - moments->mean;
	moments->mean += from / ++moments->n;
	moments->squares += from * (value->number - moments->mean);
}

static size_t
class_find(const struct tide_lab_facts *facts, const struct tide_value *target)
{
	char rooms[2][TIDE_TEXT_NUMBER_SIZE];
	struct tide_text text = tide_event_value_text(target, rooms[0]);
	size_t i = 0;

	while (i < facts->class_count &&
	       !tide_text_equal(text, tide_event_value_text(&facts->classes[i], rooms[1])))
		i++;
	return i;
}

static void
class_learn(struct tide_lab_facts *facts, const struct tide_value *target)
{
	size_t i = class_find(facts, target);
	char *text = i < TIDE_LAB_CLASSES_MAX ? facts->class_texts[i] : NULL;

	if (i < facts->class_count || !text || target->kind == TIDE_VALUE_NULL ||
	    target->text.length >= sizeof facts->class_texts[i])
		return;
	if (target->text.length)
		memcpy(text, target->text.bytes, target->text.length);
	facts->classes[i] = *target;
	facts->classes[i].text.bytes = text;
	facts->class_count++;
}

void
tide_lab_inject_learn(struct tide_lab_facts *facts, const struct tide_event *event)
{
	if (facts->first_ms == facts->last_ms && facts->first_ms == 0)
		facts->first_ms = facts->last_ms = event->time_ms;
	facts->first_ms = event->time_ms < facts->first_ms ? event->time_ms : facts->first_ms;
	facts->last_ms = event->time_ms > facts->last_ms ? event->time_ms : facts->last_ms;
	if (event->role == TIDE_LABELS) {
		moments_add(&facts->target, &event->target);
		class_learn(facts, &event->target);
		return;
	}
	moments_add(&facts->prediction, &event->prediction);
	moments_add(&facts->score, &event->score);
	for (size_t i = 0; i < event->value_count; i++)
		moments_add(&facts->columns[event->values[i].column], &event->values[i]);
}

static void
value_change(struct tide_lab_injection *injection, const struct tide_lab_moments *moments,
             double chance, struct tide_value *value)
{
	struct tide_value before = *value;
	double sd = moments->n > 1 ? sqrt(moments->squares / (moments->n - 1)) : 0;
	bool is_number = value->kind == TIDE_VALUE_NUMBER;
	bool hit = chance < injection->number;

	if (injection->change == TIDE_LAB_SHIFT && is_number)
		value->number += injection->number * sd;
	else if (injection->change == TIDE_LAB_SCALE && is_number)
		value->number *= injection->number;
	else if (injection->change == TIDE_LAB_MISSING && hit)
		*value = (struct tide_value){.kind = TIDE_VALUE_NULL};
	else if (injection->change == TIDE_LAB_STUCK || (injection->change == TIDE_LAB_SWAP && hit))
		*value = injection->value;
	else
		return;
	value->column = before.column;
	if (value->kind == TIDE_VALUE_NUMBER && !isfinite(value->number))
		value->kind = TIDE_VALUE_NONFINITE;
	injection->changed++;
}

static void
target_change(struct tide_lab_injection *injection, const struct tide_lab_facts *facts,
              double chance, struct tide_event *event)
{
	size_t class = class_find(facts, &event->target);

	if (injection->change != TIDE_LAB_FLIP) {
		if (tide_text_matches(TIDE_TEXT("$target"), injection->column))
			value_change(injection, &facts->target, chance, &event->target);
		return;
	}
	if (class >= facts->class_count || facts->class_count < 2 || chance >= injection->number)
		return;
	event->target = facts->classes[(class + 1) % facts->class_count];
	injection->changed++;
}

static void
own_change(struct tide_lab_injection *injection, const struct tide_lab_moments *moments,
           struct tide_text name, double chance, struct tide_value *value)
{
	if (value->kind != TIDE_VALUE_NULL && injection->column[0] == '$' &&
	    tide_text_matches(name, injection->column))
		value_change(injection, moments, chance, value);
}

void
tide_lab_inject(struct tide_lab_injection *injection, const struct tide_lab_facts *facts,
                const struct tide_columns *columns, uint64_t seed, struct tide_event *event,
                struct tide_value *room)
{
	if (event->time_ms < injection->at_ms)
		return;
	if (event->role == TIDE_LABELS) {
		target_change(injection, facts, tide_lab_inject_chance(event, PLACE_TARGET, seed), event);
		return;
	}
	if (injection->change == TIDE_LAB_FLIP)
		return;
	own_change(injection, &facts->prediction, TIDE_TEXT("$prediction"),
	           tide_lab_inject_chance(event, PLACE_PREDICTION, seed), &event->prediction);
	own_change(injection, &facts->score, TIDE_TEXT("$score"),
	           tide_lab_inject_chance(event, PLACE_SCORE, seed), &event->score);
	for (size_t i = 0; i < event->value_count; i++) {
		uint32_t column = event->values[i].column;
		room[i] = event->values[i];
		if (tide_text_matches(tide_mapping_column_name(columns, column), injection->column))
			value_change(injection, &facts->columns[column],
			             tide_lab_inject_chance(event, column, seed), &room[i]);
	}
	event->values = room;
}
