#include "detectors/concept/online.h"
#include "detectors/concept/running.h"
#include <math.h>
/*
 *  (1) Drift detection method: p is the error rate since the last drift, s = sqrt(p (1 - p) / n).
 *      From the 31st value on, where p + s was least (the last such), they are p' and s'; a value
 *      warns where p + s > p' + 2 s', and is a drift where p + s > p' + 3 s'.
 *  (2) Without an error among the first 31 values s' is 0, and the first one is a drift: an early
 *      false alarm at low error rates, kept to match.
 *  (3) Source: Gama, Medas, Castillo and Rodrigues 2004.   Matches: River 0.26.1
 *      drift.binary.DDM().
 */

#define FIRST 30 /* values without a verdict */

struct ddm {
	struct running errors;
	double rate, deviation; /* p' and s' */
};

static void
reset(void *state)
{
	struct ddm *ddm = state;

	*ddm = (struct ddm){.rate = INFINITY};
}

static enum tide_online_verdict
add(void *state, double value)
{
	struct ddm *ddm = state;

	running_add(&ddm->errors, value);
	double p = ddm->errors.mean, s = sqrt(p * (1 - p) / ddm->errors.n);
	if (ddm->errors.n <= FIRST)
		return TIDE_ONLINE_NONE;
	if (p + s <= ddm->rate + ddm->deviation) {
		ddm->rate = p;
		ddm->deviation = s;
	}
	if (p + s > ddm->rate + 3 * ddm->deviation) {
		reset(ddm);
		return TIDE_ONLINE_DRIFT;
	}
	return p + s > ddm->rate + 2 * ddm->deviation ? TIDE_ONLINE_WARNING : TIDE_ONLINE_NONE;
}

static void
save(const void *state, struct tide_buffer *out)
{
	const struct ddm *ddm = state;

	running_save(&ddm->errors, out);
	tide_bytes_put_double(out, ddm->rate);
	tide_bytes_put_double(out, ddm->deviation);
}

static bool
load(void *state, struct tide_reader *in)
{
	struct ddm *ddm = state;

	running_load(&ddm->errors, in);
	ddm->rate = tide_bytes_double(in);
	ddm->deviation = tide_bytes_double(in);
	return !in->bad;
}

const struct tide_online tide_ddm = {
	.name = "ddm",
	.takes = TIDE_ONLINE_ERRORS,
	.size = sizeof(struct ddm),
	.reset = reset,
	.add = add,
	.save = save,
	.load = load,
};
