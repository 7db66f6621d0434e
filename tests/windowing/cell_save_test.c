#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "cell_world.h"
#include <stdio.h>
#include <stdlib.h>

/* What one process saves and another loads must be what the other would have folded. */

/* A reader of a copy behind which there is nothing that may be read. */
static struct tide_reader
copy_of(const char *bytes, size_t length)
{
	uint8_t *copy = malloc(length ? length : 1);

	assert_non_null(copy);
	if (length)
		memcpy(copy, bytes, length);
	return (struct tide_reader){copy, copy + length, false};
}

static void
copy_free(const uint8_t *copy)
{
	free((void *) (uintptr_t) copy);
}

static void
merge(struct tide_cell *to, const struct tide_cell *from, enum tide_problem problem,
      struct process *process)
{
	tide_cell_merge_predictions(to, from, &measures, &process->arena);
	if (from->labels[SLOT] && !to->labels[SLOT])
		to->labels[SLOT] =
		        tide_pool_arena_take(&process->arena, sizeof *to->labels[SLOT]);
	if (from->labels[SLOT])
		tide_labelled_merge(to->labels[SLOT], from->labels[SLOT],
		                    &process->shapes[problem], &process->arena);
	tide_cell_merge_slot(to, SLOT, from, SLOT, &measures, &process->arena);
}

/* Half of the events in one process, half in the other: loaded there, and merged there. */
static void
halves_meet(struct world world, enum tide_problem problem, size_t first, size_t second)
{
	struct process here, there;
	struct tide_cell a_there = {0}, a_here = {0}, b_here = {0}, merged = {0}, loaded = {0};
	struct tide_buffer a, b;
	struct world again = world;

	process_open(&here, &world, true, CLASSES);
	process_open(&there, &world, false, CLASSES);
	tide_text_buffer_init(&a, 1 << 24);
	tide_text_buffer_init(&b, 1 << 24);
	for (size_t i = 0; i < first; i++) {
		world_fold(&world, &there, &a_there, problem);
		world_fold(&again, &here, &a_here, problem);
	}
	for (size_t i = 0; i < second; i++)
		world_fold(&world, &here, &b_here, problem);
	save(&a_there, problem, &there, &a);
	save(&b_here, problem, &here, &b);
	merge(&merged, &a_here, problem, &here);
	merge(&merged, &b_here, problem, &here);
	struct tide_reader in = copy_of(a.bytes, a.length), start = in;
	size_t before = here.arena.taken_blocks;
	assert_true(load(&loaded, problem, &here, &in));
	assert_true(in.at == in.end);
	assert_in_range(here.arena.taken_blocks - before, 0,
	                tide_cell_load_blocks(start, &here.words));
	cells_equal(&loaded, &a_here, &here.shapes[problem]);
	copy_free(start.at);
	in = start = copy_of(b.bytes, b.length);
	assert_true(load(&loaded, problem, &here, &in));
	assert_true(in.at == in.end);
	cells_equal(&loaded, &merged, &here.shapes[problem]);
	copy_free(start.at);
	tide_text_buffer_fini(&a);
	tide_text_buffer_fini(&b);
	process_close(&here);
	process_close(&there);
}

static void
what_is_loaded_is_what_was_saved_and_adds_up_as_a_merge_does(void **state)
{
	static const size_t sizes[][2] = {{1, 1}, {0, 9}, {9, 0}, {20, 30}, {7, 60}, {60, 7},
	                                  {400, 300}};
	static const size_t exact_rows[] = {0, 10, 40, 1000};

	(void) state;
	for (size_t i = 0; i < 7 * 4 * 2 * 3; i++) {
		struct world world = {.seed = 1000 + i,
		                      .exact_rows = exact_rows[i / 7 % 4],
		                      .weighted = i / 28 % 2};
		enum tide_problem problem = (enum tide_problem) (TIDE_PROBLEM_BINARY + i / 56);
		halves_meet(world, problem, sizes[i % 7][0], sizes[i % 7][1]);
	}
}

static void
keys_come_back(void **state)
{
	static const struct tide_cell_key keys[] = {
	        {{"m", 1}, {"", 0}, -1, false, {NULL, 0}},
	        {{"model", 5}, {"v2", 2}, 15, true, {NULL, 0}},
	        {{"", 0}, {"", 0}, 0, false, {"a\0b", 3}}};
	struct tide_buffer out;

	(void) state;
	tide_text_buffer_init(&out, 1000);
	for (size_t i = 0; i < 3; i++)
		tide_cell_key_save(&keys[i], &out);
	struct tide_reader in = copy_of(out.bytes, out.length), start = in;
	for (size_t i = 0; i < 3; i++) {
		struct tide_cell_key key;
		assert_true(tide_cell_key_load(&key, &in));
		assert_int_equal(tide_cell_key_compare(&key, &keys[i]), 0);
	}
	assert_true(in.at == in.end);
	copy_free(start.at);
	tide_text_buffer_fini(&out);
}

/* What the other end does not know is OTHER there, and a score without a curve is gone. */
static void
a_class_without_a_number_or_a_curve_counts_as_any_other(void **state)
{
	struct world world = {.seed = 7, .exact_rows = 100};
	struct process here, there;
	struct tide_cell from = {0}, to = {0};
	struct tide_buffer out;
	uint64_t rows = 0, others = 0;
	char name[20];

	(void) state;
	process_open(&there, &world, false, CLASSES);
	process_open(&here, &world, true, 2);
	for (int i = 0; here.classes.count < TIDE_CLASSES_MAX; i++) {
		snprintf(name, sizeof name, "filler%d", i);
		(void) tide_classes_number(&here.classes, tide_text_of(name), &here.names);
	}
	for (int i = 0; i < 40; i++)
		world_fold(&world, &there, &from, TIDE_PROBLEM_MULTICLASS);
	/* a name that `here` has no number left for */
	there.classes.labels[tide_classes_find(&there.classes, TIDE_TEXT("ant"))] =
	        TIDE_TEXT("$label:new");
	uint8_t ant = 0;
	tide_text_buffer_init(&out, 1 << 20);
	tide_cell_save_slot(&from, SLOT, TIDE_PROBLEM_MULTICLASS, &there.words, &out);
	struct tide_reader in = copy_of(out.bytes, out.length), start = in;
	assert_true(tide_cell_load_slot(&to, SLOT, TIDE_PROBLEM_MULTICLASS, &here.words, &in,
	                                &here.arena));
	const struct tide_label_fold *a = from.labels[SLOT], *b = to.labels[SLOT];
	for (size_t i = 0; i < 256; i++) {
		rows += tide_labelled_confusion(a, ant, i);
		others += tide_labelled_confusion(b, TIDE_CLASS_OTHER, i);
	}
	assert_true(rows > 0);
	assert_int_equal(others, rows);
	assert_int_equal(b->score.rows.width, 3);
	assert_in_range(b->score.rows.count, 1, a->score.rows.count);
	assert_true(b->score.scored == a->score.scored);
	copy_free(start.at);
	tide_text_buffer_fini(&out);
	process_close(&here);
	process_close(&there);
}

static void
a_column_that_has_no_place_here_is_dropped(void **state)
{
	struct world world = {.seed = 9, .exact_rows = 100};
	struct process here, there;
	struct tide_cell from = {0}, to = {0};
	struct tide_buffer out;
	char name[20];

	(void) state;
	process_open(&there, &world, false, CLASSES);
	process_open(&here, &world, false, CLASSES);
	for (int i = 0; i < TIDE_CELL_COLUMNS_MAX; i++) {
		snprintf(name, sizeof name, "filler%d", i);
		(void) tide_mapping_column(here.columns, tide_text_of(name), TIDE_NO_COLUMN);
	}
	for (int i = 0; i < 20; i++)
		world_fold(&world, &there, &from, TIDE_PROBLEM_BINARY);
	/* the columns are written in their order: the last is one that `here` met too late */
	there.column[3] = tide_mapping_column(there.columns, TIDE_TEXT("late"), TIDE_NO_COLUMN);
	for (int i = 0; i < 20; i++)
		world_fold(&world, &there, &from, TIDE_PROBLEM_BINARY);
	tide_text_buffer_init(&out, 1 << 20);
	tide_cell_save_predictions(&from, &there.words, &out);
	struct tide_reader in = copy_of(out.bytes, out.length), start = in;
	assert_true(tide_cell_load_predictions(&to, &here.words, &in, &here.arena));
	assert_true(in.at == in.end);
	assert_int_equal(from.column_count, 5);
	assert_int_equal(to.column_count, 4);
	for (size_t i = 0; i < 4; i++)
		columns_equal(from.columns[i], to.columns[i]);
	copy_free(start.at);
	tide_text_buffer_fini(&out);
	process_close(&here);
	process_close(&there);
}

static void
bytes_of_another_shape_are_refused(void **state)
{
	struct world world = {.seed = 3, .exact_rows = 100, .weighted = true};
	struct process process;
	struct tide_cell from = {0}, to = {0}, none = {0};
	struct tide_buffer out;

	(void) state;
	process_open(&process, &world, false, CLASSES);
	for (int i = 0; i < 20; i++)
		world_fold(&world, &process, &from, TIDE_PROBLEM_BINARY);
	tide_text_buffer_init(&out, 1 << 20);
	tide_cell_save_predictions(&from, &process.words, &out);
	struct tide_reader in = copy_of(out.bytes, out.length), start = in;
	column_shapes[0].edge_count--;
	assert_false(tide_cell_load_predictions(&to, &process.words, &in, &process.arena));
	copy_free(start.at);
	tide_text_buffer_reset(&out);
	tide_cell_save_slot(&from, SLOT, TIDE_PROBLEM_BINARY, &process.words, &out);
	in = start = copy_of(out.bytes, out.length);
	process.shapes[TIDE_PROBLEM_BINARY].score.weighted = false;
	assert_false(tide_cell_load_slot(&none, SLOT, TIDE_PROBLEM_BINARY, &process.words, &in,
	                                 &process.arena));
	copy_free(start.at);
	tide_text_buffer_fini(&out);
	process_close(&process);
}

/* Loads into a cell that already has something; the room is what was promised. */
static bool
hostile_load(const struct world *world, enum tide_problem problem, const char *bytes, size_t length)
{
	struct world rows = *world;
	struct process process;
	struct tide_cell cell = {0};

	process_open(&process, world, true, 3);
	for (int i = 0; i < 3; i++)
		world_fold(&rows, &process, &cell, problem);
	size_t before = process.arena.taken_blocks + process.names.taken_blocks;
	struct tide_reader in = copy_of(bytes, length), start = in;
	bool good = load(&cell, problem, &process, &in);
	assert_true(in.at <= in.end);
	assert_in_range(process.arena.taken_blocks + process.names.taken_blocks - before, 0,
	                tide_cell_load_blocks(start, &process.words));
	copy_free(start.at);
	process_close(&process);
	return good;
}

static void
hostile_bytes_do_no_harm(void **state)
{
	(void) state;
	for (unsigned i = 0; i < 12; i++) {
		enum tide_problem problem = (enum tide_problem) (TIDE_PROBLEM_BINARY + i % 3);
		struct world world = {.seed = 77 + i,
		                      .exact_rows = i / 6 ? 4 : 100,
		                      .weighted = i / 3 % 2};
		struct world rows = world;
		struct process process;
		struct tide_cell cell = {0};
		struct tide_buffer out;
		process_open(&process, &world, false, CLASSES);
		for (int row = 0; row < 12; row++)
			world_fold(&rows, &process, &cell, problem);
		tide_text_buffer_init(&out, 1 << 20);
		save(&cell, problem, &process, &out);
		assert_true(hostile_load(&world, problem, out.bytes, out.length));
		for (size_t length = 0; length < out.length; length += 1 + length / 64)
			assert_false(hostile_load(&world, problem, out.bytes, length));
		for (int flip = 0; flip < 2000; flip++) {
			size_t at = world_next(&rows) % out.length;
			char kept = out.bytes[at];
			unsigned bits = flip % 2 ? (unsigned) world_next(&rows) : 1u << world_next(&rows) % 8;
			out.bytes[at] = (char) (((unsigned) kept ^ bits) & 255);
			(void) hostile_load(&world, problem, out.bytes, out.length);
			out.bytes[at] = kept;
		}
		tide_text_buffer_fini(&out);
		process_close(&process);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_is_loaded_is_what_was_saved_and_adds_up_as_a_merge_does),
	        cmocka_unit_test(keys_come_back),
	        cmocka_unit_test(a_class_without_a_number_or_a_curve_counts_as_any_other),
	        cmocka_unit_test(a_column_that_has_no_place_here_is_dropped),
	        cmocka_unit_test(bytes_of_another_shape_are_refused),
	        cmocka_unit_test(hostile_bytes_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
