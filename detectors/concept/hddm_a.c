#include "detectors/concept/online.h"
#include "detectors/concept/running.h"
#include <math.h>
/*
 *  (1) Drift detection by Hoeffding's bound, of averages: the mean of the n values since the last
 *      drift beside that of their first m, where m is the prefix (the longest such) of the least
 *      mean + sqrt(ln(1 / .001) / (2 m)). Where the mean has grown by
 *      sqrt((n - m) / (2 n m) ln(2 / c)) or more a value is a drift for c = .001, and warns for
 *      c = .005. One-sided: it sees losses grow.
 *  (2) Source: Frias-Blanco and others 2015.   Matches: River 0.26.1 drift.binary.HDDMA().
 */

#define LN_1000 6.907755278982137
#define LN_DRIFT 7.600902459542082   /* ln(2 / .001) */
#define LN_WARNING 5.991464547107982 /* ln(2 / .005) */

struct hddm_a {
	struct running all, prefix;
	double prefix_most; /* mean_most of the prefix */
};

static void
reset(void *state)
{
	struct hddm_a *hddm = state;

	*hddm = (struct hddm_a){.prefix_most = INFINITY};
}

static double
mean_most(const struct running *running)
{
	return running->mean + sqrt(1 / running->n / 2 * LN_1000);
}

static enum tide_online_verdict
add(void *state, double value)
{
	struct hddm_a *hddm = state;
	const struct running *all = &hddm->all, *prefix = &hddm->prefix;

	running_add(&hddm->all, value);
	double most = mean_most(all);
	if (hddm->prefix_most >= most) {
		hddm->prefix = hddm->all;
		hddm->prefix_most = most;
	}
	double growth = all->mean - prefix->mean;
	if (growth <= 0) /* the bounds are not below 0 */
		return TIDE_ONLINE_NONE;
	double half = (all->n - prefix->n) / prefix->n * (1 / all->n) / 2;
	if (growth < sqrt(half * LN_WARNING))
		return TIDE_ONLINE_NONE;
	if (growth < sqrt(half * LN_DRIFT))
		return TIDE_ONLINE_WARNING;
	reset(hddm);
	return TIDE_ONLINE_DRIFT;
}

static void
save(const void *state, struct tide_buffer *out)
{
	const struct hddm_a *hddm = state;

	running_save(&hddm->all, out);
	running_save(&hddm->prefix, out);
}

static bool
load(void *state, struct tide_reader *in)
{
	struct hddm_a *hddm = state;

	running_load(&hddm->all, in);
	running_load(&hddm->prefix, in);
	hddm->prefix_most = hddm->prefix.n > 0 ? mean_most(&hddm->prefix) : INFINITY;
	return !in->bad && hddm->prefix.n <= hddm->all.n;
}

const struct tide_online tide_hddm_a = {
	.name = "hddm_a",
	.takes = TIDE_ONLINE_SHARES,
	.size = sizeof(struct hddm_a),
	.reset = reset,
	.add = add,
	.save = save,
	.load = load,
};
