#include "windowing/folds/column.h"

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
void
tide_column_add(struct tide_column_fold *fold, const struct tide_column_shape *shape,
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

struct tide_column_fold *
tide_column_new(size_t bin_count, struct tide_arena *arena)
{
	struct tide_column_fold *fold = tide_pool_arena_take(arena, sizeof *fold);

	tide_sum_start(&fold->sum);
	tide_sum_start(&fold->squares);
	fold->bin_count = bin_count;
	if (bin_count)
		fold->bins = tide_pool_arena_take(arena, bin_count * sizeof *fold->bins);
	return fold;
}

size_t
tide_column_bins(const struct tide_column_shape *shape)
{
	if (!shape)
		return 0;
	if (shape->type == TIDE_COLUMN_NUMERIC)
		return shape->edge_count + 1;
	return shape->type == TIDE_COLUMN_CATEGORICAL ? shape->category_count : 0;
}

void
tide_column_merge(struct tide_column_fold *to, const struct tide_column_fold *from)
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
