#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "windowing/classes.h"
#include <string.h>

static void
name_of(size_t number, char name[8])
{
	name[0] = 'c';
	for (size_t i = 3; i > 0; i--, number /= 10)
		name[i] = (char) ('0' + number % 10);
	name[4] = '\0';
}

static void
a_class_keeps_its_number_and_the_256th_is_other(void **state)
{
	static struct tide_classes classes;
	struct tide_pool pool;
	struct tide_arena arena;
	char name[8];

	(void) state;
	tide_pool_init(&pool, 1 << 20);
	tide_pool_arena_init(&arena, &pool);
	tide_classes_init(&classes);
	for (size_t round = 0; round < 2; round++) {
		for (size_t i = 0; i < 300; i++) {
			name_of(i, name);
			assert_int_equal(tide_classes_number(&classes, tide_text_of(name), &arena),
			                 i < 255 ? i : TIDE_CLASS_OTHER);
			assert_int_equal(tide_classes_find(&classes, tide_text_of(name)),
			                 i < 255 ? i : TIDE_CLASS_OTHER);
		}
	}
	assert_true(tide_text_is(tide_classes_name(&classes, 7), "c007"));
	assert_true(tide_text_is(classes.labels[7], "$label:c007"));
	assert_true(tide_text_is(tide_classes_name(&classes, TIDE_CLASS_OTHER), "__other__"));
	tide_pool_arena_fini(&arena);
	tide_pool_fini(&pool);
}

static void
classes_are_sorted_by_name_whatever_came_first(void **state)
{
	static const char *const names[] = {"b", "a", "10", "", "z", "aa"};
	static const char *const sorted[] = {"", "10", "__other__", "a", "aa", "b", "z"};
	static struct tide_classes classes;
	struct tide_pool pool;
	struct tide_arena arena;
	uint8_t order[TIDE_CLASSES_MAX + 1];

	(void) state;
	tide_pool_init(&pool, 1 << 20);
	tide_pool_arena_init(&arena, &pool);
	tide_classes_init(&classes);
	for (size_t i = 0; i < 6; i++)
		tide_classes_number(&classes, tide_text_of(names[i]), &arena);
	assert_int_equal(tide_classes_sort(&classes, order), 7);
	for (size_t i = 0; i < 7; i++)
		assert_true(tide_text_is(tide_classes_name(&classes, order[i]), sorted[i]));
	tide_pool_arena_fini(&arena);
	tide_pool_fini(&pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_class_keeps_its_number_and_the_256th_is_other),
	        cmocka_unit_test(classes_are_sorted_by_name_whatever_came_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
