#include "windowing/folds/business.h"
#include <math.h>

void
tide_business_keep(const struct tide_expression *expressions, size_t count,
                   const struct tide_event *event, double *numbers)
{
	struct tide_expression_row row = {.event = event};

	for (size_t i = 0; i < count; i++)
		numbers[i] = tide_expression_number(&expressions[i], &row);
}

static void
product_signed(struct tide_sum *sum, double x, double y, int sign)
{
	if (sign > 0)
		tide_sum_add_product(sum, x, y);
	else
		tide_sum_subtract_product(sum, x, y);
}

static struct tide_business_fold *
fold_of(struct tide_business_fold ***folds, size_t count, size_t index, struct tide_arena *arena)
{
	if (!*folds)
		*folds = tide_pool_arena_take(arena, count * sizeof **folds);
	if (!(*folds)[index])
		(*folds)[index] = tide_pool_arena_take(arena, sizeof *(*folds)[index]);
	return (*folds)[index];
}

/* What is summed of a value: the sum of a sum is over w x, so its square is (w x)^2. */
static void
fold_add(struct tide_business_fold *fold, enum tide_business_kind kind, double x, double weight,
         int sign)
{
	bool total = kind == TIDE_BUSINESS_SUM || kind == TIDE_BUSINESS_MATRIX;
	double share = weight * x;

	fold->rows += sign > 0 ? 1 : UINT64_MAX; /* unsigned: adding the maximum takes one away */
	product_signed(&fold->weight, weight, 1, sign);
	product_signed(&fold->weight_squares, weight, weight, sign);
	product_signed(&fold->value, weight, x, sign);
	product_signed(&fold->value_squares, share, total ? share : x, sign);
}

/* The value of a measure for one row; NaN: the row is not there. */
static double
value_of(const struct tide_business *business, const struct tide_expression_row *row,
         unsigned place)
{
	if (!tide_expression_holds(&business->where, row))
		return NAN;
	if (business->kind == TIDE_BUSINESS_RATE)
		return tide_expression_holds(&business->value[0], row);
	return tide_expression_number(&business->value[place], row);
}

static void
measure(struct tide_business_fold ***folds, const struct tide_measures *measures, bool labelled,
        const struct tide_expression_row *row, unsigned matrix, double weight, int sign,
        struct tide_arena *arena)
{
	for (size_t i = 0; i < measures->business_count; i++) {
		const struct tide_business *business = &measures->business[i];
		if (business->labelled != labelled)
			continue;
		unsigned place = business->kind == TIDE_BUSINESS_MATRIX ? matrix : 0;
		double x = value_of(business, row, place);
		/* what cannot be squared has no interval, and is not there either */
		if (!tide_sum_product_fits(weight, weight) || !tide_sum_product_fits(x, x) ||
		    !tide_sum_product_fits(weight * x, weight * x) ||
		    !tide_sum_product_fits(weight * x, x))
			continue;
		fold_add(fold_of(folds, measures->business_count, i, arena), business->kind, x,
		         weight, sign);
	}
}

void
tide_business_predicted(struct tide_business_fold ***folds, const struct tide_measures *measures,
                        const struct tide_event *event, struct tide_arena *arena)
{
	struct tide_expression_row row = {.event = event};

	measure(folds, measures, false, &row, 0, event->weight, 1, arena);
}

void
tide_business_labelled(struct tide_business_fold ***folds, const struct tide_measures *measures,
                       const struct tide_row *row, int sign, struct tide_arena *arena)
{
	struct tide_expression_row numbers = {.kept = row->kept, .outcome = row->outcome};
	unsigned matrix = 2u * (row->target != 0) + (row->prediction != 0);

	measure(folds, measures, true, &numbers, matrix, row->weight, sign, arena);
}

void
tide_business_merge(struct tide_business_fold ***to, struct tide_business_fold **from,
                    size_t count, struct tide_arena *arena)
{
	for (size_t i = 0; from && i < count; i++) {
		if (!from[i])
			continue;
		struct tide_business_fold *fold = fold_of(to, count, i, arena);
		fold->rows += from[i]->rows;
		tide_sum_merge(&fold->weight, &from[i]->weight);
		tide_sum_merge(&fold->weight_squares, &from[i]->weight_squares);
		tide_sum_merge(&fold->value, &from[i]->value);
		tide_sum_merge(&fold->value_squares, &from[i]->value_squares);
	}
}

/* Each fold after its place in the table + 1; then 0. */
void
tide_business_save(struct tide_business_fold **folds, size_t count, struct tide_buffer *out)
{
	for (size_t i = 0; folds && i < count; i++) {
		if (!folds[i])
			continue;
		tide_bytes_put_number(out, i + 1);
		tide_bytes_put_number(out, folds[i]->rows);
		tide_bytes_put_sum(out, &folds[i]->weight);
		tide_bytes_put_sum(out, &folds[i]->weight_squares);
		tide_bytes_put_sum(out, &folds[i]->value);
		tide_bytes_put_sum(out, &folds[i]->value_squares);
	}
	tide_bytes_put_number(out, 0);
}

bool
tide_business_load(struct tide_business_fold ***folds, size_t count, struct tide_reader *in,
                   struct tide_arena *arena)
{
	for (uint64_t place; (place = tide_bytes_number(in));) {
		if (place > count)
			return false;
		struct tide_business_fold *fold = fold_of(folds, count, place - 1, arena);
		fold->rows += tide_bytes_number(in);
		tide_bytes_sum(in, &fold->weight);
		tide_bytes_sum(in, &fold->weight_squares);
		tide_bytes_sum(in, &fold->value);
		tide_bytes_sum(in, &fold->value_squares);
	}
	return !in->bad;
}

double
tide_business_rows(const struct tide_business_fold *fold)
{
	double weight = tide_sum_round(&fold->weight);

	return weight > 0 ? weight * weight / tide_sum_round(&fold->weight_squares) : 0;
}
