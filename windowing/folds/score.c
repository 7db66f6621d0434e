#include "windowing/folds/score.h"
#include "windowing/folds/weighted.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define OCTAVES 31
#define OCTAVE_BINS 32
#define BIN_WEIGHT_MIN 0x1p-40
#define BIN_WEIGHT_MAX 0x1p40
#define HALF_BINS (OCTAVES * OCTAVE_BINS + 1) /* below 2^-32 there is one more */

_Static_assert(2 * HALF_BINS == TIDE_SCORE_BINS, "two halves");

/* The place of a distance in (0, 1/2]: the bits of the double are its logarithm. */
static size_t
half_bin(double x)
{
	int exponent;
	double fraction = frexp(x, &exponent); /* [1/2, 1) */

	if (x >= .5)
		return HALF_BINS - 1;
	if (x == 0 || exponent < -OCTAVES)
		return 0;
	return 1 + (size_t) (exponent + OCTAVES) * OCTAVE_BINS +
	       (size_t) ((fraction - .5) * 2 * OCTAVE_BINS);
}

static size_t
score_bin(double score)
{
	return score <= .5 ? half_bin(score) : TIDE_SCORE_BINS - 1 - half_bin(1 - score);
}

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

static size_t
row_width(const struct tide_score_shape *shape)
{
	return (shape->binary ? 1 : 1 + shape->curves) + shape->weighted;
}

/* What a row says about a class: its score, and whether the row is of the class. */
static double
row_score(const double *row, const struct tide_score_shape *shape, size_t class, bool *positive)
{
	if (shape->binary) {
		*positive = !signbit(row[0]);
		return fabs(row[0]);
	}
	*positive = row[0] == (double) class;
	return row[1 + class];
}

/* Takes back what it added; a sum of multiples of 2^-64 has no order. */
static void
bin_weight(uint64_t *whole, uint64_t *part, double weight, int sign)
{
	double floored = floor(weight);
	uint64_t rest = (uint64_t) ldexp(weight - floored, 64);

	if (sign < 0) {
		*whole -= (uint64_t) floored + (*part < rest);
		*part -= rest;
	} else {
		*part += rest;
		*whole += (uint64_t) floored + (*part < rest);
	}
}

static void
weights_add(struct tide_score_fold *fold, size_t side, size_t bin, double weight, int sign)
{
	struct tide_score_side *all = fold->sides[side];

	all->rows += sign > 0 ? 1 : UINT64_MAX;
	tide_weighted_product(&all->squares, weight, weight, sign);
	if (weight >= BIN_WEIGHT_MIN && weight < BIN_WEIGHT_MAX)
		bin_weight(&fold->bins[2 * side][bin], &fold->bins[2 * side + 1][bin], weight,
		           sign);
	else
		all->unfit += sign > 0 ? 1 : UINT64_MAX;
}

static void
bins_add(struct tide_score_fold *fold, const struct tide_score_shape *shape, const double *row,
         int sign)
{
	for (size_t class = 0; class < shape->curves; class++) {
		bool positive;
		double score = row_score(row, shape, class, &positive);
		if (isnan(score))
			continue;
		if (shape->weighted)
			weights_add(fold, 2 * class + positive, score_bin(score),
			            row[row_width(shape) - 1], sign);
		else
			fold->bins[2 * class + positive][score_bin(score)] +=
			        sign > 0 ? 1 : UINT64_MAX;
	}
}

struct spill {
	struct tide_score_fold *fold;
	const struct tide_score_shape *shape;
};

static void
spill_row(void *closure, const double *row)
{
	struct spill *spill = closure;

	bins_add(spill->fold, spill->shape, row, 1);
}

static void
rows_spill(struct tide_score_fold *to, const struct tide_rows *rows,
           const struct tide_score_shape *shape)
{
	struct spill spill = {to, shape};

	tide_rows_walk(rows, spill_row, &spill);
}

/* Tables of bins that a fold has. */
static size_t
tables(const struct tide_score_shape *shape)
{
	return (shape->weighted ? 4 : 2) * shape->curves;
}

static void
fold_bin(struct tide_score_fold *fold, const struct tide_score_shape *shape,
         struct tide_arena *arena)
{
	if (fold->binned)
		return;
	fold->binned = true;
	fold->bins = tide_pool_arena_take(arena, tables(shape) * sizeof *fold->bins);
	for (size_t i = 0; i < tables(shape); i++)
		fold->bins[i] = tide_pool_arena_take(arena, TIDE_SCORE_BINS * sizeof **fold->bins);
	if (shape->weighted)
		fold->sides =
		        tide_pool_arena_take(arena, 2 * shape->curves * sizeof *fold->sides);
	for (size_t i = 0; fold->sides && i < 2 * shape->curves; i++)
		fold->sides[i] = tide_pool_arena_take(arena, sizeof **fold->sides);
	rows_spill(fold, &fold->rows, shape);
	fold->rows = (struct tide_rows){.width = fold->rows.width};
}

/* Scores are kept from 0 and 1 by the distance of 1 to the next double, as scikit-learn does. */
static double
loss_of(double score)
{
	return -log(fmin(fmax(score, DBL_EPSILON), 1 - DBL_EPSILON));
}

static void
losses_add(struct tide_score_fold *fold, const struct tide_score_shape *shape, size_t target,
           const double *scores, double weight, int sign, struct tide_arena *arena)
{
	double score = NAN, loss;

	if (shape->binary)
		score = target ? scores[0] : 1 - scores[0];
	else if (target < shape->curves)
		score = scores[target];
	if (isnan(score))
		return;
	fold->scored += sign > 0 ? 1 : UINT64_MAX;
	loss = loss_of(score);
	tide_weighted_add(&fold->log_loss, weight, loss, sign);
	tide_weighted_square(&fold->log_loss_squares, weight, loss, sign);
	if (shape->binary) {
		double error = scores[0] - (double) target;
		tide_weighted_add(&fold->brier, weight, error * error, sign);
		tide_weighted_square(&fold->brier_squares, weight, error * error, sign);
	}
	if (!shape->weighted)
		return;
	if (!fold->weights)
		fold->weights = tide_pool_arena_take(arena, sizeof *fold->weights);
	tide_weighted_add(&fold->weights->all, 1, weight, sign);
	tide_weighted_product(&fold->weights->squares, weight, weight, sign);
}

void
tide_score_add(struct tide_score_fold *fold, const struct tide_score_shape *shape, size_t target,
               const double *scores, double weight, int sign, struct tide_arena *arena)
{
	double row[258];
	bool any = false;

	TIDE_ASSERT(shape->curves + 1 < sizeof row / sizeof *row);
	losses_add(fold, shape, target, scores, weight, sign, arena);
	for (size_t i = 0; i < shape->curves; i++)
		any |= !isnan(scores[i]);
	if (!any)
		return;
	if (shape->binary) {
		row[0] = target ? fabs(scores[0]) : -fabs(scores[0]);
	} else {
		row[0] = (double) target;
		memcpy(row + 1, scores, shape->curves * sizeof *row);
	}
	fold->rows.width = row_width(shape);
	if (shape->weighted)
		row[fold->rows.width - 1] = weight;
	if (sign > 0 && fold->rows.count == shape->exact_rows)
		fold_bin(fold, shape, arena);
	if (fold->binned)
		bins_add(fold, shape, row, sign);
	else if (sign > 0)
		tide_rows_add(&fold->rows, row, arena);
	else
		tide_rows_remove(&fold->rows, row);
}

static void
bins_merge(struct tide_score_fold *to, const struct tide_score_fold *from,
           const struct tide_score_shape *shape)
{
	for (size_t i = 0; i < tables(shape); i++) {
		bool part = shape->weighted && i % 2;
		for (size_t bin = 0; bin < TIDE_SCORE_BINS; bin++) {
			to->bins[i][bin] += from->bins[i][bin];
			if (part && to->bins[i][bin] < from->bins[i][bin])
				to->bins[i - 1][bin]++;
		}
	}
	for (size_t i = 0; shape->weighted && i < 2 * shape->curves; i++) {
		to->sides[i]->rows += from->sides[i]->rows;
		to->sides[i]->unfit += from->sides[i]->unfit;
		tide_sum_merge(&to->sides[i]->squares, &from->sides[i]->squares);
	}
}

void
tide_score_merge(struct tide_score_fold *to, const struct tide_score_fold *from,
                 const struct tide_score_shape *shape, struct tide_arena *arena)
{
	to->scored += from->scored;
	tide_sum_merge(&to->log_loss, &from->log_loss);
	tide_sum_merge(&to->log_loss_squares, &from->log_loss_squares);
	tide_sum_merge(&to->brier, &from->brier);
	tide_sum_merge(&to->brier_squares, &from->brier_squares);
	if (from->weights) {
		if (!to->weights)
			to->weights = tide_pool_arena_take(arena, sizeof *to->weights);
		tide_sum_merge(&to->weights->all, &from->weights->all);
		tide_sum_merge(&to->weights->squares, &from->weights->squares);
	}
	if (!to->binned && !from->binned &&
	    to->rows.count + from->rows.count <= shape->exact_rows) {
		tide_rows_merge(&to->rows, &from->rows, arena);
		return;
	}
	fold_bin(to, shape, arena);
	if (!from->binned) {
		rows_spill(to, &from->rows, shape);
		return;
	}
	bins_merge(to, from, shape);
}

size_t
tide_score_blocks_max(const struct tide_score_shape *shape)
{
	return tables(shape) + (shape->weighted ? shape->curves / 12 + 2 : 0) + 2;
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
tide_score_sorted(const struct tide_rows *rows, struct tide_score_scratch *scratch)
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
