#include "detectors/concept/online.h"
#include <math.h>
#include <string.h>
/*
 *  (1) Kolmogorov-Smirnov windowing: the newest 30 of the last 100 values beside the older 70; from
 *      the 100th value since the last drift on, a drift where the exact two-sample p of their
 *      distance is at most .005. p depends on the distance alone, so that one number decides.
 *  (2) The values are kept in their order with a weight each, 3 for an older one and -7 for a newer
 *      one: 210 times the distance is the largest |sum of the weights up to some value|.
 *  (3) A value changes none of these sums by more than 10, so that a distance says how many values
 *      to come cannot be a drift. Cost: O(log 100) and two moves of O(100) a value, O(100) for a
 *      distance, which one in some four needs.
 *  (4) Source: Raab, Heusinger and Schleif 2020.   River 0.26.1 drift.KSWIN() draws 30 of the 70
 *      with a seed; here all 70 count, so nothing is drawn and nothing missed (SPEC 2.5).
 */

#define WINDOW 100
#define NEWER 30
#define OLDER (WINDOW - NEWER)
#define OLDER_WEIGHT 3    /* 210 / 70 */
#define NEWER_WEIGHT (-7) /* -210 / 30 */
#define STEP (OLDER_WEIGHT - NEWER_WEIGHT)
#define CRITICAL 78       /* the least d with Pr(210 D >= d) <= .005: .00442 */

struct kswin {
	double values[WINDOW]; /* in the order of their coming, from `next` on once there are all */
	double sorted[WINDOW];
	int16_t weights[WINDOW];
	uint32_t count, next;
	uint32_t sure; /* values to come that cannot be a drift */
};

static void
reset(void *state)
{
	struct kswin *kswin = state;

	kswin->count = kswin->next = kswin->sure = 0;
}

/* How many of the sorted are less. */
static uint32_t
rank(const struct kswin *kswin, double value)
{
	uint32_t rank = 0;

	for (uint32_t step = 64; step > 0; step /= 2)
		if (rank + step <= kswin->count && kswin->sorted[rank + step - 1] < value)
			rank += step;
	return rank;
}

/* Where one of this value and weight is; there is one. */
static uint32_t
place(const struct kswin *kswin, double value, int16_t weight)
{
	uint32_t at = rank(kswin, value);

	while (kswin->weights[at] != weight)
		at++;
	return at;
}

static void
insert(struct kswin *kswin, double value)
{
	uint32_t at = rank(kswin, value), after = kswin->count - at;

	memmove(kswin->sorted + at + 1, kswin->sorted + at, after * sizeof *kswin->sorted);
	memmove(kswin->weights + at + 1, kswin->weights + at, after * sizeof *kswin->weights);
	kswin->sorted[at] = value;
	kswin->weights[at] = NEWER_WEIGHT;
	kswin->count++;
}

static void
forget(struct kswin *kswin, double value)
{
	uint32_t at = place(kswin, value, OLDER_WEIGHT), after = --kswin->count - at;

	memmove(kswin->sorted + at, kswin->sorted + at + 1, after * sizeof *kswin->sorted);
	memmove(kswin->weights + at, kswin->weights + at + 1, after * sizeof *kswin->weights);
}

static int
distance(const struct kswin *kswin)
{
	int sum = 0, most = 0;

	for (uint32_t i = 0; i + 1 < WINDOW; i++) {
		sum += kswin->weights[i];
		int here = kswin->sorted[i] < kswin->sorted[i + 1] ? sum < 0 ? -sum : sum : 0;
		most = here > most ? here : most;
	}
	return most;
}

static enum tide_online_verdict
add(void *state, double value)
{
	struct kswin *kswin = state;

	if (kswin->count == WINDOW)
		forget(kswin, kswin->values[kswin->next]);
	if (kswin->count >= NEWER) {
		double older = kswin->values[(kswin->next + OLDER) % WINDOW];
		kswin->weights[place(kswin, older, NEWER_WEIGHT)] = OLDER_WEIGHT;
	}
	insert(kswin, value);
	kswin->values[kswin->next] = value;
	kswin->next = (kswin->next + 1) % WINDOW;
	if (kswin->count < WINDOW)
		return TIDE_ONLINE_NONE;
	if (kswin->sure > 0) {
		kswin->sure--;
		return TIDE_ONLINE_NONE;
	}
	int most = distance(kswin);
	if (most >= CRITICAL) {
		reset(kswin);
		return TIDE_ONLINE_DRIFT;
	}
	kswin->sure = (uint32_t) (CRITICAL - 1 - most) / STEP;
	return TIDE_ONLINE_NONE;
}

/* The window from its oldest value on; what else there is follows from it. */
static void
save(const void *state, struct tide_buffer *out)
{
	const struct kswin *kswin = state;

	tide_bytes_put_number(out, kswin->count);
	for (uint32_t i = WINDOW - kswin->count; i < WINDOW; i++)
		tide_bytes_put_double(out, kswin->values[(kswin->next + i) % WINDOW]);
}

static bool
load(void *state, struct tide_reader *in)
{
	struct kswin *kswin = state;
	uint64_t count = tide_bytes_number(in);

	reset(kswin);
	if (count > WINDOW)
		return false;
	for (uint64_t i = 0; i < count; i++) {
		double value = tide_bytes_double(in);
		if (in->bad || !isfinite(value) || add(kswin, value) != TIDE_ONLINE_NONE)
			return false;
	}
	return !in->bad;
}

const struct tide_online tide_kswin = {
	.name = "kswin",
	.takes = TIDE_ONLINE_NUMBERS,
	.size = sizeof(struct kswin),
	.reset = reset,
	.add = add,
	.save = save,
	.load = load,
};
