#include "alerts/alert_private.h"
#include "alerts/encode.h"
#include "base/hash.h"

/* One part of an identity: its length in decimal, a colon, its bytes. */
static void
name_part(struct tide_buffer *buffer, struct tide_text part)
{
	tide_text_put_integer(buffer, (int64_t) part.length);
	tide_text_put(buffer, ":", 1);
	tide_text_put(buffer, part.bytes, part.length);
}

static void
name_part_integer(struct tide_buffer *buffer, int64_t number)
{
	char digits[TIDE_TEXT_NUMBER_SIZE];

	/* all numbers here are exact in a double: milliseconds and small counts */
	name_part(buffer, (struct tide_text){digits, tide_text_number((double) number, digits)});
}

/* The parts that name the state of a rule, or of a metric that is followed: all of alert_id but
 * first_window_start. */
static bool
name_parts(struct tide_alerts *alerts, const char *name, const struct tide_cell_key *key,
           struct tide_text column)
{
	struct tide_buffer segment, *scratch = &alerts->scratch;
	bool failed;

	tide_text_buffer_init(&segment, TIDE_ALERT_NAME_BYTES);
	tide_encode_segment(&segment, alerts->segments, alerts->segment_count, key);
	tide_text_buffer_reset(scratch);
	name_part(scratch, tide_text_of(alerts->name));
	name_part(scratch, tide_text_of(name));
	name_part(scratch, key->model);
	name_part(scratch, key->version);
	name_part(scratch, (struct tide_text){segment.bytes, segment.length});
	name_part(scratch, column);
	failed = segment.failed || scratch->failed;
	tide_text_buffer_fini(&segment);
	return !failed;
}

bool
tide_alert_name_state(struct tide_alerts *alerts, const char *name, const struct tide_cell_key *key,
                      struct tide_text column, char identity[TIDE_MEMORY_DIGITS + 1])
{
	if (!name_parts(alerts, name, key, column))
		return false;
	tide_hash_sha256((struct tide_text){alerts->scratch.bytes, alerts->scratch.length},
	                 identity, TIDE_MEMORY_DIGITS);
	return true;
}

bool
tide_alert_name(struct tide_alerts *alerts, struct tide_alert *alert)
{
	struct tide_buffer *scratch = &alerts->scratch;

	if (!name_parts(alerts, alert->rule->name, &alert->key, alert->finding->column))
		return false;
	name_part_integer(scratch, alert->first_window_start_ms);
	if (scratch->failed)
		return false;
	tide_hash_sha256((struct tide_text){scratch->bytes, scratch->length}, alert->alert_id,
	                 sizeof alert->alert_id - 1);
	tide_text_buffer_reset(scratch);
	name_part(scratch, tide_text_of(alert->alert_id));
	name_part(scratch,
	          tide_text_of(alert->state == TIDE_ALERT_FIRING ? "firing" : "resolved"));
	name_part(scratch, tide_text_of(tide_alert_severity(alert)));
	name_part_integer(scratch, alert->window_start_ms);
	name_part_integer(scratch, (int64_t) alert->revision);
	if (scratch->failed)
		return false;
	tide_hash_sha256((struct tide_text){scratch->bytes, scratch->length}, alert->record_id,
	                 sizeof alert->record_id - 1);
	return true;
}
