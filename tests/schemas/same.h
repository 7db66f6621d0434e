#ifndef TIDE_TESTS_SCHEMAS_SAME_H
#define TIDE_TESTS_SCHEMAS_SAME_H
#include "schemas/decode.h"
/* Whether two decoders saw the same event. */

/** NULL, or the word in which they differ. Columns are compared by name, in any order; numbers by
 *  value, texts of numbers not at all. */
const char *tide_same_event(const struct tide_event *a, const struct tide_columns *a_columns,
                            const struct tide_event *b, const struct tide_columns *b_columns);

/** xorshift64*: the same numbers everywhere. */
uint64_t tide_same_random(uint64_t *state);
#endif
