#include "detectors/concept/online.h"
#include <math.h>
#include <string.h>
/*
 *  (1) Adaptive windowing: the values since the last drift as an exponential histogram, of which
 *      row r holds up to 5 sums of 2^r values. Every 32nd value is a drift where some cut into n0
 *      older and n1 newer values, each at least 5, has
 *      |mean0 - mean1| > sqrt(2 m V d) + 2/3 m d, V the variance of all values,
 *      d = ln(2 ln(n) / .002), m = 1 / (n0 - 4) + 1 / (n1 - 4).
 *  (2) Everything is forgotten after a drift, so no value is ever taken out of the window, and no
 *      variance but that of the whole is needed.
 *  (3) Cost: O(1) amortised, and a check of O(5 log2(n)) cuts every 32nd value.
 *  (4) Source: Bifet and Gavalda 2007 (ADWIN2).   Matches: River 0.26.1 drift.ADWIN().
 */

#define DELTA .002
#define CLOCK 32
#define SUMS 5       /* that a row keeps; with one more the two oldest become one of the next row */
#define CUT_LEAST 5  /* values on either side of a cut */
#define LOAD_ROWS 52 /* more than that 2^52 values fill */
#define ROWS (LOAD_ROWS + 2) /* a row more is carried to after 2^52 values more */

struct adwin {
	double total, squares; /* squares: sum of (value - mean)^2 */
	uint64_t width;
	uint32_t rows;
	uint32_t counts[ROWS];
	double sums[ROWS][SUMS + 1]; /* the oldest first */
};

static void
reset(void *state)
{
	struct adwin *adwin = state;

	adwin->total = adwin->squares = 0;
	adwin->width = 0;
	adwin->rows = 0;
	memset(adwin->counts, 0, sizeof adwin->counts);
}

static void
insert(struct adwin *adwin, double sum)
{
	uint32_t row = 0;

	for (;;) {
		double *sums = adwin->sums[row];
		sums[adwin->counts[row]++] = sum;
		if (adwin->counts[row] <= SUMS)
			break;
		sum = sums[0] + sums[1];
		memmove(sums, sums + 2, (SUMS - 1) * sizeof *sums);
		adwin->counts[row++] = SUMS - 1;
	}
	if (row >= adwin->rows)
		adwin->rows = row + 1;
}

struct cut {
	double n0, n1, sum0, sum1; /* of the older and of the newer values */
};

static bool
cut_differs(const struct cut *cut, double variance, double d)
{
	double m = 1 / (cut->n0 - CUT_LEAST + 1) + 1 / (cut->n1 - CUT_LEAST + 1);

	return fabs(cut->sum0 / cut->n0 - cut->sum1 / cut->n1) >
	       sqrt(2 * m * variance * d) + 2.0 / 3 * d * m;
}

/* False for most cuts, and only where cut_differs is: its first term alone, without a division or
 * root, and with room for all that was rounded on either way. */
static bool
cut_may_differ(const struct cut *cut, double variance_d)
{
	double a = cut->sum0 * cut->n1, b = cut->sum1 * cut->n0, sides = cut->n0 * cut->n1;
	double gap = fabs(a - b) + 1e-14 * (fabs(a) + fabs(b));
	double less0 = cut->n0 - CUT_LEAST + 1, less1 = cut->n1 - CUT_LEAST + 1;

	return !(gap * gap * less0 * less1 <
		 1.99 * variance_d * (less0 + less1) * sides * sides);
}

static bool
differs(const struct adwin *adwin)
{
	double width = (double) adwin->width, variance = adwin->squares / width;
	double d = log(2 * log(width) / DELTA), variance_d = variance * d;
	struct cut cut = {0, width, 0, adwin->total};

	for (uint32_t row = adwin->rows; row-- > 0;)
		for (uint32_t i = 0; i < adwin->counts[row]; i++) {
			cut.n0 += (double) (UINT64_C(1) << row);
			cut.n1 -= (double) (UINT64_C(1) << row);
			cut.sum0 += adwin->sums[row][i];
			cut.sum1 -= adwin->sums[row][i];
			if (cut.n1 < CUT_LEAST)
				return false;
			if (cut.n0 >= CUT_LEAST && cut_may_differ(&cut, variance_d) &&
			    cut_differs(&cut, variance, d))
				return true;
		}
	return false;
}

static enum tide_online_verdict
add(void *state, double value)
{
	struct adwin *adwin = state;
	double before = (double) adwin->width, width = before + 1;

	if (adwin->width > 0) {
		double deviation = value - adwin->total / before;
		adwin->squares += before * deviation * deviation / width;
	}
	adwin->total += value;
	adwin->width++;
	insert(adwin, value);
	if (adwin->width % CLOCK != 0 || !differs(adwin))
		return TIDE_ONLINE_NONE;
	reset(adwin);
	return TIDE_ONLINE_DRIFT;
}

static void
save(const void *state, struct tide_buffer *out)
{
	const struct adwin *adwin = state;

	tide_bytes_put_double(out, adwin->total);
	tide_bytes_put_double(out, adwin->squares);
	tide_bytes_put_number(out, adwin->rows);
	for (uint32_t row = 0; row < adwin->rows; row++) {
		tide_bytes_put_number(out, adwin->counts[row]);
		for (uint32_t i = 0; i < adwin->counts[row]; i++)
			tide_bytes_put_double(out, adwin->sums[row][i]);
	}
}

static bool
load(void *state, struct tide_reader *in)
{
	struct adwin *adwin = state;

	reset(adwin);
	adwin->total = tide_bytes_double(in);
	adwin->squares = tide_bytes_double(in);
	uint64_t rows = tide_bytes_number(in);
	if (in->bad || rows > LOAD_ROWS)
		return false;
	adwin->rows = (uint32_t) rows;
	for (uint32_t row = 0; row < rows; row++) {
		uint64_t count = tide_bytes_number(in);
		if (in->bad || count < 1 || count > SUMS)
			return false;
		adwin->counts[row] = (uint32_t) count;
		adwin->width += count << row;
		for (uint32_t i = 0; i < count; i++)
			adwin->sums[row][i] = tide_bytes_double(in);
	}
	return !in->bad;
}

const struct tide_online tide_adwin = {
	.name = "adwin",
	.takes = TIDE_ONLINE_NUMBERS,
	.size = sizeof(struct adwin),
	.reset = reset,
	.add = add,
	.save = save,
	.load = load,
};
