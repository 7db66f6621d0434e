#include "windowing/folds/labelled.h"
#include <math.h>
#include <string.h>

#define CLASS_WIDTH 16 /* counts that a row gets at once */

static void
sum_signed(struct tide_sum *sum, double x, int sign)
{
	if (sign > 0)
		tide_sum_add(sum, x);
	else
		tide_sum_subtract(sum, x);
}

static void
product_signed(struct tide_sum *sum, double x, int sign)
{
	if (!tide_sum_product_fits(x, x))
		return;
	if (sign > 0)
		tide_sum_add_product(sum, x, x);
	else
		tide_sum_subtract_product(sum, x, x);
}

static void
error_row(struct tide_error_fold *fold, size_t exact_rows, double error, int sign,
          struct tide_arena *arena)
{
	double absolute = fabs(error);

	fold->rows.width = 1;
	fold->taken_back += sign < 0;
	if (sign > 0 && (fold->count == 0 || absolute > fold->max_error))
		fold->max_error = absolute;
	if (sign > 0 && fold->rows.count == exact_rows) {
		fold->too_many = true;
		fold->rows = (struct tide_rows){.width = 1};
	}
	if (fold->too_many)
		return;
	if (sign > 0)
		tide_rows_add(&fold->rows, &absolute, arena);
	else
		tide_rows_remove(&fold->rows, &absolute);
}

static void
error_label(struct tide_error_fold *fold, double prediction, double target, int sign)
{
	double error = prediction - target, size = fabs(prediction) / 2 + fabs(target) / 2;
	uint64_t one = sign > 0 ? 1 : UINT64_MAX; /* unsigned: adding the maximum takes one away */

	fold->count += one;
	sum_signed(&fold->error, error, sign);
	sum_signed(&fold->absolute, fabs(error), sign);
	product_signed(&fold->squares, error, sign);
	sum_signed(&fold->target, target, sign);
	sum_signed(&fold->target_absolute, fabs(target), sign);
	product_signed(&fold->target_squares, target, sign);
	sum_signed(&fold->prediction, prediction, sign);
	if (size > 0)
		sum_signed(&fold->symmetric, fabs(error) / size, sign);
	if (target != 0 && isfinite(error / target)) {
		fold->relative_count += one;
		sum_signed(&fold->relative, fabs(error / target), sign);
	}
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
	tide_sum_merge(&to->relative, &from->relative);
	tide_sum_merge(&to->target, &from->target);
	tide_sum_merge(&to->target_squares, &from->target_squares);
	tide_sum_merge(&to->target_absolute, &from->target_absolute);
	tide_sum_merge(&to->prediction, &from->prediction);
	tide_sum_merge(&to->symmetric, &from->symmetric);
	to->too_many |= from->too_many || to->rows.count + from->rows.count > exact_rows;
	if (to->too_many)
		to->rows = (struct tide_rows){.width = 1};
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

void
tide_labelled_add(struct tide_label_fold *fold, const struct tide_label_shape *shape,
                  const struct tide_row *row, int sign, struct tide_arena *arena)
{
	uint64_t one = sign > 0 ? 1 : UINT64_MAX;
	double error = row->prediction - row->target;

	fold->labelled += one;
	if (shape->problem == TIDE_PROBLEM_REGRESSION && isfinite(error)) {
		error_row(&fold->error, shape->score.exact_rows, error, sign, arena);
		error_label(&fold->error, row->prediction, row->target, sign);
	} else if (shape->problem == TIDE_PROBLEM_BINARY) {
		struct tide_confusion_fold *confusion = &fold->confusion;
		bool said = row->prediction != 0, was = row->target != 0;
		*(was ? (said ? &confusion->tp : &confusion->fn)
		      : (said ? &confusion->fp : &confusion->tn)) += one;
	} else if (shape->problem == TIDE_PROBLEM_MULTICLASS) {
		*class_cell(fold, (size_t) row->target, (size_t) row->prediction, arena) += one;
	}
	if (shape->score.curves)
		tide_score_add(&fold->score, &shape->score, (size_t) row->target, row->scores, sign,
		               arena);
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
	if (shape->score.curves)
		tide_score_merge(&to->score, &from->score, &shape->score, arena);
}
