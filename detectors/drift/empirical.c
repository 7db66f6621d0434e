#include "detectors/drift/empirical.h"

bool
tide_empirical_start(struct tide_empirical *pair, const struct tide_subject *subject,
                     struct tide_finding *finding)
{
	const struct tide_distribution *distribution = subject->distribution;

	*pair = (struct tide_empirical){.subject = subject,
	                                .n = (double)subject->counts.values,
	                                .m = (double)distribution->counts.values,
	                                .exact = subject->sorted && distribution->sorted};
	bool cells = subject->shape && subject->fold && subject->fold->fine && distribution->fine &&
	             subject->fold->fine_count == distribution->fine_count;
	if (!(pair->n > 0 && pair->m > 0) || !(pair->exact || cells)) {
		finding_fails(finding, TIDE_NO_DATA, "no value on both sides");
		return false;
	}
	pair->ne = pair->n * pair->m / (pair->n + pair->m);
	return true;
}

bool
tide_empirical_exact(struct tide_empirical *pair, const struct tide_subject *subject,
                     struct tide_finding *finding)
{
	if (!tide_empirical_start(pair, subject, finding))
		return false;
	if (!pair->exact)
		finding_fails(finding, TIDE_UNDEFINED, "the values of one side are not kept");
	return pair->exact;
}

bool
tide_empirical_ranks(struct tide_ranks *ranks, const struct tide_subject *subject,
                     struct tide_finding *finding)
{
	struct tide_empirical pair;

	if (!tide_empirical_exact(&pair, subject, finding))
		return false;
	*ranks = (struct tide_ranks){subject->distribution->sorted, subject->sorted,
	                             subject->distribution->counts.values, subject->counts.values};
	finding->n = pair.n;
	return true;
}

/* A walk over the places where F or G may change: between two of them both are constant (exact), or
 * grow within known bounds (cells). */
struct walk {
	const struct tide_empirical *pair;
	size_t i, j; /* values of each side that are <= x */
	size_t cell;
	double x, f, g;
};

static bool
walk_value(struct walk *walk)
{
	const struct tide_subject *subject = walk->pair->subject;
	const double *a = subject->sorted, *b = subject->distribution->sorted;
	size_t n = subject->counts.values, m = subject->distribution->counts.values;

	if (walk->i == n && walk->j == m)
		return false;
	walk->x = walk->j == m || (walk->i < n && a[walk->i] < b[walk->j]) ? a[walk->i]
	                                                                    : b[walk->j];
	while (walk->i < n && a[walk->i] <= walk->x)
		walk->i++;
	while (walk->j < m && b[walk->j] <= walk->x)
		walk->j++;
	walk->f = (double)walk->i / walk->pair->n;
	walk->g = (double)walk->j / walk->pair->m;
	return true;
}

static bool
walk_cell(struct walk *walk)
{
	const struct tide_subject *subject = walk->pair->subject;
	const struct tide_column_fold *fold = subject->fold;
	const struct tide_distribution *distribution = subject->distribution;
	const struct tide_column_shape *shape = subject->shape;
	double least = fmin(fold->min, distribution->min);
	double most = fmax(fold->max, distribution->max);

	if (walk->cell > shape->fine_count + 1)
		return false;
	if (walk->cell > 0) {
		walk->i += fold->fine[walk->cell - 1];
		walk->j += distribution->fine[walk->cell - 1];
	}
	walk->x = walk->cell == 0                   ? least
	          : walk->cell <= shape->fine_count ? shape->fine[walk->cell - 1]
	                                            : most;
	walk->x = fmin(most, fmax(least, walk->x));
	walk->f = (double)walk->i / walk->pair->n;
	walk->g = (double)walk->j / walk->pair->m;
	walk->cell++;
	return true;
}

static bool
walk_next(struct walk *walk)
{
	return walk->pair->exact ? walk_value(walk) : walk_cell(walk);
}

struct tide_empirical_bounds
tide_empirical_ks(const struct tide_empirical *pair)
{
	struct tide_empirical_bounds d = {0, 0, 0};
	struct walk walk = {.pair = pair};
	double f = 0, g = 0;

	while (walk_next(&walk)) {
		d.value = fmax(d.value, fabs(walk.f - walk.g));
		/* within the cell one may have come whole before the other comes at all */
		d.upper = fmax(d.upper, fmax(walk.f - g, walk.g - f));
		f = walk.f;
		g = walk.g;
	}
	d.lower = d.value;
	if (pair->exact)
		d.upper = d.value;
	return d;
}

/* Mean of |a + (b - a) t| over t in [0, 1]. */
static double
mean_absolute(double a, double b)
{
	if ((a >= 0) == (b >= 0))
		return fabs(a + b) / 2;
	return (a * a + b * b) / (2 * fabs(b - a));
}

struct tide_empirical_bounds
tide_empirical_wasserstein(const struct tide_empirical *pair)
{
	struct tide_empirical_bounds w = {0, 0, 0};
	struct walk walk = {.pair = pair}, last;

	if (!walk_next(&walk))
		return w;
	for (last = walk; walk_next(&walk); last = walk) {
		double width = walk.x - last.x, a = last.f - last.g, b = walk.f - walk.g;
		if (pair->exact) {
			w.value += width * fabs(a);
			continue;
		}
		double high = fmax(walk.f - last.g, walk.g - last.f);
		double low = fmax(0, fmax(last.f - walk.g, last.g - walk.f));
		w.value += width * mean_absolute(a, b);
		w.lower += width * low;
		w.upper += width * high;
	}
	if (pair->exact)
		w.lower = w.upper = w.value;
	return w;
}

void
tide_empirical_bound(const struct tide_empirical *pair, struct tide_empirical_bounds bounds,
                     struct tide_finding *finding)
{
	if (pair->exact || finding->status != TIDE_OK)
		return;
	finding->lower = bounds.lower;
	finding->upper = bounds.upper;
	finding->reason = "from fine cells: it lies between lower and upper";
}
