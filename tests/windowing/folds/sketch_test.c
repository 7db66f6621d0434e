#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "windowing/folds/sketch.h"

#define COUNT 20000

static uint64_t seed = 1;
static double values[COUNT];
static struct tide_sketch whole, part, rest;

static void
start(struct tide_sketch *sketch)
{
	static uint32_t room[3][2][TIDE_SKETCH_BUCKETS];
	size_t i = sketch == &whole ? 0 : sketch == &part ? 1 : 2;

	tide_sketch_start(sketch, room[i][0], room[i][1]);
}

static void
copy(struct tide_sketch *to, const struct tide_sketch *from)
{
	start(to);
	assert_true(tide_sketch_merge(to, from));
}

static void
assert_same(const struct tide_sketch *a, const struct tide_sketch *b)
{
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->zeros, b->zeros);
	for (int side = 0; side < 2; side++)
		assert_memory_equal(a->sides[side], b->sides[side],
			TIDE_SKETCH_BUCKETS * sizeof(uint32_t));
}

static uint64_t
random_bits(void)
{
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* A magnitude spread evenly over the octaves of the sketch; every tenth value is zero. */
static double
random_value(void)
{
	uint64_t bits = random_bits();
	double x = ldexp(1.0 + (double)(bits >> 12) * 0x1p-52, (int)(bits % 80) - 30);

	return bits % 10 == 9 ? 0.0 : bits % 3 == 0 ? -x : x;
}

static int
ascending(const void *a, const void *b)
{
	const double *x = (const double *)a, *y = (const double *)b;

	return (*x > *y) - (*x < *y);
}

static void
every_quantile_is_within_one_per_cent(void **state)
{
	(void)state;
	start(&whole);
	for (int i = 0; i < COUNT; i++) {
		values[i] = random_value();
		assert_true(tide_sketch_add(&whole, values[i]));
	}
	assert_int_equal(tide_sketch_count(&whole), COUNT);
	qsort(values, COUNT, sizeof(values[0]), ascending);
	for (int i = 0; i <= 1000; i++) {
		double q = i / 1000.0;
		double expected = values[(int)floor(q * (COUNT - 1))];

		assert_true(fabs(tide_sketch_quantile(&whole, q) - expected) <=
			0.01 * fabs(expected));
	}
}

static void
every_magnitude_is_within_one_per_cent(void **state)
{
	double x = 0x1p-30;

	(void)state;
	while (x < 0x1p50) {
		double found;

		start(&part);
		assert_true(tide_sketch_add(&part, x));
		found = tide_sketch_quantile(&part, 0.5);
		assert_true(fabs(found - x) <= 0.01 * x);
		x *= 1.0037;
	}
}

static void
larger_values_never_have_a_lower_bucket(void **state)
{
	double last = 0.0;

	(void)state;
	for (double x = 1.0; x < 2.0; x += 0x1p-14) {
		double found;

		start(&part);
		assert_true(tide_sketch_add(&part, x));
		found = tide_sketch_quantile(&part, 0.0);
		assert_true(found >= last);
		last = found;
	}
}

static void
merge_and_subtract_leave_the_multiset(void **state)
{
	(void)state;
	start(&whole);
	start(&part);
	start(&rest);
	for (int i = 0; i < COUNT; i++)
		assert_true(tide_sketch_add(&whole, values[i]));
	for (int i = COUNT - 1; i >= 0; i--) {
		struct tide_sketch *sketch = random_bits() % 2 ? &part : &rest;

		assert_true(tide_sketch_add(sketch, values[i]));
		assert_true(tide_sketch_add(&part, 2.0 * values[i]));
	}
	for (int i = 0; i < COUNT; i++)
		assert_true(tide_sketch_subtract(&part, 2.0 * values[i]));
	assert_true(tide_sketch_merge(&part, &rest));
	assert_same(&part, &whole);
}

static void
values_beyond_the_range_count_at_its_ends(void **state)
{
	(void)state;
	start(&part);
	assert_true(tide_sketch_add(&part, INFINITY));
	assert_true(tide_sketch_add(&part, -1e300));
	assert_true(tide_sketch_add(&part, 5e-324));
	assert_true(tide_sketch_add(&part, -0.0));
	assert_true(tide_sketch_quantile(&part, 1.0) > 0x1p50 * 0.98);
	assert_true(tide_sketch_quantile(&part, 0.0) < -0x1p50 * 0.98);
	assert_true(tide_sketch_quantile(&part, 0.4) == 0.0);
	assert_true(tide_sketch_quantile(&part, 0.7) < 0x1p-30 * 1.02);
}

static void
an_empty_sketch_and_a_wrong_q_give_nan(void **state)
{
	(void)state;
	start(&part);
	assert_true(isnan(tide_sketch_quantile(&part, 0.5)));
	assert_true(tide_sketch_add(&part, 1.0));
	assert_true(isnan(tide_sketch_quantile(&part, NAN)));
	assert_true(isnan(tide_sketch_quantile(&part, 1.1)));
	assert_false(tide_sketch_subtract(&part, 2.0));
	assert_false(tide_sketch_subtract(&part, 0.0));
}

static void
a_full_bucket_refuses_and_changes_nothing(void **state)
{
	(void)state;
	start(&part);
	assert_true(tide_sketch_add(&part, 3.0));
	/* 2^31 values, then 2^32 - 1 of them. */
	for (int i = 0; i < 31; i++) {
		copy(&whole, &part);
		assert_true(tide_sketch_merge(&part, &whole));
	}
	copy(&whole, &part);
	assert_true(tide_sketch_subtract(&whole, 3.0));
	assert_true(tide_sketch_merge(&part, &whole));
	copy(&rest, &part);
	assert_false(tide_sketch_add(&part, 3.0));
	assert_false(tide_sketch_merge(&part, &whole));
	assert_same(&part, &rest);
	assert_true(tide_sketch_add(&part, 4.0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_quantile_is_within_one_per_cent),
		cmocka_unit_test(every_magnitude_is_within_one_per_cent),
		cmocka_unit_test(larger_values_never_have_a_lower_bucket),
		cmocka_unit_test(merge_and_subtract_leave_the_multiset),
		cmocka_unit_test(values_beyond_the_range_count_at_its_ends),
		cmocka_unit_test(an_empty_sketch_and_a_wrong_q_give_nan),
		cmocka_unit_test(a_full_bucket_refuses_and_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
