#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "windowing/cell.h"
#include <stdio.h>

#define COLUMNS 100
#define ROWS 3000
#define EXACT_ROWS 2500

static double edges[9], fine[249];
static uint8_t bin_of[250];
static struct tide_text categories[255];
static struct tide_column_shape shapes[COLUMNS];
static const struct tide_measures measures;
static const struct tide_shape shape = {.columns = shapes, .count = COLUMNS};

/* The largest shapes there are: half of the columns numeric, half categorical. */
static void
shapes_make(void)
{
	static char names[255][16];

	for (int i = 0; i < 249; i++)
		fine[i] = i;
	for (int i = 0; i < 255; i++) {
		snprintf(names[i], sizeof names[i], "c%03d", i);
		categories[i] = tide_text_of(names[i]);
	}
	for (int i = 0; i < COLUMNS; i++)
		shapes[i] = i % 2 ? (struct tide_column_shape){.type = TIDE_COLUMN_NUMERIC,
		                                               .edges = edges,
		                                               .edge_count = 9,
		                                               .fine = fine,
		                                               .fine_count = 249,
		                                               .bin_of = bin_of}
		                  : (struct tide_column_shape){.type = TIDE_COLUMN_CATEGORICAL,
		                                               .categories = categories,
		                                               .category_count = 255};
}

/* A record in which every categorical column holds a value that the reference never had. */
static void
add(struct tide_cell *cell, int row, struct tide_arena *arena)
{
	struct tide_value values[COLUMNS];
	struct tide_event event = {.values = values, .value_count = COLUMNS};
	char text[16];

	snprintf(text, sizeof text, "new%d", row % 400);
	for (uint32_t i = 0; i < COLUMNS; i++)
		values[i] = i % 2 ? (struct tide_value){.kind = TIDE_VALUE_NUMBER, .number = row}
		                  : (struct tide_value){.kind = TIDE_VALUE_TEXT,
		                                        .text = tide_text_of(text)};
	for (uint32_t i = 0; i < COLUMNS; i++)
		values[i].column = i;
	tide_cell_add(cell, &shape, EXACT_ROWS, &measures, &event, arena);
}

static void
no_add_and_no_merge_takes_more_blocks_than_was_said(void **state)
{
	struct tide_pool pool;
	struct tide_arena arena, out;
	struct tide_cell cell = {0}, merged = {0};

	(void) state;
	shapes_make();
	tide_pool_init(&pool, 1 << 28);
	tide_pool_arena_init(&arena, &pool);
	tide_pool_arena_init(&out, &pool);
	for (int row = 0; row < ROWS; row++) {
		size_t before = arena.taken_blocks;
		add(&cell, row, &arena);
		assert_in_range(arena.taken_blocks - before, 0, tide_cell_blocks_max(COLUMNS));
		if (row == EXACT_ROWS - 1) {
			tide_cell_merge_predictions(&merged, &cell, &measures, &out);
			assert_in_range(out.taken_blocks, 1, tide_cell_blocks_max(COLUMNS));
			assert_true(tide_numbers_whole(&merged.columns[1]->numbers));
		}
	}
	assert_int_equal(cell.columns[1]->count, ROWS);
	assert_false(tide_numbers_whole(&cell.columns[1]->numbers));
	assert_int_equal(cell.columns[0]->unseen, ROWS);
	assert_true(cell.columns[0]->others.more);
	assert_int_equal(cell.columns[1]->fine[249], ROWS - 249);
	tide_pool_arena_fini(&out);
	tide_pool_arena_fini(&arena);
	tide_pool_fini(&pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(no_add_and_no_merge_takes_more_blocks_than_was_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
