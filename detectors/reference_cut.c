#include "detectors/reference_private.h"
#include <stdlib.h>

static int
order_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int
order_by_text(const void *a, const void *b)
{
	return tide_text_compare(((const struct category *)a)->text,
	                         ((const struct category *)b)->text);
}

static int
order_by_count(const void *a, const void *b)
{
	const struct category *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return order_by_text(a, b);
}

/* numpy's linear quantile, its rounding of the interpolation included. */
static double
quantile(const double *sorted, size_t count, double share)
{
	double place = share * (double)(count - 1);
	size_t low = (size_t)place, high = low + 1 < count ? low + 1 : low;
	double t = place - (double)low, step = sorted[high] - sorted[low];

	return t >= .5 ? sorted[high] - step * (1 - t) : sorted[low] + step * t;
}

static bool
cut_numbers(struct tide_reference *reference, struct gather *gather,
            struct tide_column_shape *shape)
{
	size_t count = gather->value_count, bins = count / VALUES_A_BIN;
	double *edges = take(reference, BINS_MAX * sizeof *edges);

	if (!edges)
		return false;
	bins = bins > BINS_MAX ? BINS_MAX : bins < 2 ? 2 : bins;
	qsort(gather->values, count, sizeof *gather->values, order_doubles);
	shape->type = TIDE_COLUMN_NUMERIC;
	shape->edges = edges;
	for (size_t i = 1; i < bins; i++) {
		double edge = quantile(gather->values, count, (double)i / (double)bins);
		if (shape->edge_count == 0 || edge > edges[shape->edge_count - 1])
			edges[shape->edge_count++] = edge;
	}
	shape->reference_min = gather->values[0];
	shape->reference_max = gather->values[count - 1];
	return true;
}

static bool
cut_categories(struct tide_reference *reference, struct gather *gather,
               struct tide_column_shape *shape)
{
	size_t count = gather->category_count;
	struct tide_text *categories = take(reference, CATEGORIES_MAX * sizeof *categories);

	if (!categories)
		return false;
	qsort(gather->table, gather->table_size, sizeof *gather->table, order_by_count);
	count = count > CATEGORIES_MAX ? CATEGORIES_MAX : count;
	qsort(gather->table, count, sizeof *gather->table, order_by_text);
	for (size_t i = 0; i < count; i++)
		categories[i] = gather->table[i].text;
	shape->type = TIDE_COLUMN_CATEGORICAL;
	shape->categories = categories;
	shape->category_count = count;
	return true;
}

static bool
cut_column(struct tide_reference *reference, struct gather *gather,
           struct tide_column_shape *shape)
{
	uint64_t texts = 0;
	bool cut = true;

	for (size_t i = 0; i < gather->table_size; i++)
		texts += gather->table[i].count;
	if (gather->value_count > 0 && gather->value_count >= texts)
		cut = cut_numbers(reference, gather, shape);
	else if (texts > 0)
		cut = cut_categories(reference, gather, shape);
	gather_free(reference, gather);
	return cut;
}

static void
put_shape(struct tide_buffer *buffer, struct tide_text name, const struct tide_column_shape *shape)
{
	put_text(buffer, name);
	tide_text_put_format(buffer, " %d", (int)shape->type);
	for (size_t i = 0; i < shape->edge_count; i++) {
		tide_text_put(buffer, " ", 1);
		tide_text_put_number(buffer, shape->edges[i]);
	}
	for (size_t i = 0; i < shape->category_count; i++)
		put_text(buffer, shape->categories[i]);
	tide_text_put(buffer, "\n", 1);
}

bool
tide_reference_cut(struct tide_reference *reference)
{
	struct tide_buffer buffer;
	size_t count = tide_mapping_column_count(reference->columns);

	tide_text_buffer_init(&buffer, REFERENCE_BYTES_MAX);
	reference->shape.count = count < TIDE_CELL_COLUMNS_MAX ? count : TIDE_CELL_COLUMNS_MAX;
	for (size_t i = 0; i < reference->shape.count; i++) {
		if (!cut_column(reference, reference->gathers + i, reference->shapes + i)) {
			tide_text_buffer_fini(&buffer);
			return false;
		}
		put_shape(&buffer, tide_mapping_column_name(reference->columns, (uint32_t)i),
		          reference->shapes + i);
	}
	if (!cut_column(reference, reference->gathers + PREDICTION,
	                &reference->shape.prediction)) {
		tide_text_buffer_fini(&buffer);
		return false;
	}
	put_shape(&buffer, TIDE_TEXT("$prediction"), &reference->shape.prediction);
	return id_chain(reference, &buffer);
}
