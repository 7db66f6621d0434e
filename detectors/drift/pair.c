#include "detectors/drift/pair.h"
#include "base/statistics.h"

#define EXPECTATION_MIN 5
#define LN_10 2.30258509299404568402

static const struct tide_column_test no_test = {NULL, NAN, NAN, NAN, NAN, NAN, NAN, NAN};

static bool
pair_total(struct tide_pair *pair, struct tide_finding *finding)
{
	for (size_t i = 0; i < pair->count; i++) {
		pair->n += (double)pair->current[i];
		pair->m += (double)pair->reference[i];
		pair->filled += pair->current[i] + pair->reference[i] > 0;
	}
	if (pair->n > 0 && pair->m > 0) {
		pair->ne = pair->n * pair->m / (pair->n + pair->m);
		return true;
	}
	if (finding)
		finding_fails(finding, TIDE_NO_DATA, "no values on the bins of the reference");
	return false;
}

bool
tide_pair_start(struct tide_pair *pair, const struct tide_subject *subject,
                struct tide_finding *finding)
{
	const struct tide_column_fold *fold = subject->fold;
	const struct tide_distribution *distribution = subject->distribution;

	*pair = (struct tide_pair){0};
	if (fold && fold->bins && distribution && distribution->bins &&
	    fold->bin_count == distribution->bin_count)
		*pair = (struct tide_pair){.current = fold->bins,
		                           .reference = distribution->bins,
		                           .count = fold->bin_count};
	return pair_total(pair, finding);
}

bool
tide_pair_smooth(const struct tide_pair *pair, size_t i, struct tide_pair_shares *shares)
{
	double c = (double)pair->current[i], r = (double)pair->reference[i];
	double a = (double)pair->filled / 2, pooled = (c + r) / (pair->n + pair->m);

	if (c + r <= 0)
		return false;
	shares->current = (c + a * pooled) / (pair->n + a);
	shares->reference = (r + a * pooled) / (pair->m + a);
	return true;
}

/* Each fine cell lies in one decile, for the deciles are among the fine edges. */
static void
regroup(const struct tide_column_shape *shape, const uint64_t *fine, uint64_t counts[10])
{
	size_t decile = 0;

	for (size_t i = 0; i <= shape->fine_count; i++) {
		while (i > 0 && decile < shape->decile_count &&
		       shape->deciles[decile] <= shape->fine[i - 1])
			decile++;
		counts[decile] += fine[i];
	}
}

bool
tide_pair_deciles(struct tide_pair *pair, const struct tide_subject *subject,
                  uint64_t counts[2][10], struct tide_finding *finding)
{
	const struct tide_column_fold *fold = subject->fold;
	const struct tide_distribution *distribution = subject->distribution;
	const struct tide_column_shape *shape = subject->shape;

	*pair = (struct tide_pair){0};
	for (size_t i = 0; i < 20; i++)
		counts[i / 10][i % 10] = 0;
	if (shape && fold && fold->fine && distribution->fine &&
	    fold->fine_count == distribution->fine_count) {
		regroup(shape, fold->fine, counts[0]);
		regroup(shape, distribution->fine, counts[1]);
		pair->current = counts[0];
		pair->reference = counts[1];
		pair->count = shape->decile_count + 1;
	}
	return pair_total(pair, finding);
}

static double
cell_square(const struct tide_pair *pair, double c, double r)
{
	double difference = c / pair->n - r / pair->m;

	return pair->n * pair->m * difference * difference / (c + r);
}

struct lumps {
	double c, r, last_c, last_r, sum; /* what is gathered, and the last full cell */
	size_t cells;
};

static bool
is_small(const struct tide_pair *pair, double c, double r)
{
	return fmin(pair->n, pair->m) * (c + r) < EXPECTATION_MIN * (pair->n + pair->m);
}

/* A cell counts only when the next one is full: what is left joins the last. */
static void
lump(const struct tide_pair *pair, struct lumps *lumps, double c, double r)
{
	lumps->c += c;
	lumps->r += r;
	if (is_small(pair, lumps->c, lumps->r))
		return;
	if (lumps->cells > 0)
		lumps->sum += cell_square(pair, lumps->last_c, lumps->last_r);
	lumps->last_c = lumps->c;
	lumps->last_r = lumps->r;
	lumps->c = lumps->r = 0;
	lumps->cells++;
}

/* X^2 of the lumped cells; their number is left in `cells`. */
static double
pearson(const struct tide_pair *pair, size_t *cells)
{
	struct lumps lumps = {0};
	double rare_c = pair->unseen[0], rare_r = pair->unseen[1];

	for (size_t i = 0; i < pair->count; i++) {
		double c = (double)pair->current[i], r = (double)pair->reference[i];
		if (!pair->is_categorical || !is_small(pair, c, r)) {
			lump(pair, &lumps, c, r);
			continue;
		}
		rare_c += c;
		rare_r += r;
	}
	lump(pair, &lumps, rare_c, rare_r);
	*cells = lumps.cells;
	if (lumps.cells == 0)
		return 0;
	return lumps.sum + cell_square(pair, lumps.last_c + lumps.c, lumps.last_r + lumps.r);
}

bool
tide_pair_counts(struct tide_pair *pair, const uint64_t *current, const uint64_t *reference,
                 size_t count)
{
	*pair = (struct tide_pair){.current = current, .reference = reference, .count = count};
	return pair_total(pair, NULL);
}

struct tide_column_test
tide_pair_judge(const struct tide_pair *pair, double min_effect,
                const struct tide_backtest *backtest)
{
	double phi = backtest ? backtest->phi : 1, phi_df = backtest ? backtest->df : INFINITY;
	double lambda = min_effect * pair->ne / phi;
	size_t cells;
	double square = pearson(pair, &cells);

	if (cells < 2)
		return no_test;
	double df = (double)(cells - 1), f = square / (df * phi);
	return (struct tide_column_test){
		.null = backtest ? "backtest" : "iid",
		.square = square,
		.df = df,
		.phi = phi,
		.p_value = tide_statistics_ncf_sf(f, df, phi_df, lambda),
		.log10_p = tide_statistics_ncf_log_sf(f, df, phi_df, lambda) / LN_10,
		.plain_p = tide_statistics_f_sf(f, df, phi_df),
		.plain_log10_p = tide_statistics_f_log_sf(f, df, phi_df) / LN_10,
	};
}

/* Values that are no category of the reference: they are rows of both samples. */
static void
unseen_take(struct tide_pair *pair, const struct tide_subject *subject)
{
	double c = (double)subject->fold->unseen, r = (double)subject->distribution->counts.unseen;

	pair->is_categorical = subject->shape && subject->shape->type == TIDE_COLUMN_CATEGORICAL;
	if (!pair->is_categorical)
		return;
	pair->unseen[0] = c;
	pair->unseen[1] = subject->evidence->held_out ? fmax(0, r - c) : r;
	pair->n += pair->unseen[0];
	pair->m += pair->unseen[1];
	pair->ne = pair->n * pair->m / (pair->n + pair->m);
}

struct tide_column_test
tide_pair_test(const struct tide_subject *subject)
{
	uint64_t rest[TIDE_COLUMN_FINE_MAX];
	struct tide_pair pair;

	if (!tide_pair_start(&pair, subject, NULL))
		return no_test;
	if (subject->evidence->held_out && pair.count <= TIDE_COLUMN_FINE_MAX) {
		for (size_t i = 0; i < pair.count; i++)
			rest[i] = pair.reference[i] > pair.current[i]
			                  ? pair.reference[i] - pair.current[i]
			                  : 0;
		if (!tide_pair_counts(&pair, pair.current, rest, pair.count))
			return no_test;
	}
	unseen_take(&pair, subject);
	return tide_pair_judge(&pair, subject->shape ? subject->shape->min_effect : 0,
	                       subject->backtest);
}

double
tide_pair_chi_mean(const struct tide_pair *pair)
{
	double df = (double)pair->filled - 1;

	return df > 0 ? sqrt(2) * exp(lgamma((df + 1) / 2) - lgamma(df / 2)) : NAN;
}
