#include "schemas/event.h"
#include <math.h>

void
tide_event_init(struct tide_event *event, enum tide_role role)
{
	struct tide_event fresh = {.role = role,
	                           .partition = event->partition,
	                           .offset = event->offset,
	                           .record_ms = event->record_ms,
	                           .time_ms = TIDE_NO_TIME,
	                           .weight = 1,
	                           .latency_ms = NAN,
	                           .cpu = NAN,
	                           .memory = NAN};

	*event = fresh;
}

struct tide_text
tide_event_value_text(const struct tide_value *value, char room[TIDE_TEXT_NUMBER_SIZE])
{
	switch (value->kind) {
	case TIDE_VALUE_NUMBER:
		return (struct tide_text){room, tide_text_number(value->number, room)};
	case TIDE_VALUE_TEXT:
	case TIDE_VALUE_BOOLEAN:
		return value->text;
	case TIDE_VALUE_NULL:
	case TIDE_VALUE_NONFINITE:
	case TIDE_VALUE_OTHER:
		break;
	}
	return (struct tide_text){"", 0};
}
