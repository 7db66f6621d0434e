#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/ranks.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tests/golden/ranks_table.h"

#define COUNT_MAX 5000

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
sample(const struct row *row, int side, double *values)
{
	double shift = side && strstr(row->name, "_shifted") ? (double)(row->modulus / 6) : 0;

	for (uint64_t i = 0; i < row->count[side]; i++)
		values[i] = (double)((i * i * row->a[side] + i * row->b[side] + row->a[side]) %
		                     row->modulus) + shift;
	qsort(values, row->count[side], sizeof *values, ascending);
}

static struct tide_ranks_test
tested(const struct row *row, const struct tide_ranks *ranks)
{
	if (!strncmp(row->name, "anderson", 8))
		return tide_ranks_anderson_darling(ranks);
	if (!strncmp(row->name, "cramer", 6))
		return tide_ranks_cramer_von_mises(ranks);
	if (!strncmp(row->name, "mann", 4))
		return tide_ranks_mann_whitney(ranks, strstr(row->name, "_less") != NULL);
	return (struct tide_ranks_test){tide_ranks_energy_distance(ranks), NAN};
}

static void
every_test_matches_scipy(void **state)
{
	static double x[COUNT_MAX], y[COUNT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *row = rows + i;
		struct tide_ranks ranks = {x, y, row->count[0], row->count[1]};
		sample(row, 0, x);
		sample(row, 1, y);
		struct tide_ranks_test test = tested(row, &ranks);
		if (!(fabs(test.statistic - row->statistic) <= 1e-10 * fabs(row->statistic)))
			fail_msg("%s, row %zu: %.17g here, %.17g in the table", row->name, i,
			         test.statistic, row->statistic);
		if (isnan(row->p_value))
			assert_true(isnan(test.p_value));
		else if (!(fabs(test.p_value - row->p_value) <= 1e-9))
			fail_msg("%s, row %zu: p %.17g here, %.17g in the table", row->name, i,
			         test.p_value, row->p_value);
	}
}

static void
what_has_no_law_is_nan(void **state)
{
	static const double two[] = {1, 2}, same[] = {3, 3, 3}, other[] = {4, 5, 6};
	struct tide_ranks few = {two, other, 2, 3}, one = {same, same, 3, 3};
	struct tide_ranks single = {two, other, 1, 3};

	(void)state;
	assert_true(tide_ranks_mann_whitney(&few, 0).statistic == 0);
	assert_true(isnan(tide_ranks_mann_whitney(&few, 0).p_value));
	assert_true(isnan(tide_ranks_mann_whitney(&one, 1).p_value));
	assert_true(isnan(tide_ranks_anderson_darling(&one).statistic));
	assert_true(isnan(tide_ranks_cramer_von_mises(&few).p_value));
	assert_true(isnan(tide_ranks_cramer_von_mises(&single).statistic));
	assert_true(tide_ranks_energy_distance(&one) == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_test_matches_scipy),
		cmocka_unit_test(what_has_no_law_is_nan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
