#ifndef TIDE_TESTS_WINDOWING_CELL_WORLD_H
#define TIDE_TESTS_WINDOWING_CELL_WORLD_H
#include "schemas/mapping.h"
#include "windowing/cell_save.h"
/*
 * Events and labelled rows of a small world, folded in processes that number its columns and
 * classes differently.
 */
#define COLUMNS 4 /* numeric, categorical, and two without a shape */
#define CLASSES 5
#define SLOT 2

struct process {
	struct tide_pool pool;
	struct tide_arena arena, names;
	struct tide_columns *columns;
	struct tide_classes classes;
	uint32_t column[COLUMNS];
	struct tide_label_shape shapes[4];
	struct tide_cell_words words;
};

struct world {
	uint64_t seed;
	size_t exact_rows;
	bool weighted;
};

extern struct tide_measures measures;
extern struct tide_column_shape column_shapes[2];

uint64_t world_next(struct world *world);
/** `reversed`: unshaped columns and classes are met in the other order. */
void process_open(struct process *process, const struct world *world, bool reversed,
                  size_t curves);
void process_close(struct process *process);
/** One prediction, and one labelled row of the problem in SLOT. */
void world_fold(struct world *world, struct process *process, struct tide_cell *cell,
                enum tide_problem problem);
void save(const struct tide_cell *cell, enum tide_problem problem, const struct process *process,
          struct tide_buffer *out);
bool load(struct tide_cell *cell, enum tide_problem problem, struct process *process,
          struct tide_reader *in);

/** Fails a test unless every fold is the same: bags of rows in any order. */
void cells_equal(const struct tide_cell *a, const struct tide_cell *b,
                 const struct tide_label_shape *labels);
void columns_equal(const struct tide_column_fold *a, const struct tide_column_fold *b);
#endif
