#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "cell_world.h"
#include <stdlib.h>

static int
number_order(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(double));
}

struct bag {
	double *values;
	size_t count, width;
};

static void
bag_put(void *closure, const double *row)
{
	struct bag *bag = closure;

	memcpy(bag->values + bag->width * bag->count++, row, bag->width * sizeof *row);
}

static int
row_order(const void *a, const void *b)
{
	for (size_t i = 0; i < CLASSES + 2; i++) {
		int order = memcmp((const double *) a + i, (const double *) b + i, sizeof(double));
		if (order)
			return order;
	}
	return 0;
}

/* Rows as equal bags, whatever their order; each is given CLASSES + 2 doubles. */
static struct bag
bag_of(const struct tide_rows *rows)
{
	struct bag bag = {calloc(rows->count + 1, (CLASSES + 2) * sizeof(double)), 0, rows->width};
	struct bag wide = {calloc(rows->count + 1, (CLASSES + 2) * sizeof(double)), rows->count,
	                   CLASSES + 2};

	assert_true(bag.values && wide.values && rows->width <= CLASSES + 2);
	tide_rows_walk(rows, bag_put, &bag);
	assert_int_equal(bag.count, rows->count);
	for (size_t i = 0; i < bag.count; i++)
		memcpy(wide.values + wide.width * i, bag.values + bag.width * i,
		       bag.width * sizeof(double));
	qsort(wide.values, wide.count, wide.width * sizeof(double), row_order);
	free(bag.values);
	return wide;
}

static void
rows_equal(const struct tide_rows *a, const struct tide_rows *b)
{
	struct bag x = bag_of(a), y = bag_of(b);

	assert_int_equal(x.count, y.count);
	assert_memory_equal(x.values, y.values, x.count * x.width * sizeof(double));
	free(x.values);
	free(y.values);
}

static void
numbers_equal(const struct tide_numbers *a, const struct tide_numbers *b)
{
	double x[2048], y[2048];

	assert_int_equal(a->count, b->count);
	assert_int_equal(tide_numbers_whole(a), tide_numbers_whole(b));
	if (!tide_numbers_whole(a))
		return;
	assert_in_range(a->count, 0, 2048);
	size_t count = tide_numbers_copy(a, x);
	assert_int_equal(tide_numbers_copy(b, y), count);
	qsort(x, count, sizeof *x, number_order);
	qsort(y, count, sizeof *y, number_order);
	assert_memory_equal(x, y, count * sizeof *x);
}

static void
sketches_equal(const struct tide_sketch *a, const struct tide_sketch *b)
{
	assert_true(!a == !b);
	if (!a)
		return;
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->zeros, b->zeros);
	for (size_t i = 0; i < TIDE_SKETCH_SIDES * TIDE_SKETCH_PARTS; i++) {
		const uint32_t *x = a->sides[i / TIDE_SKETCH_PARTS][i % TIDE_SKETCH_PARTS];
		const uint32_t *y = b->sides[i / TIDE_SKETCH_PARTS][i % TIDE_SKETCH_PARTS];
		assert_true(!x == !y);
		if (x)
			assert_memory_equal(x, y, TIDE_SKETCH_PART * sizeof *x);
	}
}

#define SAME_COUNT(name) assert_true(a->name == b->name)
#define SAME_SUM(name) assert_true(tide_sum_equal(&a->name, &b->name))

void
columns_equal(const struct tide_column_fold *a, const struct tide_column_fold *b)
{
	assert_true(!a == !b);
	if (!a)
		return;
	SAME_COUNT(present);
	SAME_COUNT(nulls);
	SAME_COUNT(nonfinite);
	SAME_COUNT(mistyped);
	SAME_COUNT(count);
	SAME_COUNT(zeros);
	SAME_COUNT(negatives);
	SAME_COUNT(below);
	SAME_COUNT(above);
	SAME_COUNT(outliers);
	SAME_COUNT(unseen);
	SAME_COUNT(min);
	SAME_COUNT(max);
	SAME_COUNT(bin_count);
	SAME_COUNT(fine_count);
	SAME_COUNT(others.count);
	SAME_COUNT(others.more);
	SAME_SUM(sum);
	SAME_SUM(squares);
	if (a->bin_count)
		assert_memory_equal(a->bins, b->bins, a->bin_count * sizeof *a->bins);
	if (a->fine_count)
		assert_memory_equal(a->fine, b->fine, a->fine_count * sizeof *a->fine);
	if (a->others.count)
		assert_memory_equal(a->others.values, b->others.values,
		                    a->others.count * sizeof *a->others.values);
	assert_memory_equal(&a->distinct, &b->distinct, sizeof a->distinct);
	numbers_equal(&a->numbers, &b->numbers);
	sketches_equal(a->sketch, b->sketch);
}

static void
operations_equal(const struct tide_operation_fold *a, const struct tide_operation_fold *b)
{
	assert_true(!a == !b);
	if (!a)
		return;
	SAME_COUNT(count);
	SAME_COUNT(max);
	SAME_SUM(sum);
	SAME_SUM(squares);
	sketches_equal(&a->sketch, &b->sketch);
}

static void
businesses_equal(struct tide_business_fold **x, struct tide_business_fold **y)
{
	for (size_t i = 0; i < measures.business_count; i++) {
		const struct tide_business_fold *a = x ? x[i] : NULL, *b = y ? y[i] : NULL;
		assert_true(!a == !b);
		if (!a)
			continue;
		SAME_COUNT(rows);
		SAME_SUM(weight);
		SAME_SUM(weight_squares);
		SAME_SUM(value);
		SAME_SUM(value_squares);
	}
}

static void
errors_equal(const struct tide_error_fold *a, const struct tide_error_fold *b)
{
	SAME_COUNT(count);
	SAME_COUNT(relative_count);
	SAME_COUNT(fourth_count);
	if (a->count)
		SAME_COUNT(max_error);
	SAME_COUNT(taken_back);
	SAME_COUNT(too_many);
	SAME_SUM(error);
	SAME_SUM(absolute);
	SAME_SUM(squares);
	SAME_SUM(fourths);
	SAME_SUM(relative);
	SAME_SUM(target);
	SAME_SUM(target_squares);
	SAME_SUM(target_absolute);
	SAME_SUM(prediction);
	SAME_SUM(symmetric);
	rows_equal(&a->rows, &b->rows);
}

static void
weights_equal(const struct tide_weight_fold *a, const struct tide_weight_fold *b)
{
	assert_true(!a == !b);
	if (!a)
		return;
	SAME_COUNT(rows);
	SAME_SUM(all);
	SAME_SUM(squares);
	SAME_SUM(relative);
	for (size_t class = 0; class < 256; class++) {
		assert_true(!a->classes[class] == !b->classes[class]);
		if (!a->classes[class])
			continue;
		SAME_SUM(classes[class]->target);
		SAME_SUM(classes[class]->target_squares);
		SAME_SUM(classes[class]->predicted);
		SAME_SUM(classes[class]->predicted_squares);
		SAME_SUM(classes[class]->correct);
	}
}

static void
scores_equal(const struct tide_score_fold *a, const struct tide_score_fold *b,
             const struct tide_score_shape *scores)
{
	SAME_COUNT(scored);
	SAME_COUNT(binned);
	SAME_SUM(log_loss);
	SAME_SUM(log_loss_squares);
	SAME_SUM(brier);
	SAME_SUM(brier_squares);
	assert_true(!a->weights == !b->weights);
	if (a->weights) {
		SAME_SUM(weights->all);
		SAME_SUM(weights->squares);
	}
	rows_equal(&a->rows, &b->rows);
	for (size_t i = 0; a->binned && i < (scores->weighted ? 4 : 2) * scores->curves; i++)
		assert_memory_equal(a->bins[i], b->bins[i], TIDE_SCORE_BINS * sizeof **a->bins);
	for (size_t i = 0; a->sides && i < 2 * scores->curves; i++) {
		SAME_COUNT(sides[i]->rows);
		SAME_COUNT(sides[i]->unfit);
		SAME_SUM(sides[i]->squares);
	}
}

static void
labels_equal(const struct tide_label_fold *a, const struct tide_label_fold *b,
             const struct tide_label_shape *labels)
{
	assert_true(!a == !b);
	if (!a)
		return;
	SAME_COUNT(labelled);
	SAME_COUNT(confusion.tp);
	SAME_COUNT(confusion.fp);
	SAME_COUNT(confusion.tn);
	SAME_COUNT(confusion.fn);
	errors_equal(&a->error, &b->error);
	weights_equal(a->weights, b->weights);
	for (size_t i = 0; i < 256 * 256; i++)
		assert_true(tide_labelled_confusion(a, i / 256, i % 256) ==
		            tide_labelled_confusion(b, i / 256, i % 256));
	scores_equal(&a->score, &b->score, &labels->score);
}

static void
estimates_equal(const struct tide_estimate_fold *a, const struct tide_estimate_fold *b)
{
	assert_true(!a == !b);
	if (!a)
		return;
	SAME_COUNT(count);
	for (size_t i = 0; i < TIDE_SURENESSES; i++) {
		SAME_SUM(sums[i]);
		SAME_SUM(squares[i]);
	}
	assert_true(a->shape.binary == b->shape.binary);
	if (a->shape.binary)
		scores_equal(&a->scores, &b->scores, &a->shape);
}

void
cells_equal(const struct tide_cell *a, const struct tide_cell *b,
            const struct tide_label_shape *labels)
{
	SAME_COUNT(predictions);
	SAME_COUNT(errors);
	SAME_COUNT(column_count);
	columns_equal(a->prediction, b->prediction);
	estimates_equal(a->estimate, b->estimate);
	for (size_t i = 0; i < a->column_count; i++)
		columns_equal(a->columns[i], b->columns[i]);
	for (size_t i = 0; i < TIDE_OPERATION_GAUGES; i++)
		operations_equal(a->gauges[i], b->gauges[i]);
	businesses_equal(a->business, b->business);
	labels_equal(a->labels[SLOT], b->labels[SLOT], labels);
	operations_equal(a->delays[SLOT], b->delays[SLOT]);
	businesses_equal(a->outcomes[SLOT], b->outcomes[SLOT]);
}
