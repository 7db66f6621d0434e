#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/sum.h"

struct sum_case {
	size_t first;
	size_t count;
	double hi;
	double lo;
};

struct variance_case {
	double values[5];
	double variance;
};

#include "tests/golden/sum_table.h"

#define CASES (sizeof(cases) / sizeof(cases[0]))
#define VALUES (sizeof(values) / sizeof(values[0]))
#define VARIANCES (sizeof(variances) / sizeof(variances[0]))

static uint64_t seed = 1;

static uint64_t
random_bits(void)
{
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void
assert_same_sum(const struct tide_sum *a, const struct tide_sum *b)
{
	uint8_t first[TIDE_SUM_BYTES], second[TIDE_SUM_BYTES];

	tide_sum_save(a, first);
	tide_sum_save(b, second);
	assert_memory_equal(first, second, TIDE_SUM_BYTES);
	assert_true(tide_sum_equal(a, b));
}

static void
golden_sums_are_correctly_rounded(void **state)
{
	(void)state;
	for (size_t i = 0; i < CASES; i++) {
		struct tide_sum sum;
		double lo;

		tide_sum_start(&sum);
		for (size_t j = 0; j < cases[i].count; j++)
			tide_sum_add(&sum, values[cases[i].first + j]);
		assert_true(tide_sum_round(&sum) == cases[i].hi);
		assert_true(tide_sum_round2(&sum, &lo) == cases[i].hi);
		assert_true(lo == cases[i].lo);
	}
}

static void
order_split_and_detours_do_not_matter(void **state)
{
	static double shuffled[VALUES];
	struct tide_sum plain;

	(void)state;
	tide_sum_start(&plain);
	for (size_t i = 0; i < VALUES; i++)
		tide_sum_add(&plain, values[i]);
	memcpy(shuffled, values, sizeof(values));
	for (int round = 0; round < 50; round++) {
		struct tide_sum parts[3], merged;

		for (size_t i = VALUES - 1; i > 0; i--) {
			size_t j = random_bits() % (i + 1);
			double x = shuffled[i];

			shuffled[i] = shuffled[j];
			shuffled[j] = x;
		}
		for (int i = 0; i < 3; i++)
			tide_sum_start(&parts[i]);
		for (size_t i = 0; i < VALUES; i++) {
			struct tide_sum *part = &parts[random_bits() % 3];

			tide_sum_add(part, shuffled[i]);
			if (i % 7 == 0) {
				tide_sum_add(&parts[0], shuffled[i]);
				tide_sum_subtract(&parts[1], shuffled[i]);
			}
		}
		tide_sum_start(&merged);
		for (int i = 2; i >= 0; i--)
			tide_sum_merge(&merged, &parts[i]);
		assert_same_sum(&merged, &plain);
		tide_sum_unmerge(&merged, &parts[1]);
		tide_sum_merge(&parts[0], &parts[2]);
		assert_same_sum(&merged, &parts[0]);
	}
}

static void
a_product_is_added_exactly_and_undone(void **state)
{
	struct tide_sum sum, expected;

	(void)state;
	tide_sum_start(&sum);
	tide_sum_start(&expected);
	/* (1 + 2^-52)^2 = 1 + 2^-51 + 2^-104 */
	tide_sum_add_product(&sum, 1.0 + 0x1p-52, 1.0 + 0x1p-52);
	tide_sum_add(&expected, 1.0);
	tide_sum_add(&expected, 0x1p-51);
	tide_sum_add(&expected, 0x1p-104);
	assert_same_sum(&sum, &expected);
	for (int i = 0; i < 1000; i++) {
		double x = ldexp((double)(int64_t)random_bits(), (int)(random_bits() % 800) - 500);
		double y = ldexp((double)(int64_t)random_bits(), (int)(random_bits() % 800) - 500);

		assert_true(tide_sum_product_fits(x, y));
		tide_sum_add_product(&sum, x, y);
		tide_sum_add_product(&expected, y, x);
		tide_sum_add_product(&sum, 1e-200, x * 1e-120);
		tide_sum_subtract_product(&sum, 1e-200, x * 1e-120);
	}
	assert_same_sum(&sum, &expected);
	assert_false(tide_sum_product_fits(1e200, 1e200));
	assert_false(tide_sum_product_fits(NAN, 1.0));
}

static void
different_sums_are_not_equal(void **state)
{
	struct tide_sum a, b;

	(void)state;
	tide_sum_start(&a);
	tide_sum_start(&b);
	tide_sum_add(&a, 1e300);
	tide_sum_add(&b, 1e300);
	tide_sum_add(&b, 0x1p-1074);
	assert_false(tide_sum_equal(&a, &b));
	tide_sum_subtract(&b, 0x1p-1074);
	assert_true(tide_sum_equal(&a, &b));
}

static void
a_saved_sum_loads_equal(void **state)
{
	(void)state;
	for (size_t i = 0; i < CASES; i++) {
		struct tide_sum sum, loaded;
		uint8_t bytes[TIDE_SUM_BYTES];

		tide_sum_start(&sum);
		for (size_t j = 0; j < cases[i].count; j++)
			tide_sum_subtract(&sum, values[cases[i].first + j]);
		tide_sum_save(&sum, bytes);
		tide_sum_load(&loaded, bytes);
		assert_same_sum(&sum, &loaded);
		assert_true(tide_sum_round(&loaded) == -cases[i].hi);
	}
}

static void
chunks_are_settled_before_they_overflow(void **state)
{
	struct tide_sum sum;
	double x = 0x1.fffffffffffffp+31;

	(void)state;
	tide_sum_start(&sum);
	tide_sum_add(&sum, x);
	/* Doubling by merge, and a counter that is about to run out. */
	for (int i = 0; i < 60; i++)
		tide_sum_merge(&sum, &sum);
	assert_true(tide_sum_round(&sum) == x * 0x1p60);
	sum.pending = TIDE_SUM_PENDING_MAX - 1;
	tide_sum_add(&sum, x);
	assert_true(sum.pending == 0);
	tide_sum_subtract(&sum, x);
	assert_true(tide_sum_round(&sum) == x * 0x1p60);
}

static void
variance_survives_a_large_mean(void **state)
{
	(void)state;
	for (size_t i = 0; i < VARIANCES; i++) {
		struct tide_sum sum, squares;
		double variance, mean, allowed;

		tide_sum_start(&sum);
		tide_sum_start(&squares);
		for (int j = 0; j < 5; j++) {
			double x = variances[i].values[j];

			tide_sum_add(&sum, x);
			tide_sum_add_product(&squares, x, x);
		}
		variance = tide_sum_variance(&sum, &squares, 5.0, 1.0);
		mean = tide_sum_round(&sum) / 5.0;
		allowed = 4e-16 + 1e-31 * (mean / variances[i].variance * mean);
		assert_true(fabs(variance - variances[i].variance) <=
			allowed * variances[i].variance);
		assert_true(isnan(tide_sum_variance(&sum, &squares, 1.0, 1.0)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_sums_are_correctly_rounded),
		cmocka_unit_test(order_split_and_detours_do_not_matter),
		cmocka_unit_test(a_product_is_added_exactly_and_undone),
		cmocka_unit_test(different_sums_are_not_equal),
		cmocka_unit_test(a_saved_sum_loads_equal),
		cmocka_unit_test(chunks_are_settled_before_they_overflow),
		cmocka_unit_test(variance_survives_a_large_mean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
