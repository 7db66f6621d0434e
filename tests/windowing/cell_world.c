#include "cell_world.h"
#include <math.h>
#include <stdio.h>

static const char *const column_names[COLUMNS] = {"amount", "country", "open", ""};
static const char *const class_names[CLASSES] = {"ant", "bee", "", "dog", "eel"};
static double edges[3] = {-1, 0, 1}, fine[5] = {-2, -1, 0, 1, 2};
static const uint8_t bin_of[6] = {0, 0, 1, 2, 3, 3};
static struct tide_text categories[3] = {{"at", 2}, {"be", 2}, {"ch", 2}};
struct tide_column_shape column_shapes[2];
static struct tide_shape shape = {.columns = column_shapes, .count = 2};
#define FIELD(number) {&(struct tide_expression_node){.op = TIDE_LEAF_FIELD, .index = (number)}, 1}
#define KEPT(number) {&(struct tide_expression_node){.op = TIDE_LEAF_KEPT, .index = (number)}, 1}
static const struct tide_business business[3] = {
        {.kind = TIDE_BUSINESS_MEAN, .value = {FIELD(0)}},
        {.kind = TIDE_BUSINESS_SUM, .labelled = true, .value = {KEPT(0)}},
        {.kind = TIDE_BUSINESS_SUM, .labelled = true, .value = {KEPT(1)}},
};
struct tide_measures measures = {.mapped = 7, .business = business, .business_count = 3};

uint64_t
world_next(struct world *world)
{
	world->seed ^= world->seed << 13;
	world->seed ^= world->seed >> 7;
	world->seed ^= world->seed << 17;
	return world->seed >> 8;
}

static void
shapes_make(void)
{
	column_shapes[0] = (struct tide_column_shape){.type = TIDE_COLUMN_NUMERIC,
	                                              .edges = edges,
	                                              .edge_count = 3,
	                                              .fine = fine,
	                                              .fine_count = 5,
	                                              .bin_of = bin_of,
	                                              .fence_low = -2,
	                                              .fence_high = 2,
	                                              .reference_min = -2,
	                                              .reference_max = 2};
	column_shapes[1] = (struct tide_column_shape){.type = TIDE_COLUMN_CATEGORICAL,
	                                              .categories = categories,
	                                              .category_count = 3};
	shape.prediction = column_shapes[1];
}

void
process_open(struct process *process, const struct world *world, bool reversed, size_t curves)
{
	shapes_make();
	tide_pool_init(&process->pool, 1 << 28);
	tide_pool_arena_init(&process->arena, &process->pool);
	tide_pool_arena_init(&process->names, &process->pool);
	process->columns = tide_mapping_columns_new();
	TIDE_ASSERT(process->columns);
	tide_classes_init(&process->classes);
	for (size_t i = 0; i < COLUMNS; i++) {
		size_t column = reversed && i >= 2 ? COLUMNS + 1 - i : i;
		process->column[column] =
		        tide_mapping_column(process->columns,
		                            tide_text_of(column_names[column]), TIDE_NO_COLUMN);
	}
	for (size_t i = 0; i < CLASSES; i++)
		(void) tide_classes_number(
		        &process->classes,
		        tide_text_of(class_names[reversed ? CLASSES - 1 - i : i]), &process->names);
	for (size_t i = 0; i < 4; i++)
		process->shapes[i] = (struct tide_label_shape){
		        (enum tide_problem) i,
		        {world->exact_rows,
		         i == TIDE_PROBLEM_MULTICLASS ? curves : i == TIDE_PROBLEM_BINARY,
		         i == TIDE_PROBLEM_BINARY, world->weighted}};
	process->words = (struct tide_cell_words){&shape,           process->columns,
	                                          &process->classes, &process->names,
	                                          &measures,        process->shapes,
	                                          world->exact_rows};
}

void
process_close(struct process *process)
{
	tide_pool_arena_fini(&process->arena);
	tide_pool_arena_fini(&process->names);
	tide_pool_fini(&process->pool);
	tide_mapping_columns_free(process->columns);
}

static double
any_number(struct world *world)
{
	static const double some[] = {0, -0.0, 1e-9, -1, 2.5, 1e12, 1e200, -3e-7};
	uint64_t die = world_next(world);

	return die % 4 == 0 ? some[die / 4 % 8] : (double) (int64_t) (die % 2001 - 1000) / 300;
}

static struct tide_value
any_value(struct world *world, size_t column, char room[16])
{
	uint64_t die = world_next(world) % 16;

	if (die == 0)
		return (struct tide_value){.kind = TIDE_VALUE_NULL};
	if (die == 1)
		return (struct tide_value){.kind = TIDE_VALUE_OTHER};
	if (column == 0 || column == 2)
		return (struct tide_value){.kind = TIDE_VALUE_NUMBER, .number = any_number(world)};
	if (die < 8)
		return (struct tide_value){.kind = TIDE_VALUE_TEXT, .text = categories[die % 3]};
	snprintf(room, 16, "new%d", (int) (world_next(world) % 700));
	return (struct tide_value){.kind = TIDE_VALUE_TEXT, .text = tide_text_of(room)};
}

void
world_fold(struct world *world, struct process *process, struct tide_cell *cell,
           enum tide_problem problem)
{
	const struct tide_label_shape *labels = &process->shapes[problem];
	double weight = 1;
	if (world->weighted) /* some outside of what fits a bin */
		weight = ldexp(1 + (double) (world_next(world) % 7),
		               (int) (world_next(world) % 90) - 45);
	char rooms[COLUMNS + 1][16];
	struct tide_value values[COLUMNS];
	struct tide_value field = {.kind = TIDE_VALUE_NUMBER, .number = any_number(world)};
	struct tide_event event = {.values = values,
	                           .error = world_next(world) % 5 == 0,
	                           .prediction = any_value(world, 1, rooms[COLUMNS]),
	                           .latency_ms = any_number(world),
	                           .cpu = any_number(world),
	                           .memory = NAN,
	                           .weight = weight,
	                           .fields = &field,
	                           .field_count = 1};
	for (size_t i = 0; i < COLUMNS; i++) {
		struct tide_value value = any_value(world, i, rooms[i]);
		value.column = process->column[i];
		if (world_next(world) % 8)
			values[event.value_count++] = value;
	}
	tide_cell_add(cell, &shape, world->exact_rows, &measures, &event, &process->arena);

	uint8_t numbers[CLASSES];
	double scores[CLASSES] = {NAN, NAN, NAN, NAN, NAN};
	double kept[2] = {any_number(world), NAN};
	struct tide_row row = {.weight = weight, .kept = kept, .scores = scores};
	for (size_t i = 0; i < CLASSES; i++) {
		double score = (double) (world_next(world) % 1001) / 1000;
		numbers[i] = tide_classes_find(&process->classes, tide_text_of(class_names[i]));
		if (problem == TIDE_PROBLEM_BINARY)
			scores[0] = score;
		else if (world_next(world) % 6)
			scores[numbers[i]] = score;
	}
	row.prediction = problem == TIDE_PROBLEM_REGRESSION ? any_number(world)
	                 : problem == TIDE_PROBLEM_BINARY   ? (double) (world_next(world) % 2)
	                                                    : numbers[world_next(world) % 3];
	row.target = problem == TIDE_PROBLEM_REGRESSION ? any_number(world)
	             : problem == TIDE_PROBLEM_BINARY   ? (double) (world_next(world) % 2)
	                                                : numbers[world_next(world) % CLASSES];
	tide_cell_scored(cell, labels, (size_t) fabs(row.prediction), scores, weight,
	                 &process->arena);
	if (!cell->labels[SLOT])
		cell->labels[SLOT] =
		        tide_pool_arena_take(&process->arena, sizeof *cell->labels[SLOT]);
	tide_labelled_add(cell->labels[SLOT], labels, &row, 1, &process->arena);
	if (world_next(world) % 8 == 0)
		tide_labelled_add(cell->labels[SLOT], labels, &row, -1, &process->arena);
	tide_cell_label(cell, &measures, SLOT, &row, world_next(world) % 3 ? any_number(world) : NAN, 1,
	                &process->arena);
}

void
save(const struct tide_cell *cell, enum tide_problem problem, const struct process *process,
     struct tide_buffer *out)
{
	tide_cell_save_predictions(cell, &process->words, out);
	tide_cell_save_slot(cell, SLOT, problem, &process->words, out);
	TIDE_ASSERT(!out->failed);
}

bool
load(struct tide_cell *cell, enum tide_problem problem, struct process *process,
     struct tide_reader *in)
{
	return tide_cell_load_predictions(cell, &process->words, in, &process->arena) &&
	       tide_cell_load_slot(cell, SLOT, problem, &process->words, in, &process->arena);
}
