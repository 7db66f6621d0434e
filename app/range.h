#ifndef TIDE_APP_RANGE_H
#define TIDE_APP_RANGE_H
#include "base/error.h"
#include <stdbool.h>
#include <stdint.h>
/*
 * What a replay reads, as `--range` spells it.
 *
 *  (1) Times: `FROM..UNTIL`, or `@FROM:UNTIL` as rpk (Redpanda's client) spells it; an end that is
 *      left out is open. A time is a date, RFC 3339, 9 or 10 digits (seconds) or other digits
 *      (milliseconds); `-2h` is so long before the last record; UNTIL may be `1h30m`, behind FROM.
 *      `-2h` alone is `-2h..`. UNTIL itself is outside.
 *  (2) Offsets, of each partition by itself: `100:200`, `100`, `100:`, `:200`, `+100` behind its
 *      first, `-100` before its end, `start`, `end`.
 *  (3) "Before the last record" is not "before now": the same topics give the same range whenever
 *      they are asked.
 * A text that is neither is TIDE_ERROR_USAGE.
 */
enum tide_range_anchor {
	TIDE_RANGE_START, /* of what is there */
	TIDE_RANGE_END,
	TIDE_RANGE_AT,  /* this time or offset */
	TIDE_RANGE_FROM /* UNTIL of times: so long behind FROM */
};

struct tide_range_end {
	enum tide_range_anchor anchor;
	int64_t by; /* behind the anchor, in ms or offsets; of TIDE_RANGE_END at most 0 */
};

struct tide_range {
	bool offsets; /* else times */
	struct tide_range_end from, until;
};

int tide_range_read(const char *text, struct tide_range *range,
                    struct tide_error *error) TIDE_MUSTCHECK;
/** Is it of times, of which one stands before the last record? */
bool tide_range_needs_last(const struct tide_range *range);
/** The times of a range of times: [*from_ms, *until_ms), an open end is INT64_MIN or INT64_MAX.
 *  last_ms: of the last record, where it is needed. An empty range is TIDE_ERROR_USAGE. */
int tide_range_times(const struct tide_range *range, int64_t last_ms, int64_t *from_ms,
                     int64_t *until_ms, struct tide_error *error) TIDE_MUSTCHECK;
#endif
