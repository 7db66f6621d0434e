#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "base/pool.h"

static void
what_was_reserved_can_be_taken_and_the_cap_holds(void **state)
{
	struct tide_pool pool;
	struct tide_arena arena;

	(void) state;
	tide_pool_init(&pool, 3 * TIDE_POOL_BLOCK);
	tide_pool_arena_init(&arena, &pool);
	assert_true(tide_pool_reserve(&pool, 2));
	for (int i = 0; i < 2; i++) {
		char *piece = tide_pool_arena_take(&arena, TIDE_POOL_PIECE_MAX);
		assert_int_equal(piece[TIDE_POOL_PIECE_MAX - 1], 0);
		piece[TIDE_POOL_PIECE_MAX - 1] = 1;
	}
	assert_int_equal(arena.taken_blocks, 2);
	assert_false(tide_pool_reserve(&pool, 2));
	assert_null(tide_pool_table_new(&pool, 2 * TIDE_POOL_BLOCK));
	tide_pool_arena_fini(&arena);
	assert_true(tide_pool_reserve(&pool, 3));
	tide_pool_fini(&pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_was_reserved_can_be_taken_and_the_cap_holds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
