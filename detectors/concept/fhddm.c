#include "detectors/concept/online.h"
#include <string.h>
/*
 *  (1) Fast Hoeffding drift detection method: the share of values that are no error among the last
 *      100; a drift where it has fallen below its largest since the last drift by more than
 *      sqrt(ln(1 / .000001) / 200).
 *  (2) Source: Pesaranghader and Viktor 2016.   Matches: River 0.26.1 drift.binary.FHDDM() that is
 *      given 1 for what is right, since it watches for a fall.
 */

#define WINDOW 100
#define FALL .26282608848784655 /* sqrt(ln(1 / .000001) / 200) */

struct fhddm {
	uint32_t count, next; /* values in the window; where the next one goes */
	uint32_t right, most; /* values in the window that are no error; the most in a full one */
	uint8_t window[WINDOW];
};

static void
reset(void *state)
{
	memset(state, 0, sizeof(struct fhddm));
}

static void
put(struct fhddm *fhddm, uint8_t right)
{
	fhddm->right += right;
	if (fhddm->count == WINDOW)
		fhddm->right -= fhddm->window[fhddm->next];
	else
		fhddm->count++;
	fhddm->window[fhddm->next] = right;
	fhddm->next = (fhddm->next + 1) % WINDOW;
}

static enum tide_online_verdict
add(void *state, double value)
{
	struct fhddm *fhddm = state;

	put(fhddm, value != 1);
	if (fhddm->count < WINDOW)
		return TIDE_ONLINE_NONE;
	if (fhddm->right > fhddm->most)
		fhddm->most = fhddm->right;
	if ((double) fhddm->most / WINDOW - (double) fhddm->right / WINDOW <= FALL)
		return TIDE_ONLINE_NONE;
	reset(fhddm);
	return TIDE_ONLINE_DRIFT;
}

/* The window from its oldest value on. */
static void
save(const void *state, struct tide_buffer *out)
{
	const struct fhddm *fhddm = state;

	tide_bytes_put_number(out, fhddm->most);
	tide_bytes_put_number(out, fhddm->count);
	for (uint32_t i = WINDOW - fhddm->count; i < WINDOW; i++)
		tide_bytes_put_number(out, fhddm->window[(fhddm->next + i) % WINDOW]);
}

static bool
load(void *state, struct tide_reader *in)
{
	struct fhddm *fhddm = state;
	uint64_t most = tide_bytes_number(in), count = tide_bytes_number(in);

	reset(fhddm);
	if (most > WINDOW || count > WINDOW)
		return false;
	fhddm->most = (uint32_t) most;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t right = tide_bytes_number(in);
		if (right > 1)
			return false;
		put(fhddm, (uint8_t) right);
	}
	return !in->bad;
}

const struct tide_online tide_fhddm = {
	.name = "fhddm",
	.takes = TIDE_ONLINE_ERRORS,
	.size = sizeof(struct fhddm),
	.reset = reset,
	.add = add,
	.save = save,
	.load = load,
};
