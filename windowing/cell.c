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

static void
measures_add(struct tide_cell *cell, const struct tide_measures *measures,
             const struct tide_event *event, struct tide_arena *arena)
{
	const double gauges[TIDE_OPERATION_GAUGES] = {event->latency_ms, event->cpu,
	                                              event->memory};

	for (size_t i = 0; i < TIDE_OPERATION_GAUGES; i++)
		if (measures->mapped >> i & 1)
			tide_operation_add(&cell->gauges[i], gauges[i], i == TIDE_LATENCY, arena);
	tide_business_predicted(&cell->business, measures, event, arena);
}

void
tide_cell_add(struct tide_cell *cell, const struct tide_shape *shape,
              const struct tide_measures *measures, const struct tide_event *event,
              struct tide_arena *arena)
{
	cell->predictions++;
	cell->errors += event->error;
	measures_add(cell, measures, event, arena);
	if (!cell->columns)
		cell->columns =
		        tide_pool_arena_take(arena, TIDE_CELL_COLUMNS_MAX * sizeof *cell->columns);
	for (size_t i = 0; i < event->value_count; i++) {
		const struct tide_value *value = &event->values[i];
		const struct tide_column_shape *column = NULL;
		if (value->column >= TIDE_CELL_COLUMNS_MAX)
			continue;
		if (value->column < shape->count)
			column = &shape->columns[value->column];
		if (column && column->type == TIDE_COLUMN_IGNORED)
			continue;
		if (column && column->type == TIDE_COLUMN_UNKNOWN)
			column = NULL;
		if (value->column >= cell->column_count)
			cell->column_count = value->column + 1;
		struct tide_column_fold **fold = &cell->columns[value->column];
		if (!*fold)
			*fold = tide_column_new(tide_column_bins(column), arena);
		tide_column_add(*fold, column, value);
	}
	if (event->prediction.kind != TIDE_VALUE_NULL) {
		bool shaped = shape->prediction.type != TIDE_COLUMN_UNKNOWN;
		const struct tide_column_shape *column = shaped ? &shape->prediction : NULL;
		if (!cell->prediction)
			cell->prediction = tide_column_new(tide_column_bins(column), arena);
		tide_column_add(cell->prediction, column, &event->prediction);
	}
}

void
tide_cell_merge_predictions(struct tide_cell *to, const struct tide_cell *from,
                            const struct tide_measures *measures, struct tide_arena *arena)
{
	to->predictions += from->predictions;
	to->errors += from->errors;
	for (size_t i = 0; i < TIDE_OPERATION_GAUGES; i++)
		tide_operation_merge(&to->gauges[i], from->gauges[i], arena);
	tide_business_merge(&to->business, from->business, measures->business_count, arena);
	if (!to->columns)
		to->columns =
		        tide_pool_arena_take(arena, TIDE_CELL_COLUMNS_MAX * sizeof *to->columns);
	if (from->column_count > to->column_count)
		to->column_count = from->column_count;
	for (size_t i = 0; i < from->column_count; i++) {
		if (!from->columns[i])
			continue;
		if (!to->columns[i])
			to->columns[i] = tide_column_new(from->columns[i]->bin_count, arena);
		tide_column_merge(to->columns[i], from->columns[i]);
	}
	if (from->prediction) {
		if (!to->prediction)
			to->prediction = tide_column_new(from->prediction->bin_count, arena);
		tide_column_merge(to->prediction, from->prediction);
	}
}

void
tide_cell_label(struct tide_cell *cell, const struct tide_measures *measures, size_t slot,
                const struct tide_row *row, double delay_s, int sign,
                struct tide_arena *arena)
{
	tide_operation_add(&cell->delays[slot], delay_s, true, arena);
	tide_business_labelled(&cell->outcomes[slot], measures, row, sign, arena);
}

void
tide_cell_merge_slot(struct tide_cell *to, size_t to_slot, const struct tide_cell *from,
                     size_t slot, const struct tide_measures *measures, struct tide_arena *arena)
{
	tide_operation_merge(&to->delays[to_slot], from->delays[slot], arena);
	tide_business_merge(&to->outcomes[to_slot], from->outcomes[slot],
	                    measures->business_count, arena);
}

size_t
tide_cell_blocks_max(size_t columns)
{
	/* a fold and its bins are at most two pieces that may each open a block; the cell, its
	 * column table and its label folds open a few more */
	return 2 * columns + 8;
}

size_t
tide_cell_measures_blocks_max(const struct tide_measures *measures)
{
	size_t folds = TIDE_OPERATION_GAUGES + 1 + measures->business_count;
	size_t bytes = sizeof(struct tide_sketch) * 2 + TIDE_SKETCH_BUCKETS * 2 * sizeof(uint32_t) +
	               folds * (sizeof(struct tide_business_fold) + sizeof(void *));

	/* no piece is larger than a fold, so that less than a fold's room is lost in a block */
	return bytes / (TIDE_POOL_PIECE_MAX - sizeof(struct tide_business_fold)) + 2;
}
