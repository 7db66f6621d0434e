#include "detectors/quality/quantile.h"

double
tide_quantile_sorted(const double *sorted, size_t count, double share)
{
	double place = share * (double)(count - 1);
	size_t low = (size_t)place, high = low + 1 < count ? low + 1 : low;
	double t = place - (double)low, step = sorted[high] - sorted[low];

	return t >= .5 ? sorted[high] - step * (1 - t) : sorted[low] + step * t;
}

/* The ends of fine cell i, none of them beyond the extremes of the fold. */
static double
cell_end(const struct tide_subject *subject, size_t i)
{
	const struct tide_column_fold *fold = subject->fold;
	const struct tide_column_shape *shape = subject->shape;

	if (i == 0)
		return fold->min;
	return i > shape->fine_count ? fold->max
	                             : fmax(fold->min, fmin(fold->max, shape->fine[i - 1]));
}

/* The fine cell of the value of that rank, from 0; `before`: values in the cells before it. */
static size_t
cell_of_rank(const struct tide_column_fold *fold, double rank, double *before)
{
	size_t i = 0;

	for (*before = 0; i + 1 < fold->fine_count; *before += (double)fold->fine[i++])
		if (*before + (double)fold->fine[i] > rank)
			break;
	return i;
}

static void
quantile_of_cells(const struct tide_subject *subject, double share, struct tide_finding *finding)
{
	const struct tide_column_fold *fold = subject->fold;
	double place = share * (double)(fold->count - 1), before;
	size_t high = cell_of_rank(fold, ceil(place), &before);
	size_t low = cell_of_rank(fold, floor(place), &before);
	double start = cell_end(subject, low), width = cell_end(subject, low + 1) - start;
	double t = (place - before + .5) / (double)fold->fine[low];

	finding_value(finding, start + fmin(1, t) * width, (double)fold->count);
	finding->lower = start;
	finding->upper = cell_end(subject, high + 1);
	finding->reason = "from fine cells: it lies between lower and upper";
}

/* Known to within 1 % of itself, where there is no reference to cut cells by. */
static void
quantile_of_sketch(const struct tide_sketch *sketch, double share, struct tide_finding *finding)
{
	if (!sketch) {
		finding_fails(finding, TIDE_UNDEFINED, "the values are not kept");
		return;
	}
	double value = tide_sketch_quantile(sketch, share), error = .01 * fabs(value);
	finding_value(finding, value, (double)tide_sketch_count(sketch));
	finding->lower = value - error;
	finding->upper = value + error;
	finding->reason = "a sketch: within 1 %";
}

void
tide_quantile_judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_column_fold *fold = subject->fold;
	double share = finding->detector->share;

	if (!fold || fold->count == 0)
		finding_fails(finding, TIDE_NO_DATA, "no value");
	else if (subject->sorted)
		finding_value(finding, tide_quantile_sorted(subject->sorted, fold->count, share),
		              (double)fold->count);
	else if (fold->fine && subject->shape)
		quantile_of_cells(subject, share, finding);
	else
		quantile_of_sketch(fold->sketch, share, finding);
}
