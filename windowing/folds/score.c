#include "windowing/folds/score_private.h"
#include "windowing/folds/weighted.h"
#include <float.h>
#include <math.h>
#include <string.h>

#define BIN_WEIGHT_MIN 0x1p-40
#define BIN_WEIGHT_MAX 0x1p40
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
tide_score_keep(struct tide_score_fold *fold, const struct tide_score_shape *shape, size_t target,
                const double *scores, double weight, int sign, struct tide_arena *arena)
{
	double row[258];
	bool any = false;

	TIDE_ASSERT(shape->curves + 1 < sizeof row / sizeof *row);
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

void
tide_score_add(struct tide_score_fold *fold, const struct tide_score_shape *shape, size_t target,
               const double *scores, double weight, int sign, struct tide_arena *arena)
{
	losses_add(fold, shape, target, scores, weight, sign, arena);
	tide_score_keep(fold, shape, target, scores, weight, sign, arena);
}

static void
table_merge(struct tide_score_fold *to, size_t i, const uint64_t *from,
            const struct tide_score_shape *shape)
{
	bool part = shape->weighted && i % 2;

	for (size_t bin = 0; bin < TIDE_SCORE_BINS; bin++) {
		to->bins[i][bin] += from[bin];
		if (part && to->bins[i][bin] < from[bin])
			to->bins[i - 1][bin]++;
	}
}

static void
bins_merge(struct tide_score_fold *to, const struct tide_score_fold *from,
           const struct tide_score_shape *shape)
{
	for (size_t i = 0; i < tables(shape); i++)
		table_merge(to, i, from->bins[i], shape);
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

/* Of a row, and of the bins of a class: what of the classes is there. */
struct classes {
	const struct tide_score_shape *shape;
	bool *used;
};

static void
row_classes(void *closure, const double *row)
{
	const struct classes *classes = closure;

	classes->used[(size_t) row[0]] = true;
	for (size_t class = 0; class < classes->shape->curves; class++)
		classes->used[class] |= !isnan(row[1 + class]);
}

void
tide_score_classes(const struct tide_score_fold *fold, const struct tide_score_shape *shape,
                   bool used[256])
{
	struct classes classes = {shape, used};
	size_t class_tables = tables(shape) / (shape->curves ? shape->curves : 1);

	tide_rows_walk(&fold->rows, row_classes, &classes);
	for (size_t i = 0; fold->binned && i < tables(shape); i++)
		for (size_t bin = 0; bin < TIDE_SCORE_BINS; bin++)
			used[i / class_tables] |= fold->bins[i][bin] != 0;
	for (size_t i = 0; fold->sides && i < 2 * shape->curves; i++)
		used[i / 2] |= fold->sides[i]->rows != 0;
}

/* The curves that bytes have: of those classes that have one where they are written, which are the
 * first. */
struct saved {
	const struct tide_score_shape *shape;
	const struct tide_class_numbers *classes;
	size_t curves;
	uint8_t place[256]; /* of a number in `classes` */
	struct tide_buffer *out;
};

static size_t
saved_class(const struct saved *saved, size_t curve)
{
	return saved->shape->binary ? 0 : saved->classes->numbers[curve];
}

static void
row_save(void *closure, const double *row)
{
	const struct saved *saved = closure;

	if (saved->shape->binary)
		tide_bytes_put_double(saved->out, row[0]);
	else
		tide_bytes_put_number(saved->out, saved->place[(size_t) row[0]]);
	for (size_t i = 0; !saved->shape->binary && i < saved->curves; i++)
		tide_bytes_put_double(saved->out, row[1 + saved_class(saved, i)]);
	if (saved->shape->weighted)
		tide_bytes_put_double(saved->out, row[row_width(saved->shape) - 1]);
}

static void
bins_save(const struct tide_score_fold *fold, const struct saved *saved)
{
	size_t class_tables = saved->shape->weighted ? 4 : 2;

	for (size_t i = 0; i < saved->curves; i++) {
		size_t class = saved_class(saved, i);
		for (size_t j = class * class_tables; j < (class + 1) * class_tables; j++)
			tide_bytes_put_counts(saved->out, fold->bins[j], TIDE_SCORE_BINS);
		for (size_t j = 2 * class; saved->shape->weighted && j < 2 * class + 2; j++) {
			tide_bytes_put_number(saved->out, fold->sides[j]->rows);
			tide_bytes_put_number(saved->out, fold->sides[j]->unfit);
			tide_bytes_put_sum(saved->out, &fold->sides[j]->squares);
		}
	}
}

void
tide_score_save(const struct tide_score_fold *fold, const struct tide_score_shape *shape,
                const struct tide_class_numbers *classes, struct tide_buffer *out)
{
	struct saved saved = {.shape = shape, .classes = classes, .out = out};

	for (size_t i = 0; i < classes->count; i++) {
		saved.place[classes->numbers[i]] = (uint8_t) i;
		saved.curves += classes->numbers[i] < shape->curves;
	}
	if (shape->binary)
		saved.curves = 1;
	tide_bytes_put_number(out, fold->scored);
	tide_bytes_put_sum(out, &fold->log_loss);
	tide_bytes_put_sum(out, &fold->log_loss_squares);
	tide_bytes_put_sum(out, &fold->brier);
	tide_bytes_put_sum(out, &fold->brier_squares);
	tide_bytes_put_number(out, fold->weights != NULL);
	if (fold->weights) {
		tide_bytes_put_sum(out, &fold->weights->all);
		tide_bytes_put_sum(out, &fold->weights->squares);
	}
	tide_bytes_put_number(out, saved.curves);
	tide_bytes_put_number(out, fold->binned);
	if (fold->binned) {
		bins_save(fold, &saved);
		return;
	}
	tide_bytes_put_number(out, fold->rows.count);
	tide_rows_walk(&fold->rows, row_save, &saved);
}

/* A row with the numbers of this end; `any`: it has a score here. */
static bool
row_load(double *row, const struct saved *saved, struct tide_reader *in, bool *any)
{
	const struct tide_score_shape *shape = saved->shape;
	double weight = 1;

	if (shape->binary) {
		row[0] = tide_bytes_double(in);
		*any = fabs(row[0]) <= 1;
		in->bad |= !*any;
	} else {
		uint64_t target = tide_bytes_number(in);
		if (target >= saved->classes->count)
			return false;
		row[0] = saved->classes->numbers[target];
		*any = false;
		for (size_t class = 0; class < shape->curves; class++)
			row[1 + class] = NAN;
	}
	for (size_t i = 0; !shape->binary && i < saved->curves; i++) {
		double score = tide_bytes_double(in);
		in->bad |= !isnan(score) && !(score >= 0 && score <= 1);
		if (saved_class(saved, i) >= shape->curves)
			continue;
		row[1 + saved_class(saved, i)] = score;
		*any |= !isnan(score);
	}
	if (shape->weighted)
		row[row_width(shape) - 1] = weight = tide_bytes_double(in);
	return !in->bad && weight > 0 && tide_sum_product_fits(weight, weight);
}

static bool
rows_load(struct tide_score_fold *fold, const struct saved *saved, struct tide_reader *in,
          struct tide_arena *arena)
{
	double row[258];
	uint64_t count = tide_bytes_count(in, sizeof *row);
	bool any;

	TIDE_ASSERT(saved->shape->curves + 1 < sizeof row / sizeof *row);
	if (fold->rows.count + count > saved->shape->exact_rows)
		fold_bin(fold, saved->shape, arena);
	fold->rows.width = row_width(saved->shape);
	for (; count > 0; count--) {
		if (!row_load(row, saved, in, &any))
			return false;
		if (!any)
			continue;
		if (fold->binned) {
			bins_add(fold, saved->shape, row, 1);
			continue;
		}
		tide_rows_expect(&fold->rows, count, arena);
		tide_rows_add(&fold->rows, row, arena);
	}
	return !in->bad;
}

static bool
bins_load(struct tide_score_fold *fold, const struct saved *saved, struct tide_reader *in)
{
	const struct tide_score_shape *shape = saved->shape;
	size_t class_tables = shape->weighted ? 4 : 2;

	for (size_t i = 0; i < saved->curves && !in->bad; i++) {
		size_t class = saved_class(saved, i);
		bool here = class < shape->curves;
		for (size_t j = 0; j < class_tables; j++) {
			uint64_t table[TIDE_SCORE_BINS] = {0};
			tide_bytes_counts(in, table, TIDE_SCORE_BINS);
			if (here)
				table_merge(fold, class * class_tables + j, table, shape);
		}
		for (size_t j = 0; shape->weighted && j < 2; j++) {
			struct tide_score_side none = {0};
			struct tide_score_side *side = here ? fold->sides[2 * class + j] : &none;
			side->rows += tide_bytes_number(in);
			side->unfit += tide_bytes_number(in);
			tide_bytes_sum(in, &side->squares);
		}
	}
	return !in->bad;
}

bool
tide_score_load(struct tide_score_fold *fold, const struct tide_score_shape *shape,
                const struct tide_class_numbers *classes, struct tide_reader *in,
                struct tide_arena *arena)
{
	struct saved saved = {.shape = shape, .classes = classes};

	fold->scored += tide_bytes_number(in);
	tide_bytes_sum(in, &fold->log_loss);
	tide_bytes_sum(in, &fold->log_loss_squares);
	tide_bytes_sum(in, &fold->brier);
	tide_bytes_sum(in, &fold->brier_squares);
	if (tide_bytes_number(in)) {
		if (!shape->weighted)
			return false;
		if (!fold->weights)
			fold->weights = tide_pool_arena_take(arena, sizeof *fold->weights);
		tide_bytes_sum(in, &fold->weights->all);
		tide_bytes_sum(in, &fold->weights->squares);
	}
	uint64_t curves = tide_bytes_number(in);
	bool binned = tide_bytes_number(in);
	if (in->bad || (shape->binary ? curves != 1 : curves > classes->count))
		return false;
	saved.curves = curves;
	if (!binned)
		return rows_load(fold, &saved, in, arena);
	fold_bin(fold, shape, arena);
	return bins_load(fold, &saved, in);
}

size_t
tide_score_blocks_max(const struct tide_score_shape *shape)
{
	return tables(shape) + (shape->weighted ? shape->curves / 12 + 2 : 0) + 2;
}

