#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/pool.h"
#include "windowing/pending.h"

#define IDS 30000u

/* Few low bits differ, so that buckets have chains. */
static struct tide_hash
key_of(uint32_t id)
{
	return (struct tide_hash){id * UINT64_C(0x9e3779b97f4a7c15), id / 3 * UINT64_C(2654435761)};
}

static uint32_t
entries_of(const struct tide_pending *pending, uint32_t id)
{
	uint32_t at = UINT32_MAX, found, count = 0;

	while ((found = tide_pending_find(pending, key_of(id), &at))) {
		assert_int_equal(tide_pending_at(pending, found)->key.high, key_of(id).high);
		count++;
	}
	return count;
}

static uint32_t
add(struct tide_pending *pending, uint32_t id)
{
	assert_true(tide_pending_reserve(pending));
	uint32_t number = tide_pending_add(pending, key_of(id));
	tide_pending_at(pending, number)->time_ms = id;
	return number;
}

static void
every_entry_is_found_while_the_table_grows_and_shrinks(void **state)
{
	static uint32_t numbers[IDS];
	struct tide_pool pool;
	struct tide_pending pending;

	(void) state;
	tide_pool_init(&pool, (size_t) 1 << 26);
	tide_pending_init(&pending, &pool, 1);
	assert_int_equal(entries_of(&pending, 1), 0);
	for (uint32_t id = 0; id < IDS; id++) {
		numbers[id] = add(&pending, id);
		if (id % 1000 == 0)
			for (uint32_t before = 0; before <= id; before++)
				assert_int_equal(entries_of(&pending, before), 1);
	}
	for (uint32_t id = 0; id < IDS; id += 2)
		tide_pending_remove(&pending, numbers[id]);
	for (uint32_t id = 0; id < IDS; id++) {
		assert_int_equal(entries_of(&pending, id), id % 2);
		if (id % 2)
			assert_int_equal(tide_pending_at(&pending, numbers[id])->time_ms, id);
	}
	add(&pending, 5);
	assert_int_equal(entries_of(&pending, 5), 2);
	tide_pending_fini(&pending);
	tide_pool_fini(&pool);
}

static void
a_walk_by_number_meets_each_entry_once_and_may_remove_it(void **state)
{
	static uint8_t met[IDS];
	struct tide_pool pool;
	struct tide_pending pending;

	(void) state;
	tide_pool_init(&pool, (size_t) 1 << 26);
	tide_pending_init(&pending, &pool, 0);
	for (uint32_t id = 0; id < IDS; id++)
		add(&pending, id);
	for (uint32_t number = 0; (number = tide_pending_next(&pending, number));) {
		int64_t id = tide_pending_at(&pending, number)->time_ms;
		met[id]++;
		if (id % 3)
			tide_pending_remove(&pending, number);
	}
	for (uint32_t id = 0; id < IDS; id++) {
		assert_int_equal(met[id], 1);
		assert_int_equal(entries_of(&pending, id), id % 3 == 0);
	}
	assert_int_equal(pending.count, IDS / 3);
	tide_pending_fini(&pending);
	tide_pool_fini(&pool);
}

static void
a_pending_binary_prediction_takes_at_most_64_bytes(void **state)
{
	struct tide_pool pool;
	struct tide_pending pending;

	(void) state;
	tide_pool_init(&pool, (size_t) 1 << 30);
	tide_pending_init(&pending, &pool, 1);
	for (uint32_t id = 0; id < 10000; id++)
		add(&pending, id);
	for (uint32_t id = 10000; id < 300000; id++) {
		add(&pending, id);
		assert_true(pool.peak_bytes <= (size_t) 64 * id);
	}
	tide_pending_fini(&pending);
	tide_pool_fini(&pool);
}

static void
places_of_removed_entries_are_taken_again(void **state)
{
	struct tide_pool pool;
	struct tide_pending pending;
	size_t held_bytes = 0;

	(void) state;
	tide_pool_init(&pool, (size_t) 1 << 26);
	tide_pending_init(&pending, &pool, 1);
	for (uint32_t round = 0; round < 20; round++) {
		static uint32_t numbers[5000];
		for (uint32_t i = 0; i < 5000; i++)
			numbers[i] = add(&pending, round * 5000 + i);
		if (round == 0)
			held_bytes = pool.held_bytes;
		for (uint32_t i = 0; i < 5000; i++)
			tide_pending_remove(&pending, numbers[i]);
	}
	assert_int_equal(pool.held_bytes, held_bytes);
	tide_pending_fini(&pending);
	tide_pool_fini(&pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_entry_is_found_while_the_table_grows_and_shrinks),
	        cmocka_unit_test(a_walk_by_number_meets_each_entry_once_and_may_remove_it),
	        cmocka_unit_test(a_pending_binary_prediction_takes_at_most_64_bytes),
	        cmocka_unit_test(places_of_removed_entries_are_taken_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
