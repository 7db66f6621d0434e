#include "windowing/classes.h"
#include "base/hash.h"
#include <string.h>

#define PREFIX "$label:"
#define PREFIX_LENGTH (sizeof PREFIX - 1)

void
tide_classes_init(struct tide_classes *classes)
{
	*classes = (struct tide_classes){0};
	classes->labels[TIDE_CLASS_OTHER] = TIDE_TEXT(PREFIX "__other__");
}

struct tide_text
tide_classes_name(const struct tide_classes *classes, size_t number)
{
	struct tide_text label = classes->labels[number];

	return (struct tide_text){label.bytes + PREFIX_LENGTH, label.length - PREFIX_LENGTH};
}

/* The slot that has the name, or the free one where it would go. */
static size_t
slot_of(const struct tide_classes *classes, struct tide_text name)
{
	size_t at = tide_hash_plain(name) & (TIDE_CLASS_SLOTS - 1);

	while (classes->slots[at] &&
	       !tide_text_equal(tide_classes_name(classes, classes->slots[at] - 1u), name))
		at = (at + 1) & (TIDE_CLASS_SLOTS - 1);
	return at;
}

uint8_t
tide_classes_find(const struct tide_classes *classes, struct tide_text name)
{
	uint16_t slot = classes->slots[slot_of(classes, tide_text_cut(name, TIDE_CLASS_BYTES_MAX))];

	return slot ? (uint8_t) (slot - 1) : TIDE_CLASS_OTHER;
}

uint8_t
tide_classes_number(struct tide_classes *classes, struct tide_text name, struct tide_arena *arena)
{
	name = tide_text_cut(name, TIDE_CLASS_BYTES_MAX);
	uint16_t *slot = &classes->slots[slot_of(classes, name)];

	if (!*slot && classes->count < TIDE_CLASSES_MAX) {
		char *bytes = tide_pool_arena_take(arena, PREFIX_LENGTH + name.length + 1);
		memcpy(bytes, PREFIX, PREFIX_LENGTH);
		if (name.length)
			memcpy(bytes + PREFIX_LENGTH, name.bytes, name.length);
		classes->labels[classes->count] =
		        (struct tide_text){bytes, PREFIX_LENGTH + name.length};
		*slot = (uint16_t) ++classes->count;
	}
	return *slot ? (uint8_t) (*slot - 1) : TIDE_CLASS_OTHER;
}

size_t
tide_classes_sort(const struct tide_classes *classes, uint8_t order[TIDE_CLASSES_MAX + 1])
{
	size_t count = 0;

	for (size_t i = 0; i <= classes->count; i++) {
		size_t number = i < classes->count ? i : TIDE_CLASS_OTHER, at = count++;
		for (; at > 0 && tide_text_compare(classes->labels[order[at - 1]],
		                                   classes->labels[number]) > 0;
		     at--)
			order[at] = order[at - 1];
		order[at] = (uint8_t) number;
	}
	return count;
}
