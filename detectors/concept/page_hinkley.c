#include "detectors/concept/online.h"
#include "detectors/concept/running.h"
#include <math.h>
/*
 *  (1) Page-Hinkley's test, two-sided: the sums U = .9999 U + x - mean - .005 and
 *      D = .9999 D + x - mean + .005 over the values since the last drift, the mean with x in it.
 *      From the 30th value on a drift where U - min(U) > 50 or max(D, -1) - D > 50.
 *  (2) 50 is in the unit of the values: made for losses near 1. Where they are near 100 every
 *      30th value is a drift; scale them.
 *  (3) Source: Page 1954, Hinkley 1971.   Matches: River 0.26.1 drift.PageHinkley().
 */

#define FIRST 30
#define DELTA .005
#define KEPT (1 - .0001)
#define THRESHOLD 50

struct page_hinkley {
	struct running values;
	double up, up_least, down, down_most;
};

static void
reset(void *state)
{
	struct page_hinkley *test = state;

	*test = (struct page_hinkley){.up_least = INFINITY, .down_most = -1};
}

static enum tide_online_verdict
add(void *state, double value)
{
	struct page_hinkley *test = state;

	running_add(&test->values, value);
	double deviation = value - test->values.mean;
	test->up = KEPT * test->up + deviation - DELTA;
	test->down = KEPT * test->down + deviation + DELTA;
	if (test->up < test->up_least)
		test->up_least = test->up;
	if (test->down > test->down_most)
		test->down_most = test->down;
	if (test->values.n < FIRST || (test->up - test->up_least <= THRESHOLD &&
				       test->down_most - test->down <= THRESHOLD))
		return TIDE_ONLINE_NONE;
	reset(test);
	return TIDE_ONLINE_DRIFT;
}

static void
save(const void *state, struct tide_buffer *out)
{
	const struct page_hinkley *test = state;

	running_save(&test->values, out);
	tide_bytes_put_double(out, test->up);
	tide_bytes_put_double(out, test->up_least);
	tide_bytes_put_double(out, test->down);
	tide_bytes_put_double(out, test->down_most);
}

static bool
load(void *state, struct tide_reader *in)
{
	struct page_hinkley *test = state;

	running_load(&test->values, in);
	test->up = tide_bytes_double(in);
	test->up_least = tide_bytes_double(in);
	test->down = tide_bytes_double(in);
	test->down_most = tide_bytes_double(in);
	return !in->bad;
}

const struct tide_online tide_page_hinkley = {
	.name = "page_hinkley",
	.takes = TIDE_ONLINE_NUMBERS,
	.size = sizeof(struct page_hinkley),
	.reset = reset,
	.add = add,
	.save = save,
	.load = load,
};
