#include "base/statistics.h"
#include "detectors/drift/pair.h"
/*
 *  (1) value: PSI, sum (p - q) ln(p / q) over the bins that hold a value of either side; the shares
 *      are smoothed in proportion to the pooled share s: p = (c + a s) / (n + a), a = half the
 *      number of these bins, so that bins empty on one side stay finite (SPEC 7.1).
 *  (2) p: two-sample Pearson X^2. Neighbouring bins are lumped until the smaller sample expects 5
 *      in each cell; df = cells - 1. It tests "more than PSI .01": the tail of the noncentral
 *      chi-square with lambda = ne .01, ne = n m / (n + m) (SPEC 7.3).
 *  (3) Fewer than two cells: INSUFFICIENT, no p; a sample without values: NO_DATA.
 *  (4) Source: Pearson 1911, Cochran 1954. Matches: scipy.stats.chi2_contingency (no correction)
 *      and scipy.stats.ncx2 on the same cells.
 */
#define EXPECTATION_MIN 5
#define EFFECT_MIN .01
#define LN_10 2.30258509299404568402

static double
stability(const struct pair *pair)
{
	double a = 0, sum = 0;

	for (size_t i = 0; i < pair->count; i++)
		a += pair->current[i] + pair->reference[i] > 0 ? .5 : 0;
	for (size_t i = 0; i < pair->count; i++) {
		double c = (double)pair->current[i], r = (double)pair->reference[i];
		double pooled = (c + r) / (pair->n + pair->m);
		if (c + r <= 0)
			continue;
		double p = (c + a * pooled) / (pair->n + a);
		double q = (r + a * pooled) / (pair->m + a);
		sum += (p - q) * log(p / q);
	}
	return sum;
}

static double
cell_square(const struct pair *pair, double c, double r)
{
	double difference = c / pair->n - r / pair->m;

	return pair->n * pair->m * difference * difference / (c + r);
}

/* X^2 of the lumped cells; their number is left in `cells`. */
static double
pearson(const struct pair *pair, size_t *cells)
{
	double smaller = fmin(pair->n, pair->m), total = pair->n + pair->m;
	double c = 0, r = 0, last_c = 0, last_r = 0, sum = 0;

	*cells = 0;
	for (size_t i = 0; i < pair->count; i++) {
		c += (double)pair->current[i];
		r += (double)pair->reference[i];
		if (smaller * (c + r) < EXPECTATION_MIN * total)
			continue;
		/* A cell counts only when the next one is full: what is left joins the last. */
		if (*cells > 0)
			sum += cell_square(pair, last_c, last_r);
		last_c = c;
		last_r = r;
		c = r = 0;
		(*cells)++;
	}
	if (*cells == 0)
		return 0;
	return sum + cell_square(pair, last_c + c, last_r + r);
}

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct pair pair;
	size_t cells;
	double square, df, lambda;

	if (!pair_start(&pair, subject, finding))
		return;
	finding_value(finding, stability(&pair), pair.n);
	square = pearson(&pair, &cells);
	if (cells < 2) {
		finding_fails(finding, TIDE_INSUFFICIENT, "fewer than two cells of enough values");
		return;
	}
	df = (double)(cells - 1);
	lambda = EFFECT_MIN * pair.n * pair.m / (pair.n + pair.m);
	finding->p_value = tide_statistics_ncx2_sf(square, df, lambda);
	finding->log10_p = tide_statistics_ncx2_log_sf(square, df, lambda) / LN_10;
}

const struct tide_detector tide_detector_drift = {
	.name = "drift",
	.aliases = "",
	.title = "Drift of a column",
	.unit = "1",
	.formula = "sum (p - q) ln(p / q), smoothed; p of Pearson X^2 against PSI .01",
	.source = "Pearson 1911",
	.dialect = "",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_HAS_TEST,
	.judge = judge,
};
