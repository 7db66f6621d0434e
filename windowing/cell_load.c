#include "windowing/cell_save.h"

#define COLUMN_BYTES_MIN 39 /* of a name and a fold without a value */
#define PIECE 16            /* what a piece may take more than it has bytes */
#define BLOCK_BYTES (TIDE_POOL_BLOCK - PIECE)
#define OPERATION_BYTES (sizeof(struct tide_operation_fold) + PIECE)

static const struct tide_column_shape *
shape_of(const struct tide_shape *shape, uint32_t column)
{
	return shape && column < shape->count ? tide_cell_shaped(&shape->columns[column]) : NULL;
}

/* A column without a place here is read into a fold that nobody has. */
static bool
column_load(struct tide_cell *cell, struct tide_text name, const struct tide_cell_words *words,
            struct tide_reader *in, struct tide_arena *arena)
{
	uint32_t column = tide_mapping_column(words->columns, name, TIDE_NO_COLUMN);
	struct tide_column_fold *none = NULL, **fold = &none;

	if (column < TIDE_CELL_COLUMNS_MAX) {
		fold = &cell->columns[column];
		if (column >= cell->column_count)
			cell->column_count = column + 1;
	}
	const struct tide_column_shape *shape = shape_of(words->shape, column);
	if (shape && shape->type == TIDE_COLUMN_IGNORED)
		return false;
	if (!*fold)
		*fold = tide_column_new(shape, words->exact_rows, arena);
	return tide_column_load(*fold, in, arena);
}

static bool
columns_load(struct tide_cell *cell, uint64_t count, const struct tide_cell_words *words,
             struct tide_reader *in, struct tide_arena *arena)
{
	if (!cell->columns)
		cell->columns =
		        tide_pool_arena_take(arena, TIDE_CELL_COLUMNS_MAX * sizeof *cell->columns);
	for (uint64_t i = 0; i < count; i++) {
		struct tide_text name = tide_bytes_text(in);
		if (!name.bytes || !column_load(cell, name, words, in, arena))
			return false;
	}
	return true;
}

static bool
prediction_load(struct tide_cell *cell, const struct tide_cell_words *words,
                struct tide_reader *in, struct tide_arena *arena)
{
	if (tide_bytes_number(in) == 0)
		return !in->bad;
	if (!cell->prediction)
		cell->prediction = tide_column_new(
		        words->shape ? tide_cell_shaped(&words->shape->prediction) : NULL,
		        words->exact_rows, arena);
	return tide_column_load(cell->prediction, in, arena);
}

bool
tide_cell_load_predictions(struct tide_cell *cell, const struct tide_cell_words *words,
                           struct tide_reader *in, struct tide_arena *arena)
{
	uint64_t columns = tide_bytes_number(in);

	cell->predictions += tide_bytes_number(in);
	cell->errors += tide_bytes_number(in);
	for (size_t i = 0; i < TIDE_OPERATION_GAUGES; i++)
		if (!tide_operation_load(&cell->gauges[i], in, arena))
			return false;
	return columns <= TIDE_CELL_COLUMNS_MAX &&
	       tide_business_load(&cell->business, words->measures->business_count, in, arena) &&
	       tide_estimate_load(&cell->estimate, &words->shapes[TIDE_PROBLEM_BINARY].score, in,
	                          arena) &&
	       prediction_load(cell, words, in, arena) &&
	       columns_load(cell, columns, words, in, arena) && !in->bad;
}

/* A class is numbered as its first event would have been. */
static bool
classes_load(struct tide_class_numbers *numbers, enum tide_problem problem,
             const struct tide_cell_words *words, struct tide_reader *in)
{
	*numbers = (struct tide_class_numbers){0};
	if (problem == TIDE_PROBLEM_BINARY)
		*numbers = (struct tide_class_numbers){{0, 1}, 2};
	if (problem != TIDE_PROBLEM_MULTICLASS)
		return true;
	uint64_t count = tide_bytes_number(in);
	if (count > TIDE_CLASSES_MAX + 1)
		return false;
	while (numbers->count < count && !in->bad) {
		struct tide_text name = tide_bytes_text(in);
		numbers->numbers[numbers->count++] =
		        name.bytes ? tide_classes_number(words->classes, name, words->names)
		                   : TIDE_CLASS_OTHER;
	}
	return !in->bad;
}

bool
tide_cell_load_slot(struct tide_cell *cell, size_t slot, enum tide_problem problem,
                    const struct tide_cell_words *words, struct tide_reader *in,
                    struct tide_arena *arena)
{
	struct tide_class_numbers numbers;

	if (tide_bytes_number(in)) {
		if (!classes_load(&numbers, problem, words, in))
			return false;
		if (!cell->labels[slot])
			cell->labels[slot] =
			        tide_pool_arena_take(arena, sizeof *cell->labels[slot]);
		if (!tide_labelled_load(cell->labels[slot], &words->shapes[problem], &numbers, in,
		                        arena))
			return false;
	}
	return tide_operation_load(&cell->delays[slot], in, arena) &&
	       tide_business_load(&cell->outcomes[slot], words->measures->business_count, in,
	                          arena);
}

/* What one column can take but for its numbers: a fold with bins and values that the reference has
 * not, or without bins and with a sketch of all its numbers, also of those that were there. */
static size_t
column_bytes_max(const struct tide_shape *shape)
{
	size_t bins = 0, count = shape ? shape->count : 0;

	for (size_t i = 0; shape && i <= count; i++) {
		const struct tide_column_shape *column =
		        i < count ? &shape->columns[i] : &shape->prediction;
		size_t own = column->edge_count + column->fine_count + 2 + column->category_count;
		bins = own > bins ? own : bins;
	}
	size_t cut = bins * sizeof(uint64_t) + TIDE_UNSEEN_BYTES_MAX;
	size_t open = TIDE_SKETCH_BYTES_MAX;
	return sizeof(struct tide_column_fold) + PIECE + (cut > open ? cut : open);
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* A column is a name and its numbers, COLUMN_BYTES_MIN at least, and one may be cut short; the
 * prediction is one more. Values take the room here that they take in the bytes, the parts of a
 * sketch four times that. */
static size_t
predictions_bytes_max(size_t bytes, uint64_t count, const struct tide_cell_words *words)
{
	size_t columns = least(bytes / COLUMN_BYTES_MIN + 1, TIDE_CELL_COLUMNS_MAX);

	columns = (count < columns ? (size_t) count : columns) + 1;
	size_t sketches = (columns + TIDE_OPERATION_GAUGES) * TIDE_SKETCH_BYTES_MAX;
	size_t scores = sizeof(struct tide_estimate_fold) + sizeof(struct tide_score_weights) +
	                2 * sizeof(struct tide_score_side) + 3 * PIECE;
	return scores + TIDE_CELL_COLUMNS_MAX * sizeof(void *) +
	       columns * (column_bytes_max(words->shape) + sizeof(struct tide_numbers_chunk)) +
	       TIDE_OPERATION_GAUGES * OPERATION_BYTES + 2 * bytes + least(4 * bytes, sketches);
}

/* A class has a byte of a name at least, and no more than one row of counts and one margin. A row
 * of scores has eight bytes, and is as wide here as there are curves. */
static size_t
slot_bytes_max(size_t bytes, const struct tide_cell_words *words)
{
	size_t classes = least(bytes, TIDE_CLASSES_MAX + 1);
	size_t class_bytes = (TIDE_CLASSES_MAX + 1) * sizeof(uint64_t) +
	                     sizeof(struct tide_weight_margin) + 2 * PIECE;
	const struct tide_score_shape *scores = &words->shapes[TIDE_PROBLEM_MULTICLASS].score;
	size_t row_bytes = (scores->curves + 2) * sizeof(double);
	size_t rows = least(bytes / sizeof(double), scores->exact_rows) + 1;

	return sizeof(struct tide_label_fold) + sizeof(struct tide_class_fold) +
	       sizeof(struct tide_weight_fold) + sizeof(struct tide_score_weights) +
	       classes * class_bytes + rows * row_bytes + OPERATION_BYTES + 6 * bytes;
}

/* Of any two blocks of an arena that follow each other the pieces fill more than one; the tables of
 * bins are counted in blocks of their own. */
size_t
tide_cell_load_blocks(struct tide_reader in, const struct tide_cell_words *words)
{
	size_t bytes = (size_t) (in.end - in.at);
	size_t predictions = predictions_bytes_max(bytes, tide_bytes_number(&in), words);
	size_t slot = slot_bytes_max(bytes, words);
	size_t most = predictions > slot ? predictions : slot, bins = 0;
	size_t names = bytes + (TIDE_CLASSES_MAX + 1) * 2 * PIECE;

	for (size_t i = 0; i < 4; i++) {
		size_t blocks = tide_score_blocks_max(&words->shapes[i].score);
		bins = blocks > bins ? blocks : bins;
	}
	most += words->measures->business_count *
	        (sizeof(struct tide_business_fold) + sizeof(void *) + PIECE);
	return bins + 2 * most / BLOCK_BYTES + 2 + 2 * names / BLOCK_BYTES + 1;
}
