#include "detectors/quality/quantile.h"
#include "detectors/reference_private.h"
#include <stdlib.h>

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

/* Quantiles i / parts of the sorted values, equal ones once; returns their number. */
static size_t
cut_edges(const struct gather *gather, size_t parts, double *edges)
{
	size_t count = 0;

	for (size_t i = 1; i < parts; i++) {
		double edge = tide_quantile_sorted(gather->values, gather->value_count,
		                                   (double)i / (double)parts);
		if (count == 0 || edge > edges[count - 1])
			edges[count++] = edge;
	}
	return count;
}

/* All edges of two ascending lists, equal ones once; returns their number. */
static size_t
unite_edges(const double *a, size_t n, const double *b, size_t m, double *to)
{
	size_t i = 0, j = 0, count = 0;

	while (i < n || j < m) {
		double edge = j == m || (i < n && a[i] <= b[j]) ? a[i] : b[j];
		while (i < n && a[i] <= edge)
			i++;
		while (j < m && b[j] <= edge)
			j++;
		to[count++] = edge;
	}
	return count;
}

bool
tide_reference_cut_bins(struct tide_reference *reference, struct tide_column_shape *shape)
{
	uint8_t *bin_of = take(reference, shape->fine_count + 1);
	size_t bin = 0;

	for (size_t i = 1; bin_of && i <= shape->fine_count; i++) {
		while (bin < shape->edge_count && shape->edges[bin] <= shape->fine[i - 1])
			bin++;
		bin_of[i] = (uint8_t)bin;
	}
	shape->bin_of = bin_of;
	return bin_of != NULL;
}

/* The fine cells: each bin in 24, and the deciles among the edges. */
static bool
cut_fine(struct tide_reference *reference, const struct gather *gather, size_t bins,
         struct tide_column_shape *shape)
{
	double finer[TIDE_COLUMN_FINE_MAX];
	double *fine = take(reference, TIDE_COLUMN_FINE_MAX * sizeof *fine);
	double *deciles = take(reference, BINS_MAX * sizeof *deciles);

	if (!fine || !deciles)
		return false;
	shape->decile_count = cut_edges(gather, BINS_MAX, deciles);
	size_t count = cut_edges(gather, FINE_A_BIN * bins, finer);
	shape->fine_count = unite_edges(finer, count, deciles, shape->decile_count, fine);
	shape->fine = fine;
	shape->deciles = deciles;
	return tide_reference_cut_bins(reference, shape);
}

static bool
cut_numbers(struct tide_reference *reference, struct gather *gather,
            struct tide_column_shape *shape)
{
	size_t count = gather->value_count, bins = count / VALUES_A_BIN;
	size_t size = count * sizeof(double);
	double *edges = take(reference, BINS_MAX * sizeof *edges);
	double *spare = edges ? tide_pool_table_new(&reference->pool, size) : NULL;

	if (!spare)
		return false;
	bins = bins > BINS_MAX ? BINS_MAX : bins < 2 ? 2 : bins;
	tide_numbers_sort(gather->values, spare, count);
	tide_pool_table_free(&reference->pool, spare, size);
	shape->type = TIDE_COLUMN_NUMERIC;
	shape->edges = edges;
	shape->edge_count = cut_edges(gather, bins, edges);
	shape->reference_min = gather->values[0];
	shape->reference_max = gather->values[count - 1];
	double low = tide_quantile_sorted(gather->values, count, .25);
	double high = tide_quantile_sorted(gather->values, count, .75);
	shape->fence_low = low - 1.5 * (high - low);
	shape->fence_high = high + 1.5 * (high - low);
	return cut_fine(reference, gather, bins, shape);
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

	const struct tide_column_options *options = gather->options;
	shape->min_effect = options && !isnan(options->min_effect) ? options->min_effect
	                                                          : MIN_EFFECT;
	for (size_t i = 0; i < gather->table_size; i++)
		texts += gather->table[i].count;
	if (options && options->ignore)
		shape->type = TIDE_COLUMN_IGNORED;
	else if (gather->value_count > 0 && gather->value_count >= texts)
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
