#include "windowing/cell.h"
#include <math.h>
#include <string.h>

int
tide_cell_key_compare(const struct tide_cell_key *a, const struct tide_cell_key *b)
{
	int order = tide_text_compare(a->model, b->model);

	if (order == 0)
		order = tide_text_compare(a->version, b->version);
	if (order == 0)
		order = (a->segment > b->segment) - (a->segment < b->segment);
	if (order == 0)
		order = (int) b->value_null - (int) a->value_null;
	return order ? order : tide_text_compare(a->value, b->value);
}

static void
number_add(struct tide_column_fold *fold, const struct tide_column_shape *shape, double x)
{
	if (!tide_sum_product_fits(x, x)) {
		fold->nonfinite++; /* its square has no double: it cannot enter the moments */
		return;
	}
	if (fold->count == 0 || x < fold->min)
		fold->min = x;
	if (fold->count == 0 || x > fold->max)
		fold->max = x;
	fold->count++;
	fold->zeros += x == 0;
	fold->negatives += x < 0;
	tide_sum_add(&fold->sum, x);
	tide_sum_add_product(&fold->squares, x, x);
	if (!fold->bins)
		return;
	fold->below += x < shape->reference_min;
	fold->above += x > shape->reference_max;
	size_t bin = 0;
	while (bin < shape->edge_count && shape->edges[bin] < x)
		bin++;
	fold->bins[bin]++;
}

static void
category_add(struct tide_column_fold *fold, const struct tide_column_shape *shape,
             struct tide_text category)
{
	fold->count++;
	if (!fold->bins)
		return;
	size_t low = 0, high = shape->category_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = tide_text_compare(shape->categories[middle], category);
		if (order == 0) {
			fold->bins[middle]++;
			return;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	fold->unseen++;
}

/* A column without a shape takes numbers as numbers and all else as categories. */
static void
value_add(struct tide_column_fold *fold, const struct tide_column_shape *shape,
          const struct tide_value *value)
{
	char room[TIDE_TEXT_NUMBER_SIZE];
	enum tide_column_type type = shape ? shape->type : TIDE_COLUMN_UNKNOWN;

	fold->present++;
	if (value->kind == TIDE_VALUE_NULL)
		fold->nulls++;
	else if (value->kind == TIDE_VALUE_NONFINITE)
		fold->nonfinite++;
	else if (value->kind == TIDE_VALUE_OTHER)
		fold->mistyped++;
	else if (type == TIDE_COLUMN_CATEGORICAL)
		category_add(fold, shape, tide_event_value_text(value, room));
	else if (value->kind == TIDE_VALUE_NUMBER)
		number_add(fold, shape, value->number);
	else if (type == TIDE_COLUMN_NUMERIC)
		fold->mistyped++;
	else
		category_add(fold, shape, value->text);
}

static struct tide_column_fold *
fold_new(size_t bin_count, struct tide_arena *arena)
{
	struct tide_column_fold *fold = tide_pool_arena_take(arena, sizeof *fold);

	tide_sum_start(&fold->sum);
	tide_sum_start(&fold->squares);
	fold->bin_count = bin_count;
	if (bin_count)
		fold->bins = tide_pool_arena_take(arena, bin_count * sizeof *fold->bins);
	return fold;
}

static size_t
shape_bins(const struct tide_column_shape *shape)
{
	if (!shape)
		return 0;
	if (shape->type == TIDE_COLUMN_NUMERIC)
		return shape->edge_count + 1;
	return shape->type == TIDE_COLUMN_CATEGORICAL ? shape->category_count : 0;
}

void
tide_cell_add(struct tide_cell *cell, const struct tide_shape *shape,
              const struct tide_event *event, struct tide_arena *arena)
{
	cell->predictions++;
	cell->errors += event->error;
	if (!cell->columns)
		cell->columns =
		        tide_pool_arena_take(arena, TIDE_CELL_COLUMNS_MAX * sizeof *cell->columns);
	for (size_t i = 0; i < event->value_count; i++) {
		const struct tide_value *value = &event->values[i];
		const struct tide_column_shape *column = NULL;
		if (value->column >= TIDE_CELL_COLUMNS_MAX)
			continue;
		if (value->column < shape->count)
			column = &shape->columns[value->column];
		if (column && column->type == TIDE_COLUMN_IGNORED)
			continue;
		if (column && column->type == TIDE_COLUMN_UNKNOWN)
			column = NULL;
		if (value->column >= cell->column_count)
			cell->column_count = value->column + 1;
		struct tide_column_fold **fold = &cell->columns[value->column];
		if (!*fold)
			*fold = fold_new(shape_bins(column), arena);
		value_add(*fold, column, value);
	}
	if (event->prediction.kind != TIDE_VALUE_NULL) {
		bool shaped = shape->prediction.type != TIDE_COLUMN_UNKNOWN;
		const struct tide_column_shape *column = shaped ? &shape->prediction : NULL;
		if (!cell->prediction)
			cell->prediction = fold_new(shape_bins(column), arena);
		value_add(cell->prediction, column, &event->prediction);
	}
}

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
error_label(struct tide_error_fold *fold, double prediction, double target, int sign)
{
	double error = prediction - target;
	uint64_t one = sign > 0 ? 1 : UINT64_MAX; /* unsigned: adding the maximum takes one away */

	if (fold->count == 0 || fabs(error) > fold->max_error)
		fold->max_error = fabs(error);
	fold->count += one;
	sum_signed(&fold->error, error, sign);
	sum_signed(&fold->absolute, fabs(error), sign);
	product_signed(&fold->squares, error, sign);
	sum_signed(&fold->target, target, sign);
	product_signed(&fold->target_squares, target, sign);
	sum_signed(&fold->prediction, prediction, sign);
	if (target != 0 && isfinite(error / target)) {
		fold->relative_count += one;
		sum_signed(&fold->relative, fabs(error / target), sign);
	}
}

void
tide_cell_label(struct tide_label_fold *fold, enum tide_problem problem, double prediction,
                double target, int sign)
{
	uint64_t one = sign > 0 ? 1 : UINT64_MAX;

	fold->labelled += one;
	if (problem == TIDE_PROBLEM_REGRESSION) {
		error_label(&fold->error, prediction, target, sign);
	} else if (problem == TIDE_PROBLEM_BINARY) {
		struct tide_confusion_fold *confusion = &fold->confusion;
		bool said = prediction != 0, was = target != 0;
		*(was ? (said ? &confusion->tp : &confusion->fn)
		      : (said ? &confusion->fp : &confusion->tn)) += one;
	}
}

static void
column_merge(struct tide_column_fold *to, const struct tide_column_fold *from)
{
	if (from->count) {
		to->min = to->count == 0 || from->min < to->min ? from->min : to->min;
		to->max = to->count == 0 || from->max > to->max ? from->max : to->max;
	}
	to->present += from->present;
	to->nulls += from->nulls;
	to->nonfinite += from->nonfinite;
	to->mistyped += from->mistyped;
	to->count += from->count;
	to->zeros += from->zeros;
	to->negatives += from->negatives;
	to->below += from->below;
	to->above += from->above;
	to->unseen += from->unseen;
	tide_sum_merge(&to->sum, &from->sum);
	tide_sum_merge(&to->squares, &from->squares);
	for (size_t i = 0; i < from->bin_count; i++)
		to->bins[i] += from->bins[i];
}

void
tide_cell_merge_predictions(struct tide_cell *to, const struct tide_cell *from,
                            struct tide_arena *arena)
{
	to->predictions += from->predictions;
	to->errors += from->errors;
	if (!to->columns)
		to->columns =
		        tide_pool_arena_take(arena, TIDE_CELL_COLUMNS_MAX * sizeof *to->columns);
	if (from->column_count > to->column_count)
		to->column_count = from->column_count;
	for (size_t i = 0; i < from->column_count; i++) {
		if (!from->columns[i])
			continue;
		if (!to->columns[i])
			to->columns[i] = fold_new(from->columns[i]->bin_count, arena);
		column_merge(to->columns[i], from->columns[i]);
	}
	if (from->prediction) {
		if (!to->prediction)
			to->prediction = fold_new(from->prediction->bin_count, arena);
		column_merge(to->prediction, from->prediction);
	}
}

void
tide_cell_merge_labels(struct tide_label_fold *to, const struct tide_label_fold *from)
{
	struct tide_error_fold *e = &to->error;
	const struct tide_error_fold *f = &from->error;

	to->labelled += from->labelled;
	if (f->count && (e->count == 0 || f->max_error > e->max_error))
		e->max_error = f->max_error;
	e->count += f->count;
	e->relative_count += f->relative_count;
	tide_sum_merge(&e->error, &f->error);
	tide_sum_merge(&e->absolute, &f->absolute);
	tide_sum_merge(&e->squares, &f->squares);
	tide_sum_merge(&e->relative, &f->relative);
	tide_sum_merge(&e->target, &f->target);
	tide_sum_merge(&e->target_squares, &f->target_squares);
	tide_sum_merge(&e->prediction, &f->prediction);
	to->confusion.tp += from->confusion.tp;
	to->confusion.fp += from->confusion.fp;
	to->confusion.tn += from->confusion.tn;
	to->confusion.fn += from->confusion.fn;
}

size_t
tide_cell_blocks_max(size_t columns)
{
	/* a fold and its bins are at most two pieces that may each open a block; the cell, its
	 * column table and its label folds open a few more */
	return 2 * columns + 8;
}
