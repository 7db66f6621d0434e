#include "windowing/cell_save.h"

static uint64_t
columns_count(const struct tide_cell *cell)
{
	uint64_t count = 0;

	for (uint32_t i = 0; i < cell->column_count; i++)
		count += cell->columns[i] != NULL;
	return count;
}

/* Columns by their names, each followed by its fold. */
static void
columns_save(const struct tide_cell *cell, const struct tide_columns *columns,
             struct tide_buffer *out)
{
	for (uint32_t i = 0; i < cell->column_count; i++) {
		if (!cell->columns[i])
			continue;
		tide_bytes_put_text(out, tide_mapping_column_name(columns, i));
		tide_column_save(cell->columns[i], out);
	}
}

void
tide_cell_save_predictions(const struct tide_cell *cell, const struct tide_cell_words *words,
                           struct tide_buffer *out)
{
	tide_bytes_put_number(out, columns_count(cell));
	tide_bytes_put_number(out, cell->predictions);
	tide_bytes_put_number(out, cell->errors);
	for (size_t i = 0; i < TIDE_OPERATION_GAUGES; i++)
		tide_operation_save(cell->gauges[i], out);
	tide_business_save(cell->business, words->measures->business_count, out);
	tide_estimate_save(cell->estimate, out);
	tide_bytes_put_number(out, cell->prediction != NULL);
	if (cell->prediction)
		tide_column_save(cell->prediction, out);
	columns_save(cell, words->columns, out);
}

/* The classes of a fold by their names; TIDE_CLASS_OTHER has none. Binary: 0 and 1 are what both
 * ends call them. */
static void
classes_save(const bool used[256], enum tide_problem problem, const struct tide_classes *classes,
             struct tide_class_numbers *numbers, struct tide_buffer *out)
{
	*numbers = (struct tide_class_numbers){0};
	for (size_t i = 0; i < 256; i++)
		if (used[i])
			numbers->numbers[numbers->count++] = (uint8_t) i;
	if (problem != TIDE_PROBLEM_MULTICLASS)
		return;
	tide_bytes_put_number(out, numbers->count);
	for (size_t i = 0; i < numbers->count; i++) {
		size_t number = numbers->numbers[i];
		tide_bytes_put_text(out, number == TIDE_CLASS_OTHER
		                                 ? (struct tide_text){NULL, 0}
		                                 : tide_classes_name(classes, number));
	}
}

void
tide_cell_save_slot(const struct tide_cell *cell, size_t slot, enum tide_problem problem,
                    const struct tide_cell_words *words, struct tide_buffer *out)
{
	const struct tide_label_shape *shape = &words->shapes[problem];
	const struct tide_label_fold *fold = cell->labels[slot];
	struct tide_class_numbers numbers;
	bool used[256] = {false};

	tide_bytes_put_number(out, fold != NULL);
	if (fold) {
		tide_labelled_classes(fold, shape, used);
		classes_save(used, problem, words->classes, &numbers, out);
		tide_labelled_save(fold, shape, &numbers, out);
	}
	tide_operation_save(cell->delays[slot], out);
	tide_business_save(cell->outcomes[slot], words->measures->business_count, out);
}
