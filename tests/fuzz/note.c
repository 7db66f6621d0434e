/* A text beside a committed offset; what is read is written, and read again as it was. */
#include "app/poison.h"
#include "app/position.h"
#include "fuzz.h"
#include <stdlib.h>
#include <string.h>

static void
again(const struct tide_position_note *note)
{
	char text[TIDE_POSITION_NOTE], twice[TIDE_POSITION_NOTE];
	struct tide_position_note back;
	struct tide_error error;

	tide_position_write(note, text);
	TIDE_ASSERT(tide_position_read(text, &back, &error) == 0);
	tide_position_write(&back, twice);
	TIDE_ASSERT(strcmp(text, twice) == 0);
}

/* What a queue was told of bad records goes on where the note says. */
static void
poison(const struct tide_position_note *note)
{
	struct tide_poison poison;

	if (!tide_poison_start(&poison, note->read_offset, note->poison))
		return;
	int64_t offset = poison.next_offset;
	if (note->read_offset >= 0 && note->poison >= 0)
		TIDE_ASSERT(tide_poison_pack(&poison, offset) == note->poison);
	for (int64_t i = 0; i < 3 && offset < INT64_MAX - i; i++) {
		if (tide_poison_tell(&poison, offset + i, TIDE_POISON) & TIDE_POISON_HOPELESS)
			return;
		TIDE_ASSERT(tide_poison_start(&poison, offset + i + 1,
		                              tide_poison_pack(&poison, offset + i + 1)));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *text = malloc(size + 1);
	struct tide_position_note note;
	struct tide_error error;

	TIDE_ASSERT(text);
	if (size)
		memcpy(text, bytes, size);
	text[size] = 0;
	if (tide_position_read(text, &note, &error) == 0) {
		again(&note);
		poison(&note);
	}
	free(text);
	return 0;
}
