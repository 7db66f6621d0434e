#include "windowing/cell.h"

int
tide_cell_key_compare(const struct tide_cell_key *a, const struct tide_cell_key *b)
{
	int order = tide_text_compare(a->model, b->model);

	if (order == 0)
		order = tide_text_compare(a->version, b->version);
	if (order == 0)
		order = (a->segment > b->segment) - (a->segment < b->segment);
	if (order == 0)
		order = (int) b->value_null - (int) a->value_null;
	return order ? order : tide_text_compare(a->value, b->value);
}

/* The shape of a column; NULL where it has none: its type is then that of most of its values. */
static const struct tide_column_shape *
shaped(const struct tide_column_shape *shape)
{
	return shape->type == TIDE_COLUMN_UNKNOWN ? NULL : shape;
}

static void
value_add(struct tide_column_fold **fold, const struct tide_column_shape *shape,
          const struct tide_value *value, size_t exact_rows, struct tide_arena *arena)
{
	if (shape && shape->type == TIDE_COLUMN_IGNORED)
		return;
	if (!*fold)
		*fold = tide_column_new(shape, exact_rows, arena);
	tide_column_add(*fold, shape, value, arena);
}

void
tide_cell_add(struct tide_cell *cell, const struct tide_shape *shape, size_t exact_rows,
              const struct tide_event *event, struct tide_arena *arena)
{
	cell->predictions++;
	cell->errors += event->error;
	if (!cell->columns)
		cell->columns =
		        tide_pool_arena_take(arena, TIDE_CELL_COLUMNS_MAX * sizeof *cell->columns);
	for (size_t i = 0; i < event->value_count; i++) {
		const struct tide_value *value = &event->values[i];
		if (value->column >= TIDE_CELL_COLUMNS_MAX)
			continue;
		if (value->column >= cell->column_count)
			cell->column_count = value->column + 1;
		value_add(&cell->columns[value->column],
		          value->column < shape->count ? shaped(&shape->columns[value->column])
		                                       : NULL,
		          value, exact_rows, arena);
	}
	if (event->prediction.kind != TIDE_VALUE_NULL)
		value_add(&cell->prediction, shaped(&shape->prediction), &event->prediction,
		          exact_rows, arena);
}

static void
column_merge(struct tide_column_fold **to, const struct tide_column_fold *from,
             struct tide_arena *arena)
{
	if (!from)
		return;
	if (!*to)
		*to = tide_column_like(from, arena);
	tide_column_merge(*to, from, arena);
}

void
tide_cell_merge_predictions(struct tide_cell *to, const struct tide_cell *from,
                            struct tide_arena *arena)
{
	to->predictions += from->predictions;
	to->errors += from->errors;
	if (!to->columns)
		to->columns =
		        tide_pool_arena_take(arena, TIDE_CELL_COLUMNS_MAX * sizeof *to->columns);
	if (from->column_count > to->column_count)
		to->column_count = from->column_count;
	for (size_t i = 0; i < from->column_count; i++)
		column_merge(&to->columns[i], from->columns[i], arena);
	column_merge(&to->prediction, from->prediction, arena);
}

size_t
tide_cell_blocks_max(size_t columns)
{
	/* what a column takes at once is less than two blocks, of which the pieces as they come fill
	 * more than half: at most a fold with its bins, its unseen values and the headers or the next
	 * chunk of its numbers, or a sketch; the cell, its column table and its label folds open a
	 * few more */
	return 2 * columns + 8;
}
