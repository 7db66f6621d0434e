#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "windowing/folds/numbers.h"
#include "windowing/folds/unseen.h"
#include <stdlib.h>
#include <string.h>

#define COUNT 6000
#define CAP 4000

static struct tide_pool pool;
static struct tide_arena arena;

static int
arena_open(void **state)
{
	(void) state;
	tide_pool_init(&pool, 1 << 22);
	tide_pool_arena_init(&arena, &pool);
	return 0;
}

static int
arena_close(void **state)
{
	(void) state;
	tide_pool_arena_fini(&arena);
	tide_pool_fini(&pool);
	return 0;
}

/* A number of both signs and many magnitudes, the same for the same i. */
static double
number(uint32_t i)
{
	uint64_t mixed = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);

	return (double) (int32_t) (mixed >> 32) / (double) (1 + (mixed & 0xfff));
}

static int
order(const void *a, const void *b)
{
	double x = *(const double *) a, y = *(const double *) b;

	return (x > y) - (x < y);
}

static void
a_sort_gives_what_qsort_gives(void **state)
{
	static double values[COUNT], spare[COUNT], other[COUNT];

	(void) state;
	for (uint32_t i = 0; i < COUNT; i++)
		values[i] = other[i] = number(i);
	tide_numbers_sort(values, spare, COUNT);
	qsort(other, COUNT, sizeof *other, order);
	assert_memory_equal(values, other, sizeof values);
	double few[] = {0.0, -0.0, 1, -1}, room[4];
	tide_numbers_sort(few, room, 4);
	assert_true(few[0] == -1 && few[3] == 1);
}

static void
the_values_are_whole_exactly_up_to_their_cap_however_they_are_merged(void **state)
{
	static double values[CAP], spare[CAP];

	(void) state;
	for (uint32_t split = 1; split < CAP; split += 997) {
		struct tide_numbers parts[2] = {{.cap = CAP}, {.cap = CAP}}, all = {.cap = CAP};
		for (uint32_t i = 0; i < CAP; i++)
			tide_numbers_add(&parts[i >= split], number(i), &arena);
		tide_numbers_merge(&all, &parts[1], &arena);
		tide_numbers_merge(&all, &parts[0], &arena);
		assert_true(tide_numbers_whole(&all));
		assert_int_equal(tide_numbers_copy(&all, values), CAP);
		tide_numbers_sort(values, spare, CAP);
		for (uint32_t i = 0; i + 1 < CAP; i++)
			assert_true(values[i] <= values[i + 1]);
		tide_numbers_add(&all, number(CAP), &arena);
		assert_false(tide_numbers_whole(&all));
		tide_numbers_add(&parts[0], number(CAP), &arena);
		struct tide_numbers over = {.cap = CAP};
		tide_numbers_merge(&over, &parts[0], &arena);
		tide_numbers_merge(&over, &parts[1], &arena);
		assert_false(tide_numbers_whole(&over));
	}
	struct tide_numbers none = {.cap = 0};
	assert_false(tide_numbers_whole(&none));
}

static void
an_add_after_a_merge_leaves_the_values_of_the_other_as_they_are(void **state)
{
	struct tide_numbers from = {.cap = 100}, to = {.cap = 100};
	double values[100];

	(void) state;
	for (uint32_t i = 0; i < 5; i++)
		tide_numbers_add(&from, i, &arena);
	tide_numbers_merge(&to, &from, &arena);
	tide_numbers_add(&to, 7, &arena);
	assert_int_equal(tide_numbers_copy(&from, values), 5);
	assert_true(values[4] == 4);
	assert_int_equal(tide_numbers_copy(&to, values), 6);
	assert_true(values[0] == 7);
}

static struct tide_hash
hash_of(uint32_t i)
{
	return tide_hash_plain128((struct tide_text){(const char *) &i, sizeof i});
}

static void
unseen_values_have_the_same_counts_in_any_order_and_any_split(void **state)
{
	struct tide_unseen forth = {0}, parts[2] = {{0}, {0}}, back = {0};

	(void) state;
	for (uint32_t i = 0; i < 3000; i++)
		tide_unseen_add(&forth, hash_of(i % 700), 1, &arena);
	for (uint32_t i = 3000; i-- > 0;)
		tide_unseen_add(&parts[i % 3 == 0], hash_of(i % 700), 1, &arena);
	tide_unseen_merge(&back, &parts[1], &arena);
	tide_unseen_merge(&back, &parts[0], &arena);
	assert_true(forth.more && back.more);
	assert_int_equal(forth.count, TIDE_UNSEEN_MAX);
	assert_int_equal(back.count, TIDE_UNSEEN_MAX);
	for (uint32_t i = 0; i < TIDE_UNSEEN_MAX; i++) {
		assert_int_equal(tide_unseen_compare(forth.values[i].hash, back.values[i].hash), 0);
		assert_int_equal(forth.values[i].count, back.values[i].count);
	}
}

static void
exactly_255_unseen_values_are_all_there(void **state)
{
	struct tide_unseen unseen = {0};

	(void) state;
	for (uint32_t i = 0; i < 2 * TIDE_UNSEEN_MAX; i++)
		tide_unseen_add(&unseen, hash_of(i % TIDE_UNSEEN_MAX), 1, &arena);
	assert_false(unseen.more);
	for (uint32_t i = 0; i < TIDE_UNSEEN_MAX; i++)
		assert_int_equal(unseen.values[i].count, 2);
	tide_unseen_add(&unseen, hash_of(TIDE_UNSEEN_MAX), 1, &arena);
	assert_true(unseen.more);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_sort_gives_what_qsort_gives),
	        cmocka_unit_test_setup_teardown(
	                the_values_are_whole_exactly_up_to_their_cap_however_they_are_merged, arena_open,
	                arena_close),
	        cmocka_unit_test_setup_teardown(
	                an_add_after_a_merge_leaves_the_values_of_the_other_as_they_are, arena_open,
	                arena_close),
	        cmocka_unit_test_setup_teardown(
	                unseen_values_have_the_same_counts_in_any_order_and_any_split, arena_open,
	                arena_close),
	        cmocka_unit_test_setup_teardown(exactly_255_unseen_values_are_all_there, arena_open,
	                                        arena_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
