#include "alerts/memory.h"

void
tide_memory_change(struct tide_memory **changed, struct tide_memory *memory)
{
	if (memory->has_changed)
		return;
	memory->has_changed = true;
	memory->next_changed = *changed;
	*changed = memory;
}

struct tide_memory *
tide_memory_next(struct tide_memory **changed)
{
	struct tide_memory *memory = *changed;

	if (!memory)
		return NULL;
	*changed = memory->next_changed;
	memory->has_changed = false;
	return memory;
}

void
tide_memory_put_number(struct tide_buffer *value, int64_t number)
{
	tide_text_put(value, ";", 1);
	tide_text_put_integer(value, number);
}

bool
tide_memory_read_number(struct tide_text *text, int64_t *number)
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
