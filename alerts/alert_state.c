#include "alerts/alert_state.h"
#include "alerts/alert_private.h"
#include <string.h>

#define STARTS_MAX 32 /* windows that a rule remembers */
#define FIELDS     10 /* numbers before the starts, the last one how many these are */
#define FIELDS_1   8  /* the same in records of before, "a1" */

/* Without it, whatever is judged would be judged the same. */
static bool
alert_rests(const struct tide_memory *memory)
{
	const struct alert_state *state = (const struct alert_state *) memory;

	return !state->firing && state->breaches == 0;
}

static void
alert_write(const struct tide_memory *memory, struct tide_buffer *value)
{
	const struct alert_state *state = (const struct alert_state *) memory;
	const int64_t fields[FIELDS] = {
	        state->breaches,      state->judged,         state->calm,
	        state->firing,        state->was_resolved,   state->first_start_ms,
	        state->resolved_start_ms, state->critical,   state->told_start_ms,
	        state->judged};

	tide_text_put_string(value, "a2");
	for (size_t i = 0; i < FIELDS; i++)
		tide_memory_put_number(value, fields[i]);
	for (size_t i = 0; i < state->judged; i++)
		tide_memory_put_number(value, state->starts[i]);
}

/* The numbers of a value, or none of an empty one; false: it is strange. */
static bool
alert_fields(struct tide_text value, int64_t fields[FIELDS + STARTS_MAX])
{
	size_t count = 0, skipped = FIELDS - FIELDS_1;

	if (value.length == 0)
		return true;
	if (value.length < 2 || (memcmp(value.bytes, "a1", 2) != 0 && memcmp(value.bytes, "a2", 2) != 0))
		return false;
	bool before = value.bytes[1] == '1';
	value = (struct tide_text){value.bytes + 2, value.length - 2};
	while (value.length && count < FIELDS + STARTS_MAX &&
	       tide_memory_read_number(&value, &fields[count])) {
		count++;
		if (before && count == FIELDS_1 - 1)
			count += skipped;
	}
	return value.length == 0 && count >= FIELDS &&
	       fields[FIELDS - 1] == (int64_t) (count - FIELDS) &&
	       fields[1] == fields[FIELDS - 1] && fields[0] >= 0 && fields[0] <= UINT32_MAX;
}

static enum tide_alert_put
alert_put(struct tide_alerts *alerts, const char *identity, struct tide_text value,
          struct tide_memory **memory)
{
	int64_t fields[FIELDS + STARTS_MAX] = {0};
	struct alert_state *state;

	if (!alert_fields(value, fields))
		return TIDE_ALERT_PUT_STRANGE;
	state = tide_alert_private_state(alerts, identity, (unsigned) fields[1]);
	if (!state)
		return TIDE_ALERT_PUT_NO_MEMORY;
	state->breaches = (uint32_t) fields[0];
	state->judged = (unsigned) fields[1];
	state->calm = (unsigned) fields[2];
	state->firing = fields[3];
	state->was_resolved = fields[4];
	state->first_start_ms = fields[5];
	state->resolved_start_ms = fields[6];
	state->critical = fields[7];
	state->told_start_ms = fields[8];
	for (size_t i = 0; i < state->judged; i++)
		state->starts[i] = fields[FIELDS + i];
	*memory = &state->memory;
	return TIDE_ALERT_PUT_OK;
}

static bool
drift_rests(const struct tide_memory *memory)
{
	return !((const struct tide_model *) memory)->has_windows;
}

static void
drift_write(const struct tide_memory *memory, struct tide_buffer *value)
{
	tide_model_write((const struct tide_model *) memory, value);
}

static enum tide_alert_put
drift_put(struct tide_alerts *alerts, const char *identity, struct tide_text value,
          struct tide_memory **memory)
{
	struct tide_model *model = tide_model_of(&alerts->models, identity);

	if (!model)
		return TIDE_ALERT_PUT_NO_MEMORY;
	if (!tide_model_read(model, value))
		return TIDE_ALERT_PUT_STRANGE;
	*memory = &model->memory;
	return TIDE_ALERT_PUT_OK;
}

static bool
follow_rests(const struct tide_memory *memory)
{
	return !((const struct tide_follow *) memory)->detector;
}

static void
follow_write(const struct tide_memory *memory, struct tide_buffer *value)
{
	tide_follow_write((const struct tide_follow *) memory, value);
}

static enum tide_alert_put
follow_put(struct tide_alerts *alerts, const char *identity, struct tide_text value,
           struct tide_memory **memory)
{
	const struct tide_detector *detector = tide_follow_detector(value);

	if (!detector && value.length)
		return TIDE_ALERT_PUT_STRANGE;
	struct tide_follow *follow = tide_follow_of(&alerts->follows, identity, detector);
	if (!follow)
		return TIDE_ALERT_PUT_NO_MEMORY;
	if (!tide_follow_read(follow, value))
		return TIDE_ALERT_PUT_STRANGE;
	*memory = &follow->memory;
	return TIDE_ALERT_PUT_OK;
}

static const struct kind {
	const char *prefix;
	bool (*rests)(const struct tide_memory *memory);
	void (*write)(const struct tide_memory *memory, struct tide_buffer *value);
	enum tide_alert_put (*put)(struct tide_alerts *alerts, const char *identity,
	                           struct tide_text value, struct tide_memory **memory);
} kinds[TIDE_MEMORY_KINDS] = {
        [TIDE_MEMORY_ALERT] = {"alert/", alert_rests, alert_write, alert_put},
        [TIDE_MEMORY_DRIFT] = {"drift/", drift_rests, drift_write, drift_put},
        [TIDE_MEMORY_FOLLOW] = {"follow/", follow_rests, follow_write, follow_put},
};

bool
tide_alert_state_take(struct tide_alerts *alerts, char key[TIDE_ALERT_STATE_KEY],
                      struct tide_buffer *value)
{
	struct tide_memory *memory;

	while ((memory = tide_memory_next(&alerts->changed))) {
		const struct kind *kind = &kinds[memory->kind];
		bool rests = kind->rests(memory), told = memory->was_saved;
		memory->was_saved = !rests;
		if (rests && !told)
			continue;
		memory->was_given = true;
		size_t prefix = strlen(kind->prefix);
		TIDE_ASSERT(prefix + TIDE_MEMORY_DIGITS < TIDE_ALERT_STATE_KEY);
		memcpy(key, kind->prefix, prefix);
		memcpy(key + prefix, memory->identity, TIDE_MEMORY_DIGITS + 1);
		if (!rests)
			kind->write(memory, value);
		return true;
	}
	return false;
}

static void
memory_again(struct tide_alerts *alerts, struct tide_memory *memory)
{
	if (!memory->was_given)
		return;
	memory->was_saved = true; /* for all we know */
	tide_memory_change(&alerts->changed, memory);
}

void
tide_alert_state_again(struct tide_alerts *alerts)
{
	for (size_t i = 0; i < alerts->slot_count; i++)
		if (alerts->slots[i])
			memory_again(alerts, &alerts->slots[i]->memory);
	for (struct tide_model *model = alerts->models.first; model; model = model->next)
		memory_again(alerts, &model->memory);
	for (size_t i = 0; i < TIDE_FOLLOW_BUCKETS; i++)
		for (struct tide_follow *at = alerts->follows.buckets[i]; at; at = at->next)
			memory_again(alerts, &at->memory);
}

/* The kind of a key, and the digits of its identity; NULL: it is none of ours. */
static const struct kind *
key_kind(struct tide_text key, const char **identity)
{
	if (key.length < TIDE_MEMORY_DIGITS)
		return NULL;
	size_t prefix = key.length - TIDE_MEMORY_DIGITS;
	*identity = key.bytes + prefix;
	for (size_t i = 0; i < TIDE_MEMORY_DIGITS; i++)
		if (!memchr("0123456789abcdef", (*identity)[i], 16))
			return NULL;
	for (size_t i = 0; i < TIDE_MEMORY_KINDS; i++)
		if (tide_text_is((struct tide_text){key.bytes, prefix}, kinds[i].prefix))
			return &kinds[i];
	return NULL;
}

enum tide_alert_put
tide_alert_state_put(struct tide_alerts *alerts, struct tide_text key, struct tide_text value)
{
	const char *identity;
	const struct kind *kind = key_kind(key, &identity);
	struct tide_memory *memory;
	enum tide_alert_put put;

	if (!kind)
		return TIDE_ALERT_PUT_STRANGE;
	put = kind->put(alerts, identity, value, &memory);
	if (put != TIDE_ALERT_PUT_OK)
		return put;
	memory->was_saved = memory->was_given = value.length > 0;
	return TIDE_ALERT_PUT_OK;
}

size_t
tide_alert_state_open(const struct tide_alerts *alerts)
{
	size_t open = 0;

	for (size_t i = 0; i < alerts->slot_count; i++)
		open += alerts->slots[i] && alerts->slots[i]->firing;
	return open;
}
