#include "detectors/reference_private.h"
#include <math.h>
#include <string.h>

struct tide_reference *
tide_reference_new(enum tide_problem problem, struct tide_columns *columns,
                   const struct tide_column_options *options, size_t option_count)
{
	struct tide_pool pool;
	struct tide_reference *reference;

	tide_pool_init(&pool, REFERENCE_BYTES_MAX);
	reference = tide_pool_table_new(&pool, sizeof *reference);
	if (!reference)
		return NULL;
	reference->pool = pool;
	tide_pool_arena_init(&reference->arena, &reference->pool);
	reference->problem = problem;
	reference->columns = columns;
	reference->last = &reference->first;
	reference->options = options;
	reference->option_count = option_count;
	reference->shape.columns = reference->shapes;
	return reference;
}

static void
values_free(struct tide_reference *reference, struct kept_cell *cell)
{
	for (size_t i = 0; i < COLUMN_BUCKETS; i++)
		for (struct kept_column *at = cell->columns[i]; at; at = at->next) {
			tide_pool_table_free(&reference->pool, at->sorted,
			                     at->distribution.counts.values * sizeof(double));
			tide_pool_table_free(&reference->pool, at->log10_p,
			                     at->backtest.count * sizeof(double));
		}
	tide_pool_table_free(&reference->pool, (void *)(uintptr_t)cell->calibration.blocks,
	                     cell->calibration.count * sizeof *cell->calibration.blocks);
}

void
tide_reference_free(struct tide_reference *reference)
{
	struct tide_pool pool;

	if (!reference)
		return;
	for (size_t i = 0; i < COLUMNS; i++)
		gather_free(reference, reference->gathers + i);
	for (size_t i = 0; i < CELL_BUCKETS; i++)
		for (struct kept_cell *cell = reference->cells[i]; cell; cell = cell->next)
			values_free(reference, cell);
	tide_reference_backtest_free(reference);
	tide_pool_arena_fini(&reference->arena);
	pool = reference->pool;
	tide_pool_table_free(&pool, reference, sizeof *reference);
	tide_pool_fini(&pool);
}

static bool
gather_number(struct tide_reference *reference, struct gather *gather, double number)
{
	if (gather->value_count == gather->value_cap) {
		size_t cap = gather->value_cap ? 2 * gather->value_cap : 256;
		double *values = tide_pool_table_new(&reference->pool, cap * sizeof *values);
		if (!values)
			return false;
		if (gather->value_count > 0)
			memcpy(values, gather->values, gather->value_count * sizeof *values);
		tide_pool_table_free(&reference->pool, gather->values,
		                     gather->value_cap * sizeof *values);
		gather->values = values;
		gather->value_cap = cap;
	}
	gather->values[gather->value_count++] = number;
	return true;
}

static struct category *
category_slot(struct category *table, size_t size, struct tide_text text)
{
	size_t at = (size_t)tide_hash_plain(text) & (size - 1);

	while (table[at].count > 0 && !tide_text_equal(table[at].text, text))
		at = (at + 1) & (size - 1);
	return table + at;
}

static bool
gather_grow(struct tide_reference *reference, struct gather *gather)
{
	size_t size = gather->table_size ? 2 * gather->table_size : 16;
	struct category *table = tide_pool_table_new(&reference->pool, size * sizeof *table);

	if (!table)
		return false;
	for (size_t i = 0; i < gather->table_size; i++)
		if (gather->table[i].count > 0)
			*category_slot(table, size, gather->table[i].text) = gather->table[i];
	tide_pool_table_free(&reference->pool, gather->table, gather->table_size * sizeof *table);
	gather->table = table;
	gather->table_size = size;
	return true;
}

static bool
gather_text(struct tide_reference *reference, struct gather *gather, struct tide_text text)
{
	struct category *category;

	if (2 * gather->category_count >= gather->table_size && !gather_grow(reference, gather))
		return false;
	category = category_slot(gather->table, gather->table_size, text);
	if (category->count == 0) {
		if (gather->category_count == GATHERED_CATEGORIES_MAX)
			return true;
		if (!tide_reference_store_text(reference, text, &category->text))
			return false;
		gather->category_count++;
	}
	category->count++;
	return true;
}

static bool
gather_value(struct tide_reference *reference, struct gather *gather,
             const struct tide_value *value, bool as_text)
{
	char room[TIDE_TEXT_NUMBER_SIZE];

	if (value->kind == TIDE_VALUE_NUMBER && !as_text)
		return gather_number(reference, gather, value->number);
	if (value->kind == TIDE_VALUE_NUMBER || value->kind == TIDE_VALUE_TEXT ||
	    value->kind == TIDE_VALUE_BOOLEAN)
		return gather_text(reference, gather, tide_event_value_text(value, room));
	return true;
}

/* What the config says of a column: the first entry whose glob is its name (SPEC 8.4). */
static const struct tide_column_options *
options_of(struct tide_reference *reference, struct gather *gather, struct tide_text name)
{
	if (gather->has_options)
		return gather->options;
	gather->has_options = true;
	for (size_t i = 0; i < reference->option_count && !gather->options; i++)
		if (tide_text_matches(name, reference->options[i].pattern))
			gather->options = reference->options + i;
	return gather->options;
}

static bool
learn_value(struct tide_reference *reference, size_t place, struct tide_text name,
            const struct tide_value *value, bool as_text)
{
	struct gather *gather = reference->gathers + place;
	const struct tide_column_options *options = options_of(reference, gather, name);
	enum tide_column_type type = options ? options->type : TIDE_COLUMN_UNKNOWN;

	if (options && options->ignore)
		return true;
	if (type == TIDE_COLUMN_NUMERIC && value->kind != TIDE_VALUE_NUMBER)
		return true;
	if (type == TIDE_COLUMN_UNKNOWN)
		return gather_value(reference, gather, value, as_text);
	return gather_value(reference, gather, value, type == TIDE_COLUMN_CATEGORICAL);
}

bool
tide_reference_learn(struct tide_reference *reference, const struct tide_event *event)
{
	bool classes = reference->problem == TIDE_PROBLEM_BINARY ||
	               reference->problem == TIDE_PROBLEM_MULTICLASS;

	for (size_t i = 0; i < event->value_count; i++) {
		uint32_t column = event->values[i].column;
		if (column < TIDE_CELL_COLUMNS_MAX &&
		    !learn_value(reference, column,
		                 tide_mapping_column_name(reference->columns, column),
		                 event->values + i, false))
			return false;
	}
	return learn_value(reference, PREDICTION, TIDE_TEXT("$prediction"), &event->prediction,
	                   classes);
}

const struct tide_shape *
tide_reference_shape(const struct tide_reference *reference)
{
	return &reference->shape;
}

const struct tide_distribution *
tide_reference_distribution(const struct tide_reference *reference, const struct tide_cell_key *key,
                            struct tide_text column)
{
	const struct kept_column *kept = tide_reference_store_column(reference, key, column);

	return kept && kept->has_distribution ? &kept->distribution : NULL;
}

const struct tide_cell_key *
tide_reference_next(const struct tide_reference *reference, const struct tide_cell_key *key)
{
	/* A key that was given out is the first member of its cell. */
	const struct kept_cell *next = key ? ((const struct kept_cell *) (const void *) key)->after
	                                   : reference->first;

	return next ? &next->key : NULL;
}

bool
tide_reference_has(const struct tide_reference *reference, const struct tide_cell_key *key)
{
	return tide_reference_store_cell(reference, key) != NULL;
}

double
tide_reference_value(const struct tide_reference *reference, const struct tide_cell_key *key,
                     const struct tide_detector *detector, struct tide_text column, double *n)
{
	const struct kept_column *kept = tide_reference_store_column(reference, key, column);

	*n = kept ? kept->counts[detector_index(detector)] : 0;
	return kept ? kept->measures[detector_index(detector)] : NAN;
}

const struct tide_calibration *
tide_reference_calibration(const struct tide_reference *reference, const struct tide_cell_key *key)
{
	const struct kept_cell *cell = tide_reference_store_cell(reference, key);

	return cell && cell->calibration.count ? &cell->calibration : NULL;
}

const char *
tide_reference_id(const struct tide_reference *reference)
{
	return reference->id;
}
