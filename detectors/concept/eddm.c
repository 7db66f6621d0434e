#include "detectors/concept/online.h"
#include "detectors/concept/running.h"
#include <math.h>
/*
 *  (1) Early drift detection method: p is the mean of the distances between errors since the last
 *      drift, s their standard deviation (n - 1; 0 for one of them), and the level (p + 2 s) by
 *      the largest p + 2 s so far. Looked at where an error comes after the 30th value: it sets a
 *      new largest, or, from the 31st error on, is a drift below .9, begins a warning below .95,
 *      and ends one from there on.
 *  (2) At a stationary error rate of .1 some 10 of 10,000 values are drifts: kept to match.
 *  (3) Source: Baena-Garcia and others 2006.   Matches: River 0.26.1 drift.binary.EDDM().
 */

#define FIRST 30 /* values, and errors, before the first verdict */
#define WARNING .95
#define DRIFT .9

struct eddm {
	struct running distances;
	double squares, most; /* squares: sum of (distance - mean)^2 */
	uint64_t n, last;     /* last: the value that was the last error, from 1 */
	uint64_t warns;       /* 0 or 1 */
};

static void
reset(void *state)
{
	struct eddm *eddm = state;

	*eddm = (struct eddm){.most = -1};
}

static enum tide_online_verdict
verdict(const struct eddm *eddm)
{
	return eddm->warns ? TIDE_ONLINE_WARNING : TIDE_ONLINE_NONE;
}

static enum tide_online_verdict
add(void *state, double value)
{
	struct eddm *eddm = state;
	struct running *distances = &eddm->distances;

	eddm->n++;
	if (value != 1)
		return verdict(eddm);
	double distance = (double) (eddm->n - eddm->last), before = distances->mean;
	running_add(distances, distance);
	eddm->squares += (distance - before) * (distance - distances->mean);
	eddm->last = eddm->n;
	if (eddm->n <= FIRST)
		return verdict(eddm);
	double variance = distances->n > 1 ? eddm->squares / (distances->n - 1) : 0;
	double sum = distances->mean + 2 * sqrt(variance);
	if (sum > eddm->most) {
		eddm->most = sum;
	} else if (distances->n > FIRST) {
		double level = sum / eddm->most;
		if (level < DRIFT) {
			reset(eddm);
			return TIDE_ONLINE_DRIFT;
		}
		eddm->warns = level < WARNING;
	}
	return verdict(eddm);
}

static void
save(const void *state, struct tide_buffer *out)
{
	const struct eddm *eddm = state;

	running_save(&eddm->distances, out);
	tide_bytes_put_double(out, eddm->squares);
	tide_bytes_put_double(out, eddm->most);
	tide_bytes_put_number(out, eddm->n);
	tide_bytes_put_number(out, eddm->last);
	tide_bytes_put_number(out, eddm->warns);
}

static bool
load(void *state, struct tide_reader *in)
{
	struct eddm *eddm = state;

	running_load(&eddm->distances, in);
	eddm->squares = tide_bytes_double(in);
	eddm->most = tide_bytes_double(in);
	eddm->n = tide_bytes_number(in);
	eddm->last = tide_bytes_number(in);
	eddm->warns = tide_bytes_number(in);
	return !in->bad && eddm->n <= RUNNING_MAX && eddm->last <= eddm->n && eddm->warns <= 1;
}

const struct tide_online tide_eddm = {
	.name = "eddm",
	.takes = TIDE_ONLINE_ERRORS,
	.size = sizeof(struct eddm),
	.reset = reset,
	.add = add,
	.save = save,
	.load = load,
};
