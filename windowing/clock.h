#ifndef TIDE_WINDOWING_CLOCK_H
#define TIDE_WINDOWING_CLOCK_H
#include "windowing/options.h"
/*
 * The watermark of one queue: event time, as far as this queue alone can tell (SPEC 1.1).
 *
 *  (1) W is the largest valid timestamp so far minus out_of_orderness; it never goes back.
 *  (2) With record times a timestamp is valid iff ts <= record time + max_future_skew.
 *  (3) Without them W follows the running maximum of the 3rd largest of the last 20 timestamps, and
 *      only a timestamp more than 366 days past it is refused; no value before the third.
 *  (4) A timestamp behind the year 9999 is refused whatever the record time says.
 *  (5) TIDE_NO_TIME: no value yet. TIDE_CLOCK_END: the bounded input has ended.
 */
#define TIDE_CLOCK_END INT64_MAX
#define TIDE_CLOCK_LAST_MS INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */
#define TIDE_CLOCK_RECENT 20

struct tide_clock {
	int64_t max_ms; /* of what may move the watermark; TIDE_NO_TIME */
	int64_t recent_ms[TIDE_CLOCK_RECENT];
	size_t recent_count; /* timestamps seen without record time */
	bool ended;
};

void tide_clock_start(struct tide_clock *clock, int64_t watermark_ms, int64_t out_of_orderness_ms);
int64_t tide_clock_watermark(const struct tide_clock *clock, int64_t out_of_orderness_ms);
/** False: the timestamp is from the future and moves nothing (2) to (4). */
bool tide_clock_accept(struct tide_clock *clock, int64_t time_ms, int64_t record_ms,
                       int64_t max_future_skew_ms);
/** Start of the window that a time falls into. */
int64_t tide_clock_window(const struct tide_window_options *options, int64_t time_ms);

/* Times that only go one way. */
static inline void
tide_clock_raise(int64_t *time_ms, int64_t least_ms)
{
	if (least_ms > *time_ms)
		*time_ms = least_ms;
}

static inline void
tide_clock_lower(int64_t *time_ms, int64_t most_ms)
{
	if (most_ms < *time_ms)
		*time_ms = most_ms;
}
#endif
