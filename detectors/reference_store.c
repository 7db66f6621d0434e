#include "detectors/reference_private.h"

static size_t
cell_bucket(const struct tide_cell_key *key)
{
	uint64_t hash = tide_hash_plain(key->model) + 3 * tide_hash_plain(key->version) +
	                5 * tide_hash_plain(key->value) + (uint64_t)(key->segment + 1);

	return (size_t)(hash % CELL_BUCKETS);
}

static size_t
column_bucket(struct tide_text name)
{
	return (size_t)(tide_hash_plain(name) % COLUMN_BUCKETS);
}

struct kept_cell *
tide_reference_store_cell(const struct tide_reference *reference, const struct tide_cell_key *key)
{
	struct kept_cell *cell = reference->cells[cell_bucket(key)];

	while (cell && tide_cell_key_compare(&cell->key, key) != 0)
		cell = cell->next;
	return cell;
}

static struct kept_column *
column_find(const struct kept_cell *cell, struct tide_text name)
{
	struct kept_column *column = cell->columns[column_bucket(name)];

	while (column && !tide_text_equal(column->name, name))
		column = column->next;
	return column;
}

struct kept_column *
tide_reference_store_column(const struct tide_reference *reference,
                            const struct tide_cell_key *key, struct tide_text name)
{
	const struct kept_cell *cell = tide_reference_store_cell(reference, key);

	return cell ? column_find(cell, name) : NULL;
}

bool
tide_reference_store_text(struct tide_reference *reference, struct tide_text from,
                          struct tide_text *to)
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

static struct kept_cell *
cell_make(struct tide_reference *reference, const struct tide_cell_key *key)
{
	struct kept_cell *cell = tide_reference_store_cell(reference, key);

	if (cell)
		return cell;
	cell = take(reference, sizeof *cell);
	if (!cell)
		return NULL;
	cell->key = *key;
	if (!tide_reference_store_text(reference, key->model, &cell->key.model) ||
	    !tide_reference_store_text(reference, key->version, &cell->key.version) ||
	    !tide_reference_store_text(reference, key->value, &cell->key.value))
		return NULL;
	cell->last = &cell->first;
	*reference->last = cell;
	reference->last = &cell->after;
	cell->next = reference->cells[cell_bucket(key)];
	reference->cells[cell_bucket(key)] = cell;
	return cell;
}

struct kept_column *
tide_reference_store_column_make(struct tide_reference *reference,
                                 const struct tide_cell_key *key, struct tide_text name)
{
	struct kept_cell *cell = cell_make(reference, key);
	struct kept_column *column = cell ? column_find(cell, name) : NULL;

	if (column || !cell)
		return column;
	column = take(reference, sizeof *column);
	if (!column || !tide_reference_store_text(reference, name, &column->name))
		return NULL;
	for (size_t i = 0; i < DETECTORS_MAX; i++)
		column->measures[i] = NAN;
	*cell->last = column;
	cell->last = &column->after;
	column->next = cell->columns[column_bucket(name)];
	cell->columns[column_bucket(name)] = column;
	return column;
}

static bool
counts_copy(struct tide_reference *reference, const uint64_t **counts, size_t count)
{
	uint64_t *copy = *counts ? take(reference, count * sizeof *copy) : NULL;

	if (*counts && !copy)
		return false;
	if (copy)
		memcpy(copy, *counts, count * sizeof *copy);
	*counts = copy;
	return true;
}

struct kept_column *
tide_reference_store_distribution(struct tide_reference *reference,
                                  const struct tide_cell_key *key, struct tide_text name,
                                  const struct tide_distribution *distribution)
{
	struct kept_column *column = tide_reference_store_column_make(reference, key, name);
	size_t others_bytes = distribution->others.count * sizeof *distribution->others.values;
	struct tide_unseen_value *others = take(reference, others_bytes);

	if (!column || !others)
		return NULL;
	if (others_bytes)
		memcpy(others, distribution->others.values, others_bytes);
	struct tide_distribution *kept = &column->distribution;
	*kept = *distribution;
	kept->others.values = others;
	kept->sorted = NULL;
	column->has_distribution = true;
	bool copied = counts_copy(reference, &kept->bins, kept->bin_count) &&
	              counts_copy(reference, &kept->fine, kept->fine_count);
	return copied ? column : NULL;
}

bool
tide_reference_store_calibration(struct tide_reference *reference, const struct tide_cell_key *key,
                                 const struct tide_calibration *calibration)
{
	struct kept_cell *cell = cell_make(reference, key);
	size_t size = calibration->count * sizeof *calibration->blocks;
	struct tide_calibration_block *blocks =
		cell ? tide_pool_table_new(&reference->pool, size) : NULL;

	if (!blocks)
		return false;
	memcpy(blocks, calibration->blocks, size);
	cell->calibration = *calibration;
	cell->calibration.blocks = blocks;
	return true;
}
