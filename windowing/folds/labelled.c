#include "windowing/folds/labelled.h"
#include "windowing/folds/weighted.h"
#include <math.h>
#include <string.h>

#define CLASS_WIDTH 16 /* counts that a row gets at once */
#define WEIGHT_MIN 0x1p-500
#define WEIGHT_MAX 0x1p500

static void
error_row(struct tide_error_fold *fold, const struct tide_score_shape *shape, double absolute,
          double weight, int sign, struct tide_arena *arena)
{
	const double row[] = {absolute, weight};

	fold->rows.width = shape->weighted ? 2 : 1;
	fold->taken_back += sign < 0;
	if (sign > 0 && (fold->count == 0 || absolute > fold->max_error))
		fold->max_error = absolute;
	if (sign > 0 && fold->rows.count == shape->exact_rows) {
		fold->too_many = true;
		fold->rows = (struct tide_rows){.width = fold->rows.width};
	}
	if (fold->too_many)
		return;
	if (sign > 0)
		tide_rows_add(&fold->rows, row, arena);
	else
		tide_rows_remove(&fold->rows, row);
}

static void
error_label(struct tide_error_fold *fold, double prediction, double target, double weight, int sign)
{
	double error = prediction - target, size = fabs(prediction) / 2 + fabs(target) / 2;
	uint64_t one = sign > 0 ? 1 : UINT64_MAX; /* unsigned: adding the maximum takes one away */

	fold->count += one;
	tide_weighted_add(&fold->error, weight, error, sign);
	tide_weighted_add(&fold->absolute, weight, fabs(error), sign);
	tide_weighted_square(&fold->squares, weight, error, sign);
	if (tide_sum_product_fits(weight * error * error, error * error)) {
		tide_weighted_square(&fold->fourths, weight, error * error, sign);
		fold->fourth_count += one;
	}
	tide_weighted_add(&fold->target, weight, target, sign);
	tide_weighted_add(&fold->target_absolute, weight, fabs(target), sign);
	tide_weighted_square(&fold->target_squares, weight, target, sign);
	tide_weighted_add(&fold->prediction, weight, prediction, sign);
	if (size > 0)
		tide_weighted_add(&fold->symmetric, weight, fabs(error) / size, sign);
}

/* MAPE has no term for a target of 0. */
static bool
relative_fits(double error, double target, double weight)
{
	return target != 0 && isfinite(weight * (error / target));
}

/* False: something of the row has no double (2). */
static bool
error_fits(double prediction, double target, double weight)
{
	double error = prediction - target;

	return isfinite(error) && isfinite(weight * error) && isfinite(weight * prediction) &&
	       isfinite(weight * target);
}

static bool
error_add(struct tide_label_fold *labels, const struct tide_score_shape *shape,
          const struct tide_row *row, int sign, struct tide_arena *arena)
{
	struct tide_error_fold *fold = &labels->error;
	double error = row->prediction - row->target;

	if (!error_fits(row->prediction, row->target, row->weight))
		return false;
	error_row(fold, shape, fabs(error), row->weight, sign, arena);
	error_label(fold, row->prediction, row->target, row->weight, sign);
	if (!relative_fits(error, row->target, row->weight))
		return true;
	fold->relative_count += sign > 0 ? 1 : UINT64_MAX;
	tide_weighted_add(&fold->relative, row->weight, fabs(error / row->target), sign);
	if (labels->weights)
		tide_weighted_add(&labels->weights->relative, 1, row->weight, sign);
	return true;
}

static void
error_merge(struct tide_error_fold *to, const struct tide_error_fold *from, size_t exact_rows,
            struct tide_arena *arena)
{
	if (from->count && (to->count == 0 || from->max_error > to->max_error))
		to->max_error = from->max_error;
	to->count += from->count;
	to->relative_count += from->relative_count;
	to->taken_back += from->taken_back;
	tide_sum_merge(&to->error, &from->error);
	tide_sum_merge(&to->absolute, &from->absolute);
	tide_sum_merge(&to->squares, &from->squares);
	tide_sum_merge(&to->fourths, &from->fourths);
	to->fourth_count += from->fourth_count;
	tide_sum_merge(&to->relative, &from->relative);
	tide_sum_merge(&to->target, &from->target);
	tide_sum_merge(&to->target_squares, &from->target_squares);
	tide_sum_merge(&to->target_absolute, &from->target_absolute);
	tide_sum_merge(&to->prediction, &from->prediction);
	tide_sum_merge(&to->symmetric, &from->symmetric);
	to->too_many |= from->too_many || to->rows.count + from->rows.count > exact_rows;
	if (to->too_many)
		to->rows = (struct tide_rows){.width = from->rows.width};
	else
		tide_rows_merge(&to->rows, &from->rows, arena);
}

static uint64_t *
class_cell(struct tide_label_fold *fold, size_t target, size_t predicted, struct tide_arena *arena)
{
	if (!fold->classes)
		fold->classes = tide_pool_arena_take(arena, sizeof *fold->classes);
	struct tide_class_row *row = &fold->classes->rows[target];
	if (predicted >= row->width) {
		size_t width = (predicted / CLASS_WIDTH + 1) * CLASS_WIDTH;
		uint64_t *counts = tide_pool_arena_take(arena, width * sizeof *counts);
		if (row->width)
			memcpy(counts, row->counts, row->width * sizeof *counts);
		*row = (struct tide_class_row){counts, width};
	}
	return &row->counts[predicted];
}

static void
classes_merge(struct tide_label_fold *to, const struct tide_label_fold *from,
              struct tide_arena *arena)
{
	for (size_t target = 0; from->classes && target < 256; target++) {
		const struct tide_class_row *row = &from->classes->rows[target];
		if (row->width)
			class_cell(to, target, row->width - 1, arena);
		for (size_t predicted = 0; predicted < row->width; predicted++)
			to->classes->rows[target].counts[predicted] += row->counts[predicted];
	}
}

uint64_t
tide_labelled_confusion(const struct tide_label_fold *fold, size_t target, size_t predicted)
{
	if (!fold->classes || predicted >= fold->classes->rows[target].width)
		return 0;
	return fold->classes->rows[target].counts[predicted];
}

uint64_t
tide_labelled_rows(const struct tide_label_fold *fold)
{
	return fold->weights ? fold->weights->rows : fold->labelled;
}

size_t
tide_labelled_weight_blocks(size_t classes)
{
	size_t bytes = sizeof(struct tide_weight_fold) + classes * sizeof(struct tide_weight_margin);

	/* less than one margin's room is lost in a block */
	return bytes / (TIDE_POOL_PIECE_MAX - sizeof(struct tide_weight_margin)) + 1;
}

static struct tide_weight_margin *
weight_margin(struct tide_weight_fold *fold, size_t class, struct tide_arena *arena)
{
	if (!fold->classes[class])
		fold->classes[class] = tide_pool_arena_take(arena, sizeof **fold->classes);
	return fold->classes[class];
}

static void
weight_add(struct tide_weight_fold *fold, bool classes, const struct tide_row *row, int sign,
           struct tide_arena *arena)
{
	double weight = row->weight;

	fold->rows += sign > 0 ? 1 : UINT64_MAX;
	tide_weighted_add(&fold->all, 1, weight, sign);
	tide_weighted_product(&fold->squares, weight, weight, sign);
	if (!classes)
		return;
	struct tide_weight_margin *target = weight_margin(fold, (size_t) row->target, arena);
	struct tide_weight_margin *predicted = weight_margin(fold, (size_t) row->prediction, arena);
	tide_weighted_add(&target->target, 1, weight, sign);
	tide_weighted_product(&target->target_squares, weight, weight, sign);
	tide_weighted_add(&predicted->predicted, 1, weight, sign);
	tide_weighted_product(&predicted->predicted_squares, weight, weight, sign);
	if (target == predicted)
		tide_weighted_add(&target->correct, 1, weight, sign);
}

static void
weight_merge(struct tide_label_fold *to, const struct tide_weight_fold *from,
             struct tide_arena *arena)
{
	if (!from)
		return;
	if (!to->weights)
		to->weights = tide_pool_arena_take(arena, sizeof *to->weights);
	to->weights->rows += from->rows;
	tide_sum_merge(&to->weights->all, &from->all);
	tide_sum_merge(&to->weights->squares, &from->squares);
	tide_sum_merge(&to->weights->relative, &from->relative);
	for (size_t class = 0; class < 256; class++) {
		if (!from->classes[class])
			continue;
		const struct tide_weight_margin *margin = from->classes[class];
		struct tide_weight_margin *all = weight_margin(to->weights, class, arena);
		tide_sum_merge(&all->target, &margin->target);
		tide_sum_merge(&all->target_squares, &margin->target_squares);
		tide_sum_merge(&all->predicted, &margin->predicted);
		tide_sum_merge(&all->predicted_squares, &margin->predicted_squares);
		tide_sum_merge(&all->correct, &margin->correct);
	}
}

void
tide_labelled_add(struct tide_label_fold *fold, const struct tide_label_shape *shape,
                  const struct tide_row *row, int sign, struct tide_arena *arena)
{
	uint64_t one = sign > 0 ? 1 : UINT64_MAX;
	bool numbers = shape->problem == TIDE_PROBLEM_REGRESSION;

	fold->labelled += one;
	if (shape->score.weighted && !fold->weights)
		fold->weights = tide_pool_arena_take(arena, sizeof *fold->weights);
	if (!(row->weight >= WEIGHT_MIN && row->weight <= WEIGHT_MAX))
		return;
	if (numbers && !error_add(fold, &shape->score, row, sign, arena))
		return;
	if (shape->problem == TIDE_PROBLEM_BINARY) {
		struct tide_confusion_fold *confusion = &fold->confusion;
		bool said = row->prediction != 0, was = row->target != 0;
		*(was ? (said ? &confusion->tp : &confusion->fn)
		      : (said ? &confusion->fp : &confusion->tn)) += one;
	} else if (shape->problem == TIDE_PROBLEM_MULTICLASS) {
		*class_cell(fold, (size_t) row->target, (size_t) row->prediction, arena) += one;
	}
	if (fold->weights)
		weight_add(fold->weights, !numbers, row, sign, arena);
	if (shape->score.curves)
		tide_score_add(&fold->score, &shape->score, (size_t) row->target, row->scores,
		               row->weight, sign, arena);
}

void
tide_labelled_merge(struct tide_label_fold *to, const struct tide_label_fold *from,
                    const struct tide_label_shape *shape, struct tide_arena *arena)
{
	to->labelled += from->labelled;
	if (shape->problem == TIDE_PROBLEM_REGRESSION)
		error_merge(&to->error, &from->error, shape->score.exact_rows, arena);
	to->confusion.tp += from->confusion.tp;
	to->confusion.fp += from->confusion.fp;
	to->confusion.tn += from->confusion.tn;
	to->confusion.fn += from->confusion.fn;
	classes_merge(to, from, arena);
	weight_merge(to, from->weights, arena);
	if (shape->score.curves)
		tide_score_merge(&to->score, &from->score, &shape->score, arena);
}
