#ifndef TIDE_SCHEMAS_STAMP_H
#define TIDE_SCHEMAS_STAMP_H
#include "schemas/mapping.h"
/*
 * Timestamps of the world to milliseconds since the epoch, UTC.
 *
 *  (1) ms, s, us, ns: `text` is a JSON integer as spelled; parts of a millisecond are cut off.
 *  (2) RFC 3339: date, 'T' 't' or ' ', time, any fraction (cut to ms), 'Z' 'z' or an offset.
 *      A second 60 is the first of the next minute.
 *  (3) TIDE_STAMP_NEGATIVE: before 1970; TIDE_STAMP_BAD: anything else that is no timestamp.
 */
enum tide_stamp { TIDE_STAMP_OK, TIDE_STAMP_BAD, TIDE_STAMP_NEGATIVE };

enum tide_stamp tide_stamp_read(struct tide_text text, enum tide_time_unit unit, int64_t *time_ms);

/** A whole JSON integer that fits; false for fractions, exponents and what is too large. */
bool tide_stamp_integer(struct tide_text text, int64_t *integer);
#endif
