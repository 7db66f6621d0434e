#include "alerts/alert_state.h"
#include "alerts/alert_private.h"
#include <string.h>

#define STARTS_MAX 32 /* windows that a rule remembers */
#define FIELDS 8      /* numbers before the starts */

/* Nothing to remember: a state without it would judge the same. */
static bool
state_rests(const struct alert_state *state)
{
	return !state->firing && state->breaches == 0;
}

static void
state_write(const struct alert_state *state, struct tide_buffer *value)
{
	const int64_t fields[FIELDS] = {state->breaches,       state->judged,
	                                state->calm,           state->firing,
	                                state->was_resolved,   state->first_start_ms,
	                                state->resolved_start_ms, state->judged};

	tide_text_put_string(value, "a1");
	for (size_t i = 0; i < FIELDS + state->judged; i++) {
		tide_text_put(value, ";", 1);
		tide_text_put_integer(value, i < FIELDS ? fields[i] : state->starts[i - FIELDS]);
	}
}

bool
tide_alert_state_take(struct tide_alerts *alerts, char key[TIDE_ALERT_STATE_KEY],
                      struct tide_buffer *value)
{
	struct alert_state *state;

	while ((state = alerts->changed)) {
		bool rests = state_rests(state), told = state->was_saved;
		alerts->changed = state->next_changed;
		state->has_changed = false;
		state->was_saved = !rests;
		if (rests && !told)
			continue;
		memcpy(key, state->identity, TIDE_ALERT_STATE_KEY - 1);
		key[TIDE_ALERT_STATE_KEY - 1] = 0;
		if (!rests)
			state_write(state, value);
		return true;
	}
	return false;
}

/* ";" and a decimal; false: it is none, or too large. */
static bool
number_read(struct tide_text *text, int64_t *number)
{
	const char *at = text->bytes, *end = at + text->length;
	uint64_t sum = 0;
	bool negative;

	if (at == end || *at++ != ';')
		return false;
	negative = at != end && *at == '-';
	at += negative;
	const char *digits = at;
	for (; at != end && *at >= '0' && *at <= '9'; at++) {
		if (sum > (uint64_t) INT64_MAX / 10 - 1)
			return false;
		sum = sum * 10 + (uint64_t) (*at - '0');
	}
	if (at == digits)
		return false;
	*number = negative ? -(int64_t) sum : (int64_t) sum;
	*text = (struct tide_text){at, (size_t) (end - at)};
	return true;
}

static bool
is_identity(struct tide_text key)
{
	if (key.length != ALERT_FULL_DIGITS)
		return false;
	for (size_t i = 0; i < key.length; i++)
		if (!memchr("0123456789abcdef", key.bytes[i], 16))
			return false;
	return true;
}

enum tide_alert_put
tide_alert_state_put(struct tide_alerts *alerts, struct tide_text key, struct tide_text value)
{
	int64_t fields[FIELDS + STARTS_MAX] = {0};
	struct alert_state *state;
	size_t count = 0;

	if (!is_identity(key))
		return TIDE_ALERT_PUT_STRANGE;
	if (value.length) {
		if (value.length < 2 || memcmp(value.bytes, "a1", 2) != 0)
			return TIDE_ALERT_PUT_STRANGE;
		value = (struct tide_text){value.bytes + 2, value.length - 2};
		while (value.length && count < FIELDS + STARTS_MAX &&
		       number_read(&value, &fields[count]))
			count++;
		if (value.length || count < FIELDS || fields[7] != (int64_t) (count - FIELDS) ||
		    fields[1] != fields[7] || fields[0] < 0 || fields[0] > UINT32_MAX)
			return TIDE_ALERT_PUT_STRANGE;
	}
	state = tide_alert_private_state(alerts, key.bytes, (unsigned) (count ? fields[1] : 0));
	if (!state)
		return TIDE_ALERT_PUT_NO_MEMORY;
	state->breaches = (uint32_t) fields[0];
	state->judged = (unsigned) fields[1];
	state->calm = (unsigned) fields[2];
	state->firing = fields[3];
	state->was_resolved = fields[4];
	state->first_start_ms = fields[5];
	state->resolved_start_ms = fields[6];
	for (size_t i = 0; i < state->judged; i++)
		state->starts[i] = fields[FIELDS + i];
	state->was_saved = value.bytes && count > 0;
	return TIDE_ALERT_PUT_OK;
}
