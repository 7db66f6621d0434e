#include "windowing/folds/score.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define OCTAVES 31
#define OCTAVE_BINS 32
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

static void
bins_add(struct tide_score_fold *fold, const struct tide_score_shape *shape, const double *row,
         uint64_t one)
{
	for (size_t class = 0; class < shape->curves; class++) {
		bool positive;
		double score = row_score(row, shape, class, &positive);
		if (!isnan(score))
			fold->bins[2 * class + positive][score_bin(score)] += one;
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

static void
fold_bin(struct tide_score_fold *fold, const struct tide_score_shape *shape,
         struct tide_arena *arena)
{
	if (fold->binned)
		return;
	fold->binned = true;
	fold->bins = tide_pool_arena_take(arena, 2 * shape->curves * sizeof *fold->bins);
	for (size_t i = 0; i < 2 * shape->curves; i++)
		fold->bins[i] = tide_pool_arena_take(arena, TIDE_SCORE_BINS * sizeof **fold->bins);
	rows_spill(fold, &fold->rows, shape);
	fold->rows = (struct tide_rows){.width = fold->rows.width};
}

static void
sum_signed(struct tide_sum *sum, double x, int sign)
{
	if (sign > 0)
		tide_sum_add(sum, x);
	else
		tide_sum_subtract(sum, x);
}

/* Scores are kept from 0 and 1 by the distance of 1 to the next double, as scikit-learn does. */
static double
loss_of(double score)
{
	return -log(fmin(fmax(score, DBL_EPSILON), 1 - DBL_EPSILON));
}

static void
losses_add(struct tide_score_fold *fold, const struct tide_score_shape *shape, size_t target,
           const double *scores, int sign)
{
	double score = NAN;

	if (shape->binary)
		score = target ? scores[0] : 1 - scores[0];
	else if (target < shape->curves)
		score = scores[target];
	if (isnan(score))
		return;
	fold->scored += sign > 0 ? 1 : UINT64_MAX;
	sum_signed(&fold->log_loss, loss_of(score), sign);
	if (shape->binary) {
		double error = scores[0] - (double) target;
		sum_signed(&fold->brier, error * error, sign);
	}
}

void
tide_score_add(struct tide_score_fold *fold, const struct tide_score_shape *shape, size_t target,
               const double *scores, int sign, struct tide_arena *arena)
{
	double row[257];
	bool any = false;

	TIDE_ASSERT(shape->curves < sizeof row / sizeof *row);
	losses_add(fold, shape, target, scores, sign);
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
	fold->rows.width = shape->binary ? 1 : 1 + shape->curves;
	if (sign > 0 && fold->rows.count == shape->exact_rows)
		fold_bin(fold, shape, arena);
	if (fold->binned)
		bins_add(fold, shape, row, sign > 0 ? 1 : UINT64_MAX);
	else if (sign > 0)
		tide_rows_add(&fold->rows, row, arena);
	else
		tide_rows_remove(&fold->rows, row);
}

void
tide_score_merge(struct tide_score_fold *to, const struct tide_score_fold *from,
                 const struct tide_score_shape *shape, struct tide_arena *arena)
{
	to->scored += from->scored;
	tide_sum_merge(&to->log_loss, &from->log_loss);
	tide_sum_merge(&to->brier, &from->brier);
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
	for (size_t i = 0; i < 2 * shape->curves; i++)
		for (size_t bin = 0; bin < TIDE_SCORE_BINS; bin++)
			to->bins[i][bin] += from->bins[i][bin];
}

size_t
tide_score_blocks_max(const struct tide_score_shape *shape)
{
	return 2 * shape->curves + 2;
}

static int
double_compare(const void *a, const void *b)
{
	double x, y;

	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return (x > y) - (x < y);
}

/* By the score without its sign, descending. */
static int
signed_compare(const void *a, const void *b)
{
	double x, y;

	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return (fabs(x) < fabs(y)) - (fabs(x) > fabs(y));
}

struct gather {
	const struct tide_score_shape *shape;
	size_t class, count;
	double *values;
};

static void
gather_score(void *closure, const double *row)
{
	struct gather *gather = closure;
	bool positive;
	double score = row_score(row, gather->shape, gather->class, &positive);

	if (!isnan(score))
		gather->values[gather->count++] = positive ? score : -score;
}

static void
gather_value(void *closure, const double *row)
{
	struct gather *gather = closure;

	gather->values[gather->count++] = row[0];
}

static void
curve_count(struct tide_score_curve *curve, struct tide_score_point *point, uint64_t positives,
            uint64_t negatives)
{
	point->positives += positives;
	point->negatives += negatives;
	curve->positives += positives;
	curve->negatives += negatives;
}

static void
curve_of_rows(const struct tide_score_fold *fold, const struct tide_score_shape *shape,
              size_t class, struct tide_score_scratch *scratch)
{
	struct tide_score_curve *curve = &scratch->curve;
	struct gather gather = {shape, class, 0, scratch->values};

	TIDE_ASSERT(fold->rows.count <= scratch->rows);
	tide_rows_walk(&fold->rows, gather_score, &gather);
	if (gather.count)
		qsort(gather.values, gather.count, sizeof *gather.values, signed_compare);
	for (size_t i = 0; i < gather.count; i++) {
		double score = fabs(gather.values[i]);
		if (curve->count == 0 || scratch->points[curve->count - 1].score > score)
			scratch->points[curve->count++] = (struct tide_score_point){.score = score};
		bool negative = signbit(gather.values[i]);
		curve_count(curve, &scratch->points[curve->count - 1], !negative, negative);
	}
}

static void
curve_of_bins(const struct tide_score_fold *fold, size_t class, struct tide_score_scratch *scratch)
{
	struct tide_score_curve *curve = &scratch->curve;

	TIDE_ASSERT(TIDE_SCORE_BINS <= scratch->rows);
	for (size_t bin = TIDE_SCORE_BINS; bin-- > 0;) {
		uint64_t negatives = fold->bins[2 * class][bin];
		uint64_t positives = fold->bins[2 * class + 1][bin];
		if (positives + negatives == 0)
			continue;
		scratch->points[curve->count] =
		        (struct tide_score_point){.score = bin_middle(bin)};
		curve_count(curve, &scratch->points[curve->count++], positives, negatives);
	}
}

const struct tide_score_curve *
tide_score_curve(const struct tide_score_fold *fold, const struct tide_score_shape *shape,
                 size_t class, struct tide_score_scratch *scratch)
{
	if (scratch->of == fold && scratch->at == class)
		return &scratch->curve;
	scratch->of = fold;
	scratch->at = class;
	scratch->curve =
	        (struct tide_score_curve){.points = scratch->points, .exact = !fold->binned};
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
	struct gather gather = {.values = scratch->values};

	if (scratch->of == rows)
		return scratch->values;
	scratch->of = rows;
	scratch->at = 0;
	TIDE_ASSERT(rows->count <= scratch->rows);
	tide_rows_walk(rows, gather_value, &gather);
	if (gather.count)
		qsort(gather.values, gather.count, sizeof *gather.values, double_compare);
	return scratch->values;
}
