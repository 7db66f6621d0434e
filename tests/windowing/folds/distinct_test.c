#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "windowing/folds/distinct.h"

/* A bijection, so different numbers have different hashes. */
static uint64_t
hash(uint64_t number)
{
	uint64_t z = number * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static struct tide_distinct
counted(uint64_t first, uint64_t count)
{
	struct tide_distinct distinct;

	tide_distinct_start(&distinct);
	for (uint64_t i = 0; i < count; i++)
		tide_distinct_add(&distinct, hash(first + i));
	return distinct;
}

static void
small_sets_are_counted_exactly(void **state)
{
	struct tide_distinct distinct;

	(void)state;
	tide_distinct_start(&distinct);
	assert_true(tide_distinct_estimate(&distinct) == 0.0);
	for (uint64_t i = 1; i <= TIDE_DISTINCT_EXACT_MAX; i++) {
		tide_distinct_add(&distinct, hash(i));
		tide_distinct_add(&distinct, hash(i / 2 + 1));
		assert_true(tide_distinct_estimate(&distinct) == (double)i);
	}
	tide_distinct_add(&distinct, hash(TIDE_DISTINCT_EXACT_MAX + 1));
	assert_true(distinct.exact > TIDE_DISTINCT_EXACT_MAX);
	assert_true(fabs(tide_distinct_estimate(&distinct) - 257.0) < 20.0);
}

static void
errors_of_many_sets_have_the_stated_size(void **state)
{
	static const uint64_t sizes[] = { 300, 1000, 3000, 10000, 50000 };

	(void)state;
	for (int i = 0; i < 5; i++) {
		double sum = 0.0, squares = 0.0, deviation;

		for (uint64_t set = 0; set < 200; set++) {
			struct tide_distinct distinct = counted(set << 32 | 1, sizes[i]);
			double error = tide_distinct_estimate(&distinct) / (double)sizes[i] - 1.0;

			assert_true(fabs(error) < 0.085);
			sum += error;
			squares += error * error;
		}
		deviation = sqrt(squares / 200.0);
		print_message("%d: bias %.4f, error %.4f\n", (int)sizes[i], sum / 200.0, deviation);
		assert_true(fabs(sum / 200.0) < 0.0045);
		/* 1.7 % and the four sigma of a deviation of 200. */
		assert_true(deviation < 0.017 * 1.2);
		assert_true(sizes[i] < 10000 || deviation > 0.017 * 0.8);
	}
}

static void
order_repetition_and_split_do_not_matter(void **state)
{
	static const uint64_t sizes[] = { 10, 256, 257, 400, 5000 };

	(void)state;
	for (int i = 0; i < 5; i++) {
		uint64_t n = sizes[i];
		struct tide_distinct whole = counted(1, n);
		struct tide_distinct low = counted(1, n / 2 + n / 4);
		struct tide_distinct high = counted(1 + n / 3, n - n / 3);
		struct tide_distinct merged = low;

		tide_distinct_merge(&merged, &high);
		assert_memory_equal(&merged, &whole, sizeof(whole));
		tide_distinct_merge(&high, &low);
		assert_memory_equal(&high, &whole, sizeof(whole));
		for (uint64_t j = n; j > 0; j--)
			tide_distinct_add(&merged, hash(j));
		tide_distinct_merge(&merged, &merged);
		assert_memory_equal(&merged, &whole, sizeof(whole));
	}
}

static void
extreme_hashes_are_counted(void **state)
{
	struct tide_distinct distinct = counted(1, 300);
	double before = tide_distinct_estimate(&distinct);

	(void)state;
	tide_distinct_add(&distinct, 0);
	tide_distinct_add(&distinct, UINT64_MAX);
	assert_true(tide_distinct_estimate(&distinct) >= before);
	assert_true(tide_distinct_estimate(&distinct) < before * 1.02);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_sets_are_counted_exactly),
		cmocka_unit_test(errors_of_many_sets_have_the_stated_size),
		cmocka_unit_test(order_repetition_and_split_do_not_matter),
		cmocka_unit_test(extreme_hashes_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
