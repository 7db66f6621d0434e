#define _GNU_SOURCE /* memfd_create */
#include "fuzz.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct tide_columns *columns;

struct tide_decoder *
tide_fuzz_decoder(const struct tide_mapping *mapping)
{
	struct tide_decoder *decoder = NULL;
	struct tide_error error = {0};

	if (!columns)
		columns = tide_mapping_columns_new();
	if (!columns || tide_decode_new(mapping, columns, &decoder, &error))
		fprintf(stderr, "%s\n", error.text);
	TIDE_ASSERT(decoder);
	return decoder;
}

/* Every byte is read, so that a borrowed text which is gone is seen. */
static void
text_check(struct tide_text text)
{
	volatile unsigned sum = 0;

	TIDE_ASSERT(text.length <= TIDE_RECORD_BYTES_MAX);
	for (size_t i = 0; i < text.length; i++)
		sum += (unsigned char)text.bytes[i];
	(void)sum;
}

static void
value_check(const struct tide_value *value)
{
	char room[TIDE_TEXT_NUMBER_SIZE];

	TIDE_ASSERT(value->kind != TIDE_VALUE_NUMBER || isfinite(value->number));
	text_check(tide_event_value_text(value, room));
	if (value->kind != TIDE_VALUE_NULL && value->kind != TIDE_VALUE_OTHER)
		text_check(value->text);
}

static void
poison_check(const struct tide_event *event)
{
	size_t at = 0;

	while (tide_decode_reasons[at] && strcmp(tide_decode_reasons[at], event->poison) != 0)
		at++;
	TIDE_ASSERT(tide_decode_reasons[at] && tide_decode_reasons_text[at]);
	TIDE_ASSERT(event->value_count == 0 && event->field_count == 0 && event->id.length == 0);
}

static void
event_check(const struct tide_event *event)
{
	static uint8_t seen[TIDE_COLUMNS_MAX];

	TIDE_ASSERT(event->id.length <= TIDE_ID_BYTES_MAX && event->time_ms >= 0);
	TIDE_ASSERT(event->weight >= 0 && isfinite(event->weight));
	text_check(event->id);
	text_check(event->model);
	text_check(event->version);
	value_check(&event->prediction);
	value_check(&event->target);
	value_check(&event->score);
	for (size_t i = 0; i < event->score_count; i++)
		TIDE_ASSERT(isnan(event->scores[i]) ||
		            (event->scores[i] >= 0 && event->scores[i] <= 1));
	for (size_t i = 0; i < event->field_count; i++)
		value_check(&event->fields[i]);
	memset(seen, 0, sizeof(seen));
	for (size_t i = 0; i < event->value_count; i++) {
		value_check(&event->values[i]);
		TIDE_ASSERT(event->values[i].column < tide_mapping_column_count(columns));
		TIDE_ASSERT(!seen[event->values[i].column]++);
	}
}

void
tide_fuzz_decode(struct tide_decoder *decoder, const uint8_t *bytes, size_t size, size_t padding)
{
	struct tide_event event = {.record_ms = 1};
	uint8_t *copy = malloc(size + padding + 1);

	TIDE_ASSERT(copy);
	/* Without padding a read behind the last byte is a read behind the block. */
	uint8_t *start = copy + (padding == 0);
	if (size > 0)
		memcpy(start, bytes, size);
	memset(start + size, '}', padding);
	tide_decode(decoder, start, size, &event);
	if (event.poison)
		poison_check(&event);
	else
		event_check(&event);
	free(copy);
}

const char *
tide_fuzz_file(const uint8_t *bytes, size_t size)
{
	static char path[32];
	static int file = -1;

	if (file < 0)
		file = memfd_create("fuzz", 0);
	TIDE_ASSERT(file >= 0 && ftruncate(file, 0) == 0);
	TIDE_ASSERT(size == 0 || pwrite(file, bytes, size, 0) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	return path;
}
