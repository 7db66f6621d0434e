#include "app/state_record.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *prefix;
	enum tide_state_kind kind;
} kinds[] = {{"alert/", TIDE_STATE_ALERT},
             {"drift/", TIDE_STATE_DRIFT},
             {"follow/", TIDE_STATE_FOLLOW},
             {"snapshot/", TIDE_STATE_SNAPSHOT}};

enum tide_state_kind
tide_state_record_kind(struct tide_text key)
{
	if (tide_text_is(key, TIDE_STATE_STAGE_KEY))
		return TIDE_STATE_STAGE;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		size_t length = strlen(kinds[i].prefix);
		if (key.length > length && memcmp(key.bytes, kinds[i].prefix, length) == 0)
			return kinds[i].kind;
	}
	return TIDE_STATE_OTHER;
}

void
tide_state_record_stage(struct tide_buffer *value, int64_t epoch, const char *state_hash,
                        const struct tide_panes *panes)
{
	struct tide_buffer bytes;

	tide_text_buffer_init(&bytes, TIDE_STATE_VALUE_BYTES / 2);
	tide_panes_state_save(panes, &bytes);
	tide_text_put_format(value, "s1;E=%lld;H=%s;", (long long) epoch, state_hash);
	tide_text_put_hex(value, bytes.bytes, bytes.length);
	value->failed |= bytes.failed;
	tide_text_buffer_fini(&bytes);
}

/* The value ends in a 0 that is not counted. */
static enum tide_alert_put
stage_load(struct tide_state_stage *stage, struct tide_text value)
{
	enum tide_panes_answer answer = TIDE_PANES_STRANGE;
	long long epoch;
	char hash[17];
	int head = 0;

	if (sscanf(value.bytes, "s1;E=%lld;H=%16[0-9a-f];%n", &epoch, hash, &head) != 2 ||
	    head == 0 || epoch < 0 || strcmp(hash, stage->state_hash) != 0)
		return TIDE_ALERT_PUT_STRANGE;
	size_t digits = value.length - (size_t) head;
	uint8_t *bytes = malloc(digits / 2 + 1);
	if (!bytes)
		return TIDE_ALERT_PUT_NO_MEMORY;
	if (tide_text_read_hex((struct tide_text){value.bytes + head, digits}, bytes))
		answer = tide_panes_state_load(stage->panes, bytes, digits / 2);
	free(bytes);
	if (answer == TIDE_PANES_OK)
		stage->epoch = epoch;
	return answer == TIDE_PANES_OK        ? TIDE_ALERT_PUT_OK
	       : answer == TIDE_PANES_NO_ROOM ? TIDE_ALERT_PUT_NO_MEMORY
	                                      : TIDE_ALERT_PUT_STRANGE;
}

enum tide_alert_put
tide_state_record_load(struct tide_state_stage *stage, const struct tide_state_entry *entry)
{
	struct tide_text key = tide_state_table_key(entry);

	if (tide_state_record_kind(key) == TIDE_STATE_STAGE)
		return stage_load(stage, tide_state_table_value(entry));
	return tide_alert_state_put(stage->alerts, key, tide_state_table_value(entry));
}
