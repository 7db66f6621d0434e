#include "detectors/concept/online.h"
#include "detectors/concept/running.h"
/*
 *  (1) Cumulative sum of what exceeds the mean: S = max(0, S + x - mean - .005) over the values
 *      since the last drift, the mean with x in it. From the 30th value on a drift where S > 50.
 *      One-sided: it sees losses grow.
 *  (2) 50 is in the unit of the values, as that of page_hinkley.
 *  (3) Source: Page 1954.   Matches: frouros 0.9.0 CUSUM(), reset after each drift.
 */

#define FIRST 30
#define DELTA .005
#define THRESHOLD 50

struct cusum {
	struct running values;
	double sum;
};

static void
reset(void *state)
{
	struct cusum *cusum = state;

	*cusum = (struct cusum){.sum = 0};
}

static enum tide_online_verdict
add(void *state, double value)
{
	struct cusum *cusum = state;

	running_add(&cusum->values, value);
	double sum = cusum->sum + value - cusum->values.mean - DELTA;
	cusum->sum = sum > 0 ? sum : 0;
	if (cusum->values.n < FIRST || cusum->sum <= THRESHOLD)
		return TIDE_ONLINE_NONE;
	reset(cusum);
	return TIDE_ONLINE_DRIFT;
}

static void
save(const void *state, struct tide_buffer *out)
{
	const struct cusum *cusum = state;

	running_save(&cusum->values, out);
	tide_bytes_put_double(out, cusum->sum);
}

static bool
load(void *state, struct tide_reader *in)
{
	struct cusum *cusum = state;

	running_load(&cusum->values, in);
	cusum->sum = tide_bytes_double(in);
	return !in->bad;
}

const struct tide_online tide_cusum = {
	.name = "cusum",
	.takes = TIDE_ONLINE_NUMBERS,
	.size = sizeof(struct cusum),
	.reset = reset,
	.add = add,
	.save = save,
	.load = load,
};
