#include "windowing/folds/labelled.h"
#include <math.h>

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
tide_labelled_add(struct tide_label_fold *fold, enum tide_problem problem,
                  const struct tide_row *row, int sign)
{
	uint64_t one = sign > 0 ? 1 : UINT64_MAX;

	fold->labelled += one;
	if (problem == TIDE_PROBLEM_REGRESSION) {
		error_label(&fold->error, row->prediction, row->target, sign);
	} else if (problem == TIDE_PROBLEM_BINARY) {
		struct tide_confusion_fold *confusion = &fold->confusion;
		bool said = row->prediction != 0, was = row->target != 0;
		*(was ? (said ? &confusion->tp : &confusion->fn)
		      : (said ? &confusion->fp : &confusion->tn)) += one;
	}
}

void
tide_labelled_merge(struct tide_label_fold *to, const struct tide_label_fold *from)
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
