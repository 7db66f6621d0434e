#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "windowing/folds/business.h"
#include "windowing/folds/operation.h"
#include <math.h>
#include <string.h>

static struct tide_pool pool;
static struct tide_arena arena;

static int
open_arena(void **state)
{
	(void) state;
	tide_pool_init(&pool, 4 << 20);
	tide_pool_arena_init(&arena, &pool);
	return tide_pool_reserve(&pool, 128) ? 0 : -1;
}

static int
close_arena(void **state)
{
	(void) state;
	tide_pool_arena_fini(&arena);
	tide_pool_fini(&pool);
	return 0;
}

/* A program of one name: slot `index` of what the prediction or the label left. */
#define SLOT(kind, number) {&(struct tide_expression_node){.op = (kind), .index = (number)}, 1}
#define FIELD(number) SLOT(TIDE_LEAF_FIELD, number)
#define KEPT(number) SLOT(TIDE_LEAF_KEPT, number)
#define OUTCOME(number) SLOT(TIDE_LEAF_OUTCOME, number)

static struct tide_value
number_value(double number)
{
	return (struct tide_value){.kind = isnan(number) ? TIDE_VALUE_NULL : TIDE_VALUE_NUMBER,
	                           .number = number};
}

static void
a_row_counts_where_its_conditions_hold_and_its_value_is_there(void **state)
{
	/* weight, field 0 (a condition), field 1 (another), field 2 (a value) */
	static const double rows[][4] = {
	        {1, 1, 1, 10}, {3, 0, 1, 20}, {2, 1, 0, 30}, {.5, 1, 1, NAN}, {1, 1, 1, 1e200}};
	const struct tide_business business[] = {
	        {.kind = TIDE_BUSINESS_RATE, .where = FIELD(1), .value = {FIELD(0)}},
	        {.kind = TIDE_BUSINESS_SUM, .where = FIELD(1), .value = {FIELD(2)}},
	        {.kind = TIDE_BUSINESS_MEAN, .value = {FIELD(2)}},
	        {.kind = TIDE_BUSINESS_MEAN, .labelled = true, .value = {KEPT(0)}},
	};
	const struct tide_measures measures = {.business = business, .business_count = 4};
	struct tide_business_fold **folds = NULL, **twice = NULL;

	(void) state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct tide_value fields[3];
		struct tide_event event = {.weight = rows[i][0], .fields = fields,
		                           .field_count = 3};
		for (size_t j = 0; j < 3; j++)
			fields[j] = number_value(rows[i][j + 1]);
		tide_business_predicted(&folds, &measures, &event, &arena);
	}
	/* rate: rows 0, 1, 3, 4 of weight 1, 3, .5, 1; it holds in all but row 1 */
	assert_int_equal(folds[0]->rows, 4);
	assert_true(tide_sum_round(&folds[0]->weight) == 5.5);
	assert_true(tide_sum_round(&folds[0]->value) == 2.5);
	assert_true(fabs(tide_business_rows(folds[0]) - 5.5 * 5.5 / 11.25) < 1e-15);
	/* sum: 10 + 3 * 20; row 3 has no value, and the square of row 4 no double */
	assert_int_equal(folds[1]->rows, 2);
	assert_true(tide_sum_round(&folds[1]->value) == 70);
	assert_true(tide_sum_round(&folds[1]->value_squares) == 100 + 3600);
	/* mean: rows 0, 1, 2 */
	assert_true(tide_sum_round(&folds[2]->weight) == 6);
	assert_true(tide_sum_round(&folds[2]->value) == 130);
	assert_true(tide_sum_round(&folds[2]->value_squares) == 100 + 3 * 400 + 2 * 900);
	assert_null(folds[3]);
	tide_business_merge(&twice, folds, 4, &arena);
	tide_business_merge(&twice, folds, 4, &arena);
	assert_int_equal(twice[2]->rows, 6);
	assert_true(tide_sum_round(&twice[1]->value) == 140);
	assert_null(twice[3]);
}

static void
a_labelled_row_is_taken_back_exactly(void **state)
{
	const struct tide_business business[] = {
	        {.kind = TIDE_BUSINESS_MATRIX,
	         .labelled = true,
	         .value = {KEPT(0), KEPT(1), OUTCOME(0), OUTCOME(1)}},
	        {.kind = TIDE_BUSINESS_MEAN, .value = {FIELD(0)}},
	};
	const struct tide_measures measures = {.business = business, .business_count = 2};
	static const double kept[] = {.1, -.2}, outcome[] = {1e9, 3e-9};
	struct tide_row row = {.kept = kept, .outcome = outcome, .weight = .3};
	struct tide_business_fold **folds = NULL, **same = NULL;

	(void) state;
	row.prediction = 1; /* fp: -.2 */
	tide_business_labelled(&folds, &measures, &row, 1, &arena);
	tide_business_labelled(&same, &measures, &row, 1, &arena);
	assert_true(tide_sum_round(&folds[0]->value) == -.3 * .2);
	row.target = 1; /* tp: 3e-9 */
	tide_business_labelled(&folds, &measures, &row, 1, &arena);
	row.prediction = 0; /* fn: 1e9 */
	tide_business_labelled(&folds, &measures, &row, 1, &arena);
	assert_int_equal(folds[0]->rows, 3);
	tide_business_labelled(&folds, &measures, &row, -1, &arena);
	row.prediction = 1;
	tide_business_labelled(&folds, &measures, &row, -1, &arena);
	assert_int_equal(folds[0]->rows, 1);
	assert_true(tide_sum_equal(&folds[0]->value, &same[0]->value));
	assert_true(tide_sum_equal(&folds[0]->value_squares, &same[0]->value_squares));
	assert_true(tide_sum_equal(&folds[0]->weight_squares, &same[0]->weight_squares));
	assert_null(folds[1]);
}

static void
a_gauge_knows_its_moments_its_largest_and_its_quantiles(void **state)
{
	struct tide_operation_fold *fold = NULL, *half = NULL, *none = NULL;

	(void) state;
	tide_operation_add(&fold, NAN, true, &arena);
	tide_operation_add(&fold, INFINITY, true, &arena);
	tide_operation_add(&fold, -1e200, true, &arena);
	assert_null(fold);
	for (int i = 1; i <= 100; i++)
		tide_operation_add(i % 2 ? &fold : &half, -i, true, &arena);
	tide_operation_merge(&fold, half, &arena);
	tide_operation_merge(&fold, none, &arena);
	assert_int_equal(fold->count, 100);
	assert_true(fold->max == -1);
	assert_true(tide_sum_round(&fold->sum) == -5050);
	assert_true(tide_sum_round(&fold->squares) == 338350);
	assert_true(fabs(tide_sketch_quantile(&fold->sketch, .25) + 76) <= .76);
	tide_operation_merge(&none, fold, &arena);
	assert_true(none->max == -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(
	                a_row_counts_where_its_conditions_hold_and_its_value_is_there, open_arena,
	                close_arena),
	        cmocka_unit_test_setup_teardown(a_labelled_row_is_taken_back_exactly, open_arena,
	                                        close_arena),
	        cmocka_unit_test_setup_teardown(
	                a_gauge_knows_its_moments_its_largest_and_its_quantiles, open_arena,
	                close_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
