#include "windowing/clock.h"

#define FILE_SKEW_MS (INT64_C(366) * 86400000)
#define RANK 3

void
tide_clock_start(struct tide_clock *clock, int64_t watermark_ms, int64_t out_of_orderness_ms)
{
	*clock = (struct tide_clock){.max_ms = TIDE_NO_TIME};
	if (watermark_ms != TIDE_NO_TIME)
		clock->max_ms = watermark_ms + out_of_orderness_ms;
}

int64_t
tide_clock_watermark(const struct tide_clock *clock, int64_t out_of_orderness_ms)
{
	if (clock->ended)
		return TIDE_CLOCK_END;
	return clock->max_ms == TIDE_NO_TIME ? TIDE_NO_TIME : clock->max_ms - out_of_orderness_ms;
}

/* (3): one wrong clock, or two, are never the third largest. */
static int64_t
third_largest(const struct tide_clock *clock)
{
	int64_t top[RANK] = {INT64_MIN, INT64_MIN, INT64_MIN};
	size_t count = clock->recent_count < TIDE_CLOCK_RECENT ? clock->recent_count
	                                                       : TIDE_CLOCK_RECENT;

	for (size_t i = 0; i < count; i++) {
		int64_t time_ms = clock->recent_ms[i];
		for (size_t rank = 0; rank < RANK; rank++) {
			if (time_ms > top[rank]) {
				int64_t lower = top[rank];
				top[rank] = time_ms;
				time_ms = lower;
			}
		}
	}
	return top[RANK - 1];
}

bool
tide_clock_accept(struct tide_clock *clock, int64_t time_ms, int64_t record_ms,
                  int64_t max_future_skew_ms)
{
	int64_t reached = time_ms;

	if (time_ms > TIDE_CLOCK_LAST_MS)
		return false;
	if (record_ms != TIDE_NO_TIME) {
		if (time_ms - max_future_skew_ms > record_ms)
			return false;
	} else {
		if (clock->max_ms != TIDE_NO_TIME && time_ms - FILE_SKEW_MS > clock->max_ms)
			return false;
		clock->recent_ms[clock->recent_count++ % TIDE_CLOCK_RECENT] = time_ms;
		if (clock->recent_count < RANK)
			return true;
		reached = third_largest(clock);
	}
	if (clock->max_ms == TIDE_NO_TIME || reached > clock->max_ms)
		clock->max_ms = reached;
	return true;
}

int64_t
tide_clock_window(const struct tide_window_options *options, int64_t time_ms)
{
	int64_t since_ms = time_ms - options->origin_ms;
	int64_t count = since_ms / options->size_ms - (since_ms % options->size_ms < 0);

	return options->origin_ms + count * options->size_ms;
}
