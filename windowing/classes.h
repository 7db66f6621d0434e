#ifndef TIDE_WINDOWING_CLASSES_H
#define TIDE_WINDOWING_CLASSES_H
#include "base/pool.h"
#include "base/text.h"
/*
 * Numbers for the names of classes, so that a pending prediction needs one byte for its own.
 *
 *  (1) A class is its canonical text (SPEC 5.3). The first 255 get the numbers 0 to 254 in the
 *      order met; what comes later is TIDE_CLASS_OTHER, named `__other__`.
 *  (2) Numbers are good for the process and no more: what leaves is ordered by name.
 *  (3) Names live in the arena of the first mention, whose room was asked for before.
 */
#define TIDE_CLASSES_MAX 255
#define TIDE_CLASS_OTHER 255u
#define TIDE_CLASS_SLOTS 512 /* a power of two, at most half full */
#define TIDE_CLASS_BYTES_MAX 1024 /* longest name; the rest of a longer one is cut */

struct tide_classes {
	struct tide_text labels[TIDE_CLASSES_MAX + 1]; /* "$label:<class>", by number */
	uint16_t slots[TIDE_CLASS_SLOTS];              /* 0: free, else the number + 1 */
	size_t count;
};

void tide_classes_init(struct tide_classes *classes);
/** The number of a name, TIDE_CLASS_OTHER if it has none. */
uint8_t tide_classes_find(const struct tide_classes *classes, struct tide_text name);
/** The same, but a new name gets a number while there are any. */
uint8_t tide_classes_number(struct tide_classes *classes, struct tide_text name,
                            struct tide_arena *arena);
struct tide_text tide_classes_name(const struct tide_classes *classes, size_t number);
/** Every number there is, TIDE_CLASS_OTHER among them, by the bytes of the names; returns how
 *  many. */
size_t tide_classes_sort(const struct tide_classes *classes, uint8_t order[TIDE_CLASSES_MAX + 1]);
#endif
