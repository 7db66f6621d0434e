#include "detectors/concept/online.h"
#include <math.h>
/*
 *  (1) Drift detection by McDiarmid's bound, of weighted averages: e is the exponentially weighted
 *      mean (weight .05) of the values since the last drift, b the sum of the squared weights as
 *      b = .05^2 + .95^2 b from 1. Where e + sqrt(b ln(1 / .001) / 2) is less than ever before, e
 *      and b are kept as those of the older values, and those of the newer ones begin anew.
 *      Where e(newer) - e(older) > sqrt((b(older) + b(newer)) ln(1 / c) / 2) a value is a drift
 *      for c = .001, and warns for c = .005. One-sided: it sees losses grow.
 *  (2) Source: Frias-Blanco and others 2015.   Matches: River 0.26.1 drift.binary.HDDMW().
 */

#define WEIGHT .05
#define LN_DRIFT 6.907755278982137   /* ln(1 / .001) */
#define LN_WARNING 5.298317366548036 /* ln(1 / .005) */

struct weighted {
	double mean, squares;
	uint64_t begun; /* 0 or 1: whether there was a value */
};
struct hddm_w {
	struct weighted all, older, newer;
	double least;
};

static const struct weighted nothing = {.squares = 1};

static void
reset(void *state)
{
	struct hddm_w *hddm = state;

	*hddm = (struct hddm_w){nothing, nothing, nothing, INFINITY};
}

static void
weighted_add(struct weighted *weighted, double value)
{
	weighted->mean =
	        weighted->begun ? WEIGHT * value + (1 - WEIGHT) * weighted->mean : value;
	weighted->squares = WEIGHT * WEIGHT + (1 - WEIGHT) * (1 - WEIGHT) * weighted->squares;
	weighted->begun = 1;
}

static enum tide_online_verdict
add(void *state, double value)
{
	struct hddm_w *hddm = state;

	weighted_add(&hddm->all, value);
	double most = hddm->all.mean + sqrt(hddm->all.squares * LN_DRIFT / 2);
	if (most < hddm->least) {
		hddm->least = most;
		hddm->older = hddm->all;
		hddm->newer = nothing;
		return TIDE_ONLINE_NONE;
	}
	weighted_add(&hddm->newer, value);
	double growth = hddm->newer.mean - hddm->older.mean;
	double squares = hddm->older.squares + hddm->newer.squares;
	if (growth <= 0 || !hddm->older.begun) /* the bounds are not below 0 */
		return TIDE_ONLINE_NONE;
	if (growth <= sqrt(squares * LN_WARNING / 2))
		return TIDE_ONLINE_NONE;
	if (growth <= sqrt(squares * LN_DRIFT / 2))
		return TIDE_ONLINE_WARNING;
	reset(hddm);
	return TIDE_ONLINE_DRIFT;
}

static void
weighted_save(const struct weighted *weighted, struct tide_buffer *out)
{
	tide_bytes_put_double(out, weighted->mean);
	tide_bytes_put_double(out, weighted->squares);
	tide_bytes_put_number(out, weighted->begun);
}

static void
weighted_load(struct weighted *weighted, struct tide_reader *in)
{
	weighted->mean = tide_bytes_double(in);
	weighted->squares = tide_bytes_double(in);
	weighted->begun = tide_bytes_number(in);
	in->bad |= weighted->begun > 1;
}

static void
save(const void *state, struct tide_buffer *out)
{
	const struct hddm_w *hddm = state;

	weighted_save(&hddm->all, out);
	weighted_save(&hddm->older, out);
	weighted_save(&hddm->newer, out);
	tide_bytes_put_double(out, hddm->least);
}

static bool
load(void *state, struct tide_reader *in)
{
	struct hddm_w *hddm = state;

	weighted_load(&hddm->all, in);
	weighted_load(&hddm->older, in);
	weighted_load(&hddm->newer, in);
	hddm->least = tide_bytes_double(in);
	return !in->bad;
}

const struct tide_online tide_hddm_w = {
	.name = "hddm_w",
	.takes = TIDE_ONLINE_SHARES,
	.size = sizeof(struct hddm_w),
	.reset = reset,
	.add = add,
	.save = save,
	.load = load,
};
