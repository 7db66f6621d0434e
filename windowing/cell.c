#include "windowing/cell_save.h"

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

void
tide_cell_key_save(const struct tide_cell_key *key, struct tide_buffer *out)
{
	tide_bytes_put_text(out, key->model);
	tide_bytes_put_text(out, key->version);
	tide_bytes_put_signed(out, key->segment);
	tide_bytes_put_number(out, key->value_null);
	tide_bytes_put_text(out, key->value);
}

bool
tide_cell_key_load(struct tide_cell_key *key, struct tide_reader *in)
{
	key->model = tide_bytes_text(in);
	key->version = tide_bytes_text(in);
	int64_t segment = tide_bytes_signed(in);
	key->segment = (int) segment;
	key->value_null = tide_bytes_number(in);
	key->value = tide_bytes_text(in);
	return !in->bad && segment >= -1 && segment < TIDE_SEGMENTS_MAX;
}

const struct tide_column_shape *
tide_cell_shaped(const struct tide_column_shape *shape)
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
tide_cell_add(struct tide_cell *cell, const struct tide_shape *shape, size_t exact_rows,
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
		if (value->column >= TIDE_CELL_COLUMNS_MAX)
			continue;
		if (value->column >= cell->column_count)
			cell->column_count = value->column + 1;
		value_add(&cell->columns[value->column],
		          value->column < shape->count ? tide_cell_shaped(&shape->columns[value->column])
		                                       : NULL,
		          value, exact_rows, arena);
	}
	if (event->prediction.kind != TIDE_VALUE_NULL)
		value_add(&cell->prediction, tide_cell_shaped(&shape->prediction), &event->prediction,
		          exact_rows, arena);
}

void
tide_cell_scored(struct tide_cell *cell, const struct tide_label_shape *shape, size_t said,
                 const double *scores, double weight, struct tide_arena *arena)
{
	if (shape->score.curves)
		tide_estimate_add(&cell->estimate, &shape->score, said, scores, weight, arena);
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
	for (size_t i = 0; i < from->column_count; i++)
		column_merge(&to->columns[i], from->columns[i], arena);
	column_merge(&to->prediction, from->prediction, arena);
	tide_estimate_merge(&to->estimate, from->estimate, arena);
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
	/* what a column takes at once is less than two blocks, of which the pieces as they come fill
	 * more than half: at most a fold with its bins, its unseen values and the headers or the next
	 * chunk of its numbers, or a sketch; the cell, its column table and its label folds open a
	 * few more */
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

void
tide_cell_forget_predictions(struct tide_cell *cell)
{
	cell->columns = NULL;
	cell->column_count = 0;
	cell->prediction = NULL;
	cell->estimate = NULL;
	cell->business = NULL;
	for (size_t i = 0; i < TIDE_OPERATION_GAUGES; i++)
		cell->gauges[i] = NULL;
}
