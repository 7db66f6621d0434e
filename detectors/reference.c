#include "detectors/reference.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REFERENCE_BYTES_MAX ((size_t)1 << 30)
#define CATEGORIES_MAX 255
#define GATHERED_CATEGORIES_MAX 65536 /* distinct texts that the first pass counts in a column */
#define BINS_MAX 10
#define VALUES_A_BIN 50
#define COLUMNS (TIDE_CELL_COLUMNS_MAX + 1) /* the last one is $prediction */
#define PREDICTION TIDE_CELL_COLUMNS_MAX
#define DETECTORS_MAX 128

struct category {
	struct tide_text text;
	uint64_t count;
};

/* What the first pass keeps of a column; `table` is open addressing, a power of two in size. */
struct gather {
	double *values;
	size_t value_count, value_cap;
	struct category *table;
	size_t category_count, table_size;
};

struct kept_column {
	struct tide_text name; /* empty: the cell's own measures */
	struct tide_distribution distribution;
	bool has_distribution;
	double measures[DETECTORS_MAX]; /* by place in the registry */
	struct kept_column *next;
};

struct kept_cell {
	struct tide_cell_key key;
	struct kept_column *columns;
	struct kept_cell *next;
};

struct tide_reference {
	struct tide_pool pool;
	struct tide_arena arena;
	enum tide_problem problem;
	struct tide_columns *columns;
	struct gather gathers[COLUMNS];
	struct tide_column_shape shapes[TIDE_CELL_COLUMNS_MAX];
	struct tide_shape shape;
	struct kept_cell *cells;
	char id[17];
};

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

static void
gather_free(struct tide_reference *reference, struct gather *gather)
{
	tide_pool_table_free(&reference->pool, gather->values,
	                     gather->value_cap * sizeof *gather->values);
	tide_pool_table_free(&reference->pool, gather->table,
	                     gather->table_size * sizeof *gather->table);
	*gather = (struct gather){0};
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

static void *
take(struct tide_reference *reference, size_t size_bytes)
{
	if (size_bytes > TIDE_POOL_PIECE_MAX || !tide_pool_reserve(&reference->pool, 1))
		return NULL;
	return tide_pool_arena_take(&reference->arena, size_bytes ? size_bytes : 1);
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

static int
order_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int
order_by_text(const void *a, const void *b)
{
	return tide_text_compare(((const struct category *)a)->text,
	                         ((const struct category *)b)->text);
}

static int
order_by_count(const void *a, const void *b)
{
	const struct category *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return order_by_text(a, b);
}

/* numpy's linear quantile, its rounding of the interpolation included. */
static double
quantile(const double *sorted, size_t count, double share)
{
	double place = share * (double)(count - 1);
	size_t low = (size_t)place, high = low + 1 < count ? low + 1 : low;
	double t = place - (double)low, step = sorted[high] - sorted[low];

	return t >= .5 ? sorted[high] - step * (1 - t) : sorted[low] + step * t;
}

static bool
cut_numbers(struct tide_reference *reference, struct gather *gather,
            struct tide_column_shape *shape)
{
	size_t count = gather->value_count, bins = count / VALUES_A_BIN;
	double *edges = take(reference, BINS_MAX * sizeof *edges);

	if (!edges)
		return false;
	bins = bins > BINS_MAX ? BINS_MAX : bins < 2 ? 2 : bins;
	qsort(gather->values, count, sizeof *gather->values, order_doubles);
	shape->type = TIDE_COLUMN_NUMERIC;
	shape->edges = edges;
	for (size_t i = 1; i < bins; i++) {
		double edge = quantile(gather->values, count, (double)i / (double)bins);
		if (shape->edge_count == 0 || edge > edges[shape->edge_count - 1])
			edges[shape->edge_count++] = edge;
	}
	shape->reference_min = gather->values[0];
	shape->reference_max = gather->values[count - 1];
	return true;
}

static bool
cut_categories(struct tide_reference *reference, struct gather *gather,
               struct tide_column_shape *shape)
{
	size_t count = gather->category_count;
	struct tide_text *categories = take(reference, CATEGORIES_MAX * sizeof *categories);

	if (!categories)
		return false;
	qsort(gather->table, gather->table_size, sizeof *gather->table, order_by_count);
	count = count > CATEGORIES_MAX ? CATEGORIES_MAX : count;
	qsort(gather->table, count, sizeof *gather->table, order_by_text);
	for (size_t i = 0; i < count; i++)
		categories[i] = gather->table[i].text;
	shape->type = TIDE_COLUMN_CATEGORICAL;
	shape->categories = categories;
	shape->category_count = count;
	return true;
}

static bool
cut_column(struct tide_reference *reference, struct gather *gather,
           struct tide_column_shape *shape)
{
	uint64_t texts = 0;
	bool cut = true;

	for (size_t i = 0; i < gather->table_size; i++)
		texts += gather->table[i].count;
	if (gather->value_count > 0 && gather->value_count >= texts)
		cut = cut_numbers(reference, gather, shape);
	else if (texts > 0)
		cut = cut_categories(reference, gather, shape);
	gather_free(reference, gather);
	return cut;
}

/* The id is a chain: each part is hashed with the id of what went before. */
static void
put_text(struct tide_buffer *buffer, struct tide_text text)
{
	tide_text_put_format(buffer, "%zu:", text.length);
	tide_text_put(buffer, text.bytes, text.length);
}

static bool
id_chain(struct tide_reference *reference, struct tide_buffer *buffer)
{
	bool whole = !buffer->failed;

	if (whole) {
		put_text(buffer, tide_text_of(reference->id));
		tide_hash_sha256((struct tide_text){buffer->bytes, buffer->length}, reference->id,
		                 16);
	}
	tide_text_buffer_fini(buffer);
	return whole;
}

static void
put_shape(struct tide_buffer *buffer, struct tide_text name, const struct tide_column_shape *shape)
{
	put_text(buffer, name);
	tide_text_put_format(buffer, " %d", (int)shape->type);
	for (size_t i = 0; i < shape->edge_count; i++) {
		tide_text_put(buffer, " ", 1);
		tide_text_put_number(buffer, shape->edges[i]);
	}
	for (size_t i = 0; i < shape->category_count; i++)
		put_text(buffer, shape->categories[i]);
	tide_text_put(buffer, "\n", 1);
}

bool
tide_reference_cut(struct tide_reference *reference)
{
	struct tide_buffer buffer;
	size_t count = tide_mapping_column_count(reference->columns);

	tide_text_buffer_init(&buffer, REFERENCE_BYTES_MAX);
	reference->shape.count = count < TIDE_CELL_COLUMNS_MAX ? count : TIDE_CELL_COLUMNS_MAX;
	for (size_t i = 0; i < reference->shape.count; i++) {
		if (!cut_column(reference, reference->gathers + i, reference->shapes + i)) {
			tide_text_buffer_fini(&buffer);
			return false;
		}
		put_shape(&buffer, tide_mapping_column_name(reference->columns, (uint32_t)i),
		          reference->shapes + i);
	}
	if (!cut_column(reference, reference->gathers + PREDICTION,
	                &reference->shape.prediction)) {
		tide_text_buffer_fini(&buffer);
		return false;
	}
	put_shape(&buffer, TIDE_TEXT("$prediction"), &reference->shape.prediction);
	return id_chain(reference, &buffer);
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
                     const struct tide_detector *detector, struct tide_text column)
{
	const struct kept_column *kept = column_find(cell_find(reference, key), column);

	return kept ? kept->measures[detector_index(detector)] : NAN;
}

const char *
tide_reference_id(const struct tide_reference *reference)
{
	return reference->id;
}
