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
static uint32_t buckets[3][TIDE_SKETCH_SIDES][TIDE_SKETCH_BUCKETS];

/* Empties one of the three; its buckets are there, so that no arena is asked. */
static void
start(struct tide_sketch *sketch)
{
	int which = sketch == &whole ? 0 : sketch == &part ? 1 : 2;

	memset(buckets[which], 0, sizeof(buckets[which]));
	*sketch = (struct tide_sketch){0};
	for (int side = 0; side < TIDE_SKETCH_SIDES; side++)
		for (int i = 0; i < TIDE_SKETCH_PARTS; i++)
			sketch->sides[side][i] =
				buckets[which][side] + i * TIDE_SKETCH_PART;
}

static void
copy(struct tide_sketch *to, const struct tide_sketch *from)
{
	start(to);
	assert_true(tide_sketch_merge(to, from, NULL));
}

static void
assert_same(const struct tide_sketch *a, const struct tide_sketch *b)
{
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->zeros, b->zeros);
	for (int side = 0; side < TIDE_SKETCH_SIDES; side++)
		for (int i = 0; i < TIDE_SKETCH_PARTS; i++)
			assert_memory_equal(a->sides[side][i], b->sides[side][i],
				TIDE_SKETCH_PART * sizeof(uint32_t));
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
		assert_true(tide_sketch_add(&whole, values[i], NULL));
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
		assert_true(tide_sketch_add(&part, x, NULL));
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
		assert_true(tide_sketch_add(&part, x, NULL));
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
		assert_true(tide_sketch_add(&whole, values[i], NULL));
	for (int i = COUNT - 1; i >= 0; i--) {
		struct tide_sketch *sketch = random_bits() % 2 ? &part : &rest;

		assert_true(tide_sketch_add(sketch, values[i], NULL));
		assert_true(tide_sketch_add(&part, 2.0 * values[i], NULL));
	}
	for (int i = 0; i < COUNT; i++)
		assert_true(tide_sketch_subtract(&part, 2.0 * values[i]));
	assert_true(tide_sketch_merge(&part, &rest, NULL));
	assert_same(&part, &whole);
}

static void
values_beyond_the_range_count_at_its_ends(void **state)
{
	(void)state;
	start(&part);
	assert_true(tide_sketch_add(&part, INFINITY, NULL));
	assert_true(tide_sketch_add(&part, -1e300, NULL));
	assert_true(tide_sketch_add(&part, 5e-324, NULL));
	assert_true(tide_sketch_add(&part, -0.0, NULL));
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
	assert_true(tide_sketch_add(&part, 1.0, NULL));
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
	assert_true(tide_sketch_add(&part, 3.0, NULL));
	/* 2^31 values, then 2^32 - 1 of them. */
	for (int i = 0; i < 31; i++) {
		copy(&whole, &part);
		assert_true(tide_sketch_merge(&part, &whole, NULL));
	}
	copy(&whole, &part);
	assert_true(tide_sketch_subtract(&whole, 3.0));
	assert_true(tide_sketch_merge(&part, &whole, NULL));
	copy(&rest, &part);
	assert_false(tide_sketch_add(&part, 3.0, NULL));
	assert_false(tide_sketch_merge(&part, &whole, NULL));
	assert_same(&part, &rest);
	assert_true(tide_sketch_add(&part, 4.0, NULL));
}

static size_t
parts_of(const struct tide_sketch *sketch)
{
	size_t parts = 0;

	for (int side = 0; side < TIDE_SKETCH_SIDES; side++)
		for (int i = 0; i < TIDE_SKETCH_PARTS; i++)
			parts += sketch->sides[side][i] != NULL;
	return parts;
}

static void
buckets_come_from_the_arena_with_their_first_value(void **state)
{
	struct tide_pool pool;
	struct tide_arena arena;
	struct tide_sketch sketch = {0}, sum = {0};

	(void)state;
	tide_pool_init(&pool, 1 << 20);
	tide_pool_arena_init(&arena, &pool);
	assert_true(tide_pool_reserve(&pool, 3));
	assert_true(tide_sketch_add(&sketch, 0.0, &arena));
	assert_int_equal(arena.taken_blocks, 0);
	assert_true(tide_sketch_add(&sketch, -7.0, &arena));
	assert_true(tide_sketch_add(&sketch, -7.0, &arena));
	assert_int_equal(parts_of(&sketch), 1);
	assert_true(tide_sketch_merge(&sum, &sketch, &arena));
	assert_int_equal(parts_of(&sum), 1);
	assert_true(fabs(tide_sketch_quantile(&sum, 0.5) + 7.0) <= 0.07);
	assert_true(tide_sketch_quantile(&sum, 1.0) == 0.0);
	tide_pool_arena_fini(&arena);
	tide_pool_fini(&pool);
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
		cmocka_unit_test(buckets_come_from_the_arena_with_their_first_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
