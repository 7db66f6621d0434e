#include "windowing/folds/score_private.h"
#include <stdlib.h>
#include <string.h>

static double
half_edge(size_t bin)
{
	if (bin == 0)
		return 0;
	return ldexp(.5 + (double) ((bin - 1) % OCTAVE_BINS) / (2 * OCTAVE_BINS),
	             (int) ((bin - 1) / OCTAVE_BINS) - OCTAVES);
}

static double
bin_middle(size_t bin)
{
	if (bin >= HALF_BINS)
		return 1 - bin_middle(TIDE_SCORE_BINS - 1 - bin);
	return (half_edge(bin) + (bin + 1 < HALF_BINS ? half_edge(bin + 1) : .5)) / 2;
}

/* Ascending, by the first of a row, then by its weight where it has one. */
static int
value_compare(const void *a, const void *b)
{
	double x, y;

	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return (x > y) - (x < y);
}

static int
pair_compare(const void *a, const void *b)
{
	int order = value_compare(a, b);

	return order ? order : value_compare((const double *) a + 1, (const double *) b + 1);
}

/* By the score without its sign, descending. */
static int
score_compare(const void *a, const void *b)
{
	double x, y;

	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return (fabs(x) < fabs(y)) - (fabs(x) > fabs(y));
}

static int
score_pair_compare(const void *a, const void *b)
{
	int order = score_compare(a, b);

	return order ? order : value_compare((const double *) a + 1, (const double *) b + 1);
}

struct gather {
	const struct tide_score_shape *shape;
	size_t class, count, width, row_width;
	double *values;
};

static void
gather_put(struct gather *gather, double value, const double *row)
{
	double *to = gather->values + gather->width * gather->count++;

	to[0] = value;
	if (gather->width > 1)
		to[1] = row[gather->row_width - 1];
}

static void
gather_score(void *closure, const double *row)
{
	struct gather *gather = closure;
	bool positive;
	double score = row_score(row, gather->shape, gather->class, &positive);

	if (!isnan(score))
		gather_put(gather, positive ? score : -score, row);
}

static void
gather_value(void *closure, const double *row)
{
	gather_put(closure, row[0], row);
}

static void
gather_sort(struct gather *gather, int (*compare)(const void *a, const void *b))
{
	if (gather->count)
		qsort(gather->values, gather->count, gather->width * sizeof *gather->values,
		      compare);
}

static void
curve_count(struct tide_score_curve *curve, struct tide_score_point *point, double positives,
            double negatives)
{
	point->positives += positives;
	point->negatives += negatives;
	curve->positives += positives;
	curve->negatives += negatives;
}

/* n_eff of either side from its sum of squares; NaN for a side without a row. */
static void
curve_effective(struct tide_score_curve *curve, double positive_squares, double negative_squares)
{
	curve->positive_rows = curve->positives / positive_squares * curve->positives;
	curve->negative_rows = curve->negatives / negative_squares * curve->negatives;
}

/* Equal scores are in the order of their weights: what is added here has one order. */
static void
curve_of_rows(const struct tide_score_fold *fold, const struct tide_score_shape *shape,
              size_t class, struct tide_score_scratch *scratch)
{
	struct tide_score_curve *curve = &scratch->curve;
	struct gather gather = {shape, class, 0, shape->weighted ? 2 : 1, row_width(shape),
	                        scratch->values};
	double squares[2] = {0};

	TIDE_ASSERT(fold->rows.count <= scratch->rows);
	tide_rows_walk(&fold->rows, gather_score, &gather);
	gather_sort(&gather, shape->weighted ? score_pair_compare : score_compare);
	for (size_t i = 0; i < gather.count; i++) {
		const double *row = gather.values + gather.width * i;
		double score = fabs(row[0]), weight = shape->weighted ? row[1] : 1;
		bool negative = signbit(row[0]);
		if (curve->count == 0 || scratch->points[curve->count - 1].score > score)
			scratch->points[curve->count++] = (struct tide_score_point){.score = score};
		curve_count(curve, &scratch->points[curve->count - 1], negative ? 0 : weight,
		            negative ? weight : 0);
		squares[negative] += weight * weight;
	}
	curve->rows = gather.count;
	curve_effective(curve, squares[0], squares[1]);
}

/* What a bin of a side holds. */
static double
bin_holds(const struct tide_score_fold *fold, size_t side, size_t bin)
{
	if (!fold->sides)
		return (double) fold->bins[side][bin];
	return (double) fold->bins[2 * side][bin] +
	       ldexp((double) fold->bins[2 * side + 1][bin], -64);
}

static void
curve_of_bins(const struct tide_score_fold *fold, size_t class, struct tide_score_scratch *scratch)
{
	struct tide_score_curve *curve = &scratch->curve;
	struct tide_score_side *const *sides = fold->sides ? fold->sides + 2 * class : NULL;

	TIDE_ASSERT(TIDE_SCORE_BINS <= scratch->rows);
	for (size_t bin = TIDE_SCORE_BINS; bin-- > 0;) {
		double negatives = bin_holds(fold, 2 * class, bin);
		double positives = bin_holds(fold, 2 * class + 1, bin);
		if (positives + negatives <= 0)
			continue;
		scratch->points[curve->count] =
		        (struct tide_score_point){.score = bin_middle(bin)};
		curve_count(curve, &scratch->points[curve->count++], positives, negatives);
	}
	if (!sides) {
		curve->rows = (uint64_t) (curve->positives + curve->negatives);
		curve_effective(curve, curve->positives, curve->negatives);
		return;
	}
	curve->rows = sides[0]->rows + sides[1]->rows;
	if (sides[0]->unfit + sides[1]->unfit)
		curve->positives = curve->negatives = NAN;
	curve_effective(curve, tide_sum_round(&sides[1]->squares),
	                tide_sum_round(&sides[0]->squares));
}

const struct tide_score_curve *
tide_score_curve(const struct tide_score_fold *fold, const struct tide_score_shape *shape,
                 size_t class, struct tide_score_scratch *scratch)
{
	if (scratch->of == fold && scratch->at == class)
		return &scratch->curve;
	scratch->of = fold;
	scratch->at = class;
	scratch->curve = (struct tide_score_curve){.points = scratch->points,
	                                           .exact = !fold->binned,
	                                           .weighted = shape->weighted};
	if (class >= shape->curves)
		return &scratch->curve;
	if (fold->binned)
		curve_of_bins(fold, class, scratch);
	else
		curve_of_rows(fold, shape, class, scratch);
	return &scratch->curve;
}

const double *
tide_score_curve_sorted(const struct tide_rows *rows, struct tide_score_scratch *scratch)
{
	struct gather gather = {.width = rows->width, .row_width = rows->width,
	                        .values = scratch->values};

	if (scratch->of == rows)
		return scratch->values;
	scratch->of = rows;
	scratch->at = 0;
	TIDE_ASSERT(rows->count <= scratch->rows);
	tide_rows_walk(rows, gather_value, &gather);
	gather_sort(&gather, rows->width > 1 ? pair_compare : value_compare);
	return scratch->values;
}
