#include "detectors/reference_private.h"
#include <math.h>
#include <string.h>

struct tide_reference *
tide_reference_new(enum tide_problem problem, struct tide_columns *columns)
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
	reference->shape.columns = reference->shapes;
	return reference;
}

void
tide_reference_free(struct tide_reference *reference)
{
	struct tide_pool pool;

	if (!reference)
		return;
	for (size_t i = 0; i < COLUMNS; i++)
		gather_free(reference, reference->gathers + i);
	tide_pool_arena_fini(&reference->arena);
	pool = reference->pool;
	tide_pool_table_free(&pool, reference, sizeof *reference);
	tide_pool_fini(&pool);
}

static bool
text_copy(struct tide_reference *reference, struct tide_text from, struct tide_text *to)
{
	size_t length = from.length < TIDE_POOL_PIECE_MAX ? from.length : TIDE_POOL_PIECE_MAX;
	char *bytes = take(reference, length);

	if (!bytes)
		return false;
	if (length > 0)
		memcpy(bytes, from.bytes, length);
	*to = (struct tide_text){bytes, length};
	return true;
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
		if (!text_copy(reference, text, &category->text))
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

bool
tide_reference_learn(struct tide_reference *reference, const struct tide_event *event)
{
	bool classes = reference->problem == TIDE_PROBLEM_BINARY ||
	               reference->problem == TIDE_PROBLEM_MULTICLASS;

	for (size_t i = 0; i < event->value_count; i++) {
		const struct tide_value *value = event->values + i;
		if (value->column < TIDE_CELL_COLUMNS_MAX &&
		    !gather_value(reference, reference->gathers + value->column, value, false))
			return false;
	}
	return gather_value(reference, reference->gathers + PREDICTION, &event->prediction,
	                    classes);
}

const struct tide_shape *
tide_reference_shape(const struct tide_reference *reference)
{
	return &reference->shape;
}

static struct kept_cell *
cell_find(const struct tide_reference *reference, const struct tide_cell_key *key)
{
	struct kept_cell *cell = reference->cells;

	while (cell && tide_cell_key_compare(&cell->key, key) != 0)
		cell = cell->next;
	return cell;
}

static struct kept_column *
column_find(const struct kept_cell *cell, struct tide_text name)
{
	struct kept_column *column = cell ? cell->columns : NULL;

	while (column && !tide_text_equal(column->name, name))
		column = column->next;
	return column;
}

static struct kept_cell *
cell_make(struct tide_reference *reference, const struct tide_cell_key *key)
{
	struct kept_cell *cell = cell_find(reference, key);

	if (cell)
		return cell;
	cell = take(reference, sizeof *cell);
	if (!cell)
		return NULL;
	cell->key = *key;
	if (!text_copy(reference, key->model, &cell->key.model) ||
	    !text_copy(reference, key->version, &cell->key.version) ||
	    !text_copy(reference, key->value, &cell->key.value))
		return NULL;
	cell->next = reference->cells;
	reference->cells = cell;
	return cell;
}

static struct kept_column *
column_make(struct tide_reference *reference, struct kept_cell *cell, struct tide_text name)
{
	struct kept_column *column = column_find(cell, name);

	if (column)
		return column;
	column = take(reference, sizeof *column);
	if (!column || !text_copy(reference, name, &column->name))
		return NULL;
	for (size_t i = 0; i < DETECTORS_MAX; i++)
		column->measures[i] = NAN;
	column->next = cell->columns;
	cell->columns = column;
	return column;
}

static bool
keep_distribution(struct tide_reference *reference, const struct tide_evidence *evidence,
                  struct tide_text name, const struct tide_column_fold *fold)
{
	struct kept_cell *cell = cell_make(reference, &evidence->key);
	struct kept_column *column = cell ? column_make(reference, cell, name) : NULL;
	struct tide_distribution *kept;
	uint64_t *bins;
	double n = (double)fold->count;

	if (!column || !(bins = take(reference, fold->bin_count * sizeof *bins)))
		return false;
	if (fold->bins)
		memcpy(bins, fold->bins, fold->bin_count * sizeof *bins);
	kept = &column->distribution;
	*kept = (struct tide_distribution){.rows = evidence->predictions,
	                                   .count = fold->count,
	                                   .unseen = fold->unseen,
	                                   .mistyped = fold->mistyped + fold->nonfinite,
	                                   .outside = fold->below + fold->above,
	                                   .bins = fold->bins ? bins : NULL,
	                                   .bin_count = fold->bins ? fold->bin_count : 0,
	                                   .min = fold->min,
	                                   .max = fold->max};
	uint64_t there = fold->present - fold->nulls;
	kept->missing = kept->rows > there ? kept->rows - there : 0;
	kept->mean = fold->count > 0 ? tide_sum_round(&fold->sum) / n : NAN;
	kept->std = sqrt(tide_sum_variance(&fold->sum, &fold->squares, n, 1));
	column->has_distribution = true;
	return true;
}

static size_t
detector_index(const struct tide_detector *detector)
{
	size_t index = 0;

	while (index < DETECTORS_MAX && tide_detector_at(index) &&
	       tide_detector_at(index) != detector)
		index++;
	TIDE_ASSERT(index < DETECTORS_MAX);
	return index;
}

static bool
keep_measures(struct tide_reference *reference, const struct tide_evidence *evidence,
              struct tide_buffer *buffer)
{
	size_t room = (evidence->cell ? evidence->cell->column_count + 2 : 1) * DETECTORS_MAX;
	size_t size = room * sizeof(struct tide_finding);
	struct tide_finding *findings = tide_pool_table_new(&reference->pool, size);
	struct kept_cell *cell = cell_make(reference, &evidence->key);
	bool kept = findings && cell;
	size_t count = kept ? tide_detector_judge(evidence, NULL, findings, room) : 0;

	for (size_t i = 0; i < count && kept; i++) {
		struct kept_column *column = column_make(reference, cell, findings[i].column);
		if (!column) {
			kept = false;
			break;
		}
		if (findings[i].status != TIDE_OK)
			continue;
		column->measures[detector_index(findings[i].detector)] = findings[i].value;
		column->counts[detector_index(findings[i].detector)] = findings[i].n;
		put_text(buffer, tide_text_of(findings[i].detector->name));
		put_text(buffer, findings[i].column);
		tide_text_put_number(buffer, findings[i].value);
	}
	tide_pool_table_free(&reference->pool, findings, size);
	return kept;
}

static void
put_fold(struct tide_buffer *buffer, struct tide_text name, const struct tide_column_fold *fold)
{
	put_text(buffer, name);
	for (size_t i = 0; fold->bins && i < fold->bin_count; i++)
		tide_text_put_format(buffer, " %llu", (unsigned long long)fold->bins[i]);
}

static bool
keep_one(struct tide_reference *reference, const struct tide_evidence *evidence,
         struct tide_text name, const struct tide_column_fold *fold, struct tide_buffer *buffer)
{
	if (!fold)
		return true;
	put_fold(buffer, name, fold);
	return keep_distribution(reference, evidence, name, fold);
}

bool
tide_reference_keep(struct tide_reference *reference, const struct tide_evidence *evidence)
{
	const struct tide_cell *cell = evidence->cell;
	struct tide_buffer buffer;
	bool kept = true;

	tide_text_buffer_init(&buffer, REFERENCE_BYTES_MAX);
	put_text(&buffer, evidence->key.model);
	put_text(&buffer, evidence->key.version);
	tide_text_put_format(&buffer, "%d", evidence->key.segment);
	put_text(&buffer, evidence->key.value);
	if (cell && evidence->side == TIDE_SIDE_PREDICTION) {
		kept = keep_one(reference, evidence, TIDE_TEXT("$prediction"), cell->prediction,
		                &buffer);
		for (size_t i = 0; i < cell->column_count && kept; i++)
			kept = keep_one(reference, evidence,
			                tide_mapping_column_name(evidence->columns, (uint32_t)i),
			                cell->columns[i], &buffer);
	}
	kept = kept && keep_measures(reference, evidence, &buffer);
	if (kept)
		return id_chain(reference, &buffer);
	tide_text_buffer_fini(&buffer);
	return false;
}

const struct tide_distribution *
tide_reference_distribution(const struct tide_reference *reference, const struct tide_cell_key *key,
                            struct tide_text column)
{
	const struct kept_column *kept = column_find(cell_find(reference, key), column);

	return kept && kept->has_distribution ? &kept->distribution : NULL;
}

double
tide_reference_value(const struct tide_reference *reference, const struct tide_cell_key *key,
                     const struct tide_detector *detector, struct tide_text column, double *n)
{
	const struct kept_column *kept = column_find(cell_find(reference, key), column);

	*n = kept ? kept->counts[detector_index(detector)] : 0;
	return kept ? kept->measures[detector_index(detector)] : NAN;
}

const char *
tide_reference_id(const struct tide_reference *reference)
{
	return reference->id;
}
