#ifndef TIDE_APP_UTC_H
#define TIDE_APP_UTC_H
#include "base/text.h"
/** Writes a time for people: 2012-04-29 at midnight, else 2012-04-29T01:30:00Z with what there is
 *  of milliseconds; as a number of ms where no calendar has it. */
void tide_utc_print(struct tide_buffer *buffer, int64_t time_ms);
#endif
