#include "detectors/reference_profile.h"
#include "detectors/reference_private.h"

#define COUNT_MAX (UINT64_C(1) << 53)
#define COUNT(name) {#name, offsetof(struct tide_counts, name)}

static const char no_memory[] = "it needs more memory than there is";

const struct tide_profile_count tide_reference_profile_counts[TIDE_PROFILE_COUNTS] = {
	COUNT(rows),   COUNT(present), COUNT(missing),  COUNT(nonfinite), COUNT(mistyped),
	COUNT(values), COUNT(outside), COUNT(outliers), COUNT(zeros),     COUNT(negatives),
	COUNT(unseen),
};

const char *
tide_reference_profile_type(enum tide_column_type type)
{
	static const char *const names[] = {
		[TIDE_COLUMN_UNKNOWN] = "unknown",
		[TIDE_COLUMN_NUMERIC] = "numeric",
		[TIDE_COLUMN_CATEGORICAL] = "categorical",
		[TIDE_COLUMN_IGNORED] = "ignored",
	};

	return names[type];
}

static bool
ascends(const double *values, size_t count, bool strictly)
{
	for (size_t i = 0; i < count; i++)
		if (!isfinite(values[i]) ||
		    (i > 0 && (strictly ? values[i] <= values[i - 1] : values[i] < values[i - 1])))
			return false;
	return true;
}

/* True where every value of the ascending `some` is one of the ascending `all`. */
static bool
among(const double *some, size_t count, const double *all, size_t all_count)
{
	size_t at = 0;

	for (size_t i = 0; i < count; i++) {
		while (at < all_count && all[at] < some[i])
			at++;
		if (at == all_count || all[at] > some[i])
			return false;
	}
	return true;
}

static const char *
numbers_wrong(const struct tide_column_shape *shape)
{
	if (shape->edge_count >= BINS_MAX || shape->decile_count >= BINS_MAX ||
	    shape->fine_count >= TIDE_COLUMN_FINE_MAX)
		return "it has more cells than a column can have";
	if (!ascends(shape->edges, shape->edge_count, true) ||
	    !ascends(shape->deciles, shape->decile_count, true) ||
	    !ascends(shape->fine, shape->fine_count, true))
		return "the edges of its cells do not ascend";
	if (!among(shape->edges, shape->edge_count, shape->fine, shape->fine_count) ||
	    !among(shape->deciles, shape->decile_count, shape->fine, shape->fine_count))
		return "an edge is not among the fine ones";
	if (!(shape->reference_min <= shape->reference_max) ||
	    !(shape->fence_low <= shape->fence_high))
		return "its range or its fences are not in order";
	return NULL;
}

static const char *
categories_wrong(const struct tide_column_shape *shape)
{
	if (shape->category_count > CATEGORIES_MAX)
		return "it has more than 255 categories";
	for (size_t i = 1; i < shape->category_count; i++)
		if (tide_text_compare(shape->categories[i - 1], shape->categories[i]) >= 0)
			return "its categories do not ascend";
	return NULL;
}

static const double *
doubles_copy(struct tide_reference *reference, const double *values, size_t count)
{
	double *copy = take(reference, count * sizeof *copy);

	if (copy && count)
		memcpy(copy, values, count * sizeof *copy);
	return copy;
}

static bool
numbers_copy(struct tide_reference *reference, struct tide_column_shape *shape)
{
	shape->edges = doubles_copy(reference, shape->edges, shape->edge_count);
	shape->deciles = doubles_copy(reference, shape->deciles, shape->decile_count);
	shape->fine = doubles_copy(reference, shape->fine, shape->fine_count);
	return shape->edges && shape->deciles && shape->fine &&
	       tide_reference_cut_bins(reference, shape);
}

static bool
categories_copy(struct tide_reference *reference, struct tide_column_shape *shape)
{
	struct tide_text *copy = take(reference, shape->category_count * sizeof *copy);

	for (size_t i = 0; copy && i < shape->category_count; i++)
		if (!tide_reference_store_text(reference, shape->categories[i], &copy[i]))
			return false;
	shape->categories = copy;
	return copy != NULL;
}

const char *
tide_reference_profile_shape(struct tide_reference *reference, struct tide_text name,
                             const struct tide_column_shape *shape)
{
	struct tide_column_shape *kept = &reference->shape.prediction;
	const char *wrong = NULL;
	bool copied = true;

	if (!tide_text_is(name, "$prediction")) {
		uint32_t column = tide_mapping_column(reference->columns, name,
		                                      (uint32_t)reference->shape.count);
		if (column >= TIDE_CELL_COLUMNS_MAX)
			return "it has more columns than a reference can have";
		kept = reference->shapes + column;
		if (column >= reference->shape.count)
			reference->shape.count = column + 1;
	}
	if (kept->type != TIDE_COLUMN_UNKNOWN)
		return "the column stands there twice";
	if (!(shape->min_effect >= 0) || !isfinite(shape->min_effect))
		return "min_effect is not a number from 0 on";
	if (shape->type == TIDE_COLUMN_NUMERIC)
		wrong = numbers_wrong(shape);
	if (shape->type == TIDE_COLUMN_CATEGORICAL)
		wrong = categories_wrong(shape);
	if (wrong)
		return wrong;
	struct tide_column_shape copy = *shape;
	if (shape->type == TIDE_COLUMN_NUMERIC)
		copied = numbers_copy(reference, &copy);
	if (shape->type == TIDE_COLUMN_CATEGORICAL)
		copied = categories_copy(reference, &copy);
	*kept = copy;
	return copied ? NULL : no_memory;
}

/* The shape of a column that was restored, NULL where there is none. */
static const struct tide_column_shape *
shape_of(struct tide_reference *reference, struct tide_text name)
{
	if (tide_text_is(name, "$prediction"))
		return &reference->shape.prediction;
	uint32_t column = tide_mapping_column(reference->columns, name, 0);
	return column < reference->shape.count ? reference->shapes + column : NULL;
}

static bool
counts_fit(const struct tide_counts *counts)
{
	for (size_t i = 0; i < TIDE_PROFILE_COUNTS; i++) {
		uint64_t count;
		memcpy(&count, (const char *)counts + tide_reference_profile_counts[i].offset,
		       sizeof count);
		if (count > COUNT_MAX)
			return false;
	}
	return counts->rows == counts->present + counts->missing &&
	       counts->present == counts->values + counts->nonfinite + counts->mistyped &&
	       counts->outside <= counts->values && counts->outliers <= counts->values &&
	       counts->zeros <= counts->values && counts->negatives <= counts->values &&
	       counts->unseen <= counts->values;
}

static bool
sums_to(const uint64_t *counts, size_t count, uint64_t total)
{
	for (size_t i = 0; i < count; i++) {
		if (counts[i] > total)
			return false;
		total -= counts[i];
	}
	return total == 0;
}

static bool
others_fit(const struct tide_distribution *distribution)
{
	const struct tide_unseen *others = &distribution->others;
	uint64_t left = distribution->counts.unseen;

	if (others->count > TIDE_UNSEEN_MAX)
		return false;
	for (uint32_t i = 0; i < others->count; i++) {
		if (others->values[i].count == 0 || others->values[i].count > left)
			return false;
		if (i > 0 && tide_unseen_compare(others->values[i - 1].hash,
		                                 others->values[i].hash) >= 0)
			return false;
		left -= others->values[i].count;
	}
	return others->more ? left > 0 : left == 0;
}

static const char *
distribution_wrong(const struct tide_column_shape *shape,
                   const struct tide_distribution *distribution)
{
	const struct tide_counts *counts = &distribution->counts;
	bool numeric = shape && shape->type == TIDE_COLUMN_NUMERIC;
	bool categorical = shape && shape->type == TIDE_COLUMN_CATEGORICAL;
	size_t bins = numeric ? shape->edge_count + 1 : categorical ? shape->category_count : 0;

	if (!shape)
		return "no such column stands under `columns`";
	if (!counts_fit(counts) || !others_fit(distribution))
		return "its counts contradict each other";
	if (distribution->bin_count != bins ||
	    distribution->fine_count != (numeric ? shape->fine_count + 1 : 0))
		return "it has another number of cells than its column";
	if ((numeric || categorical) &&
	    !sums_to(distribution->bins, bins, counts->values - counts->unseen))
		return "its bins do not add up to its values";
	if (numeric && !sums_to(distribution->fine, distribution->fine_count, counts->values))
		return "its fine cells do not add up to its values";
	if (!isfinite(distribution->min) || !isfinite(distribution->max))
		return "min or max is no number";
	if (distribution->sorted && !ascends(distribution->sorted, counts->values, false))
		return "its values do not ascend";
	return NULL;
}

const char *
tide_reference_profile_distribution(struct tide_reference *reference,
                                    const struct tide_cell_key *key, struct tide_text name,
                                    const struct tide_distribution *distribution)
{
	const char *wrong = distribution_wrong(shape_of(reference, name), distribution);
	size_t size = distribution->counts.values * sizeof(double);

	if (wrong)
		return wrong;
	if (tide_reference_distribution(reference, key, name))
		return "the column stands there twice";
	struct kept_column *column =
		tide_reference_store_distribution(reference, key, name, distribution);
	if (!column)
		return no_memory;
	if (!distribution->sorted)
		return NULL;
	column->sorted = tide_pool_table_new(&reference->pool, size);
	if (!column->sorted)
		return no_memory;
	memcpy(column->sorted, distribution->sorted, size);
	column->distribution.sorted = column->sorted;
	return NULL;
}

const char *
tide_reference_profile_backtest(struct tide_reference *reference, const struct tide_cell_key *key,
                                struct tide_text name, const struct tide_backtest *backtest)
{
	struct kept_column *column = tide_reference_store_column_make(reference, key, name);
	size_t size = backtest->count * sizeof(double);

	if (!column)
		return no_memory;
	if (column->backtest.windows)
		return "the column stands there twice";
	if (backtest->windows == 0 || backtest->count > backtest->windows ||
	    !(backtest->phi >= 1) || !isfinite(backtest->phi) || !(backtest->df > 0) ||
	    !isfinite(backtest->df) || !ascends(backtest->log10_p, backtest->count, false) ||
	    (backtest->count > 0 && backtest->log10_p[backtest->count - 1] > 0))
		return "its back-test contradicts itself";
	column->log10_p = size ? tide_pool_table_new(&reference->pool, size) : NULL;
	if (size && !column->log10_p)
		return no_memory;
	if (size)
		memcpy(column->log10_p, backtest->log10_p, size);
	column->backtest = *backtest;
	column->backtest.log10_p = column->log10_p;
	return NULL;
}

void
tide_reference_profile_backtest_ms(struct tide_reference *reference, int64_t size_ms)
{
	reference->backtest_ms = size_ms;
}

const char *
tide_reference_profile_measure(struct tide_reference *reference, const struct tide_cell_key *key,
                               struct tide_text name, const char *metric, double value,
                               double n)
{
	const struct tide_detector *detector = tide_detector_find(metric);
	struct kept_column *column = tide_reference_store_column_make(reference, key, name);

	if (!column)
		return no_memory;
	if (!isfinite(value) || !(n >= 0) || !isfinite(n))
		return "a measure is no number";
	if (!detector || strcmp(detector->name, metric) != 0)
		return NULL;
	column->measures[detector_index(detector)] = value;
	column->counts[detector_index(detector)] = n;
	return NULL;
}

static bool
block_fits(const struct tide_calibration_block *block, const struct tide_calibration_block *before)
{
	return block->low >= 0 && block->low <= block->high && block->high <= 1 &&
	       block->share >= 0 && block->share <= 1 && block->rows > 0 &&
	       isfinite(block->rows) &&
	       (!before || (before->high < block->low && before->share <= block->share));
}

const char *
tide_reference_profile_calibration(struct tide_reference *reference,
                                   const struct tide_cell_key *key,
                                   const struct tide_calibration *calibration)
{
	if (tide_reference_calibration(reference, key))
		return "a cell has two calibrations";
	if (calibration->count == 0)
		return "a calibration has no block";
	for (size_t i = 0; i < calibration->count; i++)
		if (!block_fits(&calibration->blocks[i],
		                i > 0 ? &calibration->blocks[i - 1] : NULL))
			return "the blocks of a calibration do not ascend between 0 and 1";
	return tide_reference_store_calibration(reference, key, calibration) ? NULL : no_memory;
}

const char *
tide_reference_profile_end(struct tide_reference *reference, struct tide_text id)
{
	if (id.length != 16)
		return "reference_id is not 16 hex digits";
	for (size_t i = 0; i < 16; i++)
		if (!memchr("0123456789abcdef", id.bytes[i], 16))
			return "reference_id is not 16 hex digits";
	memcpy(reference->id, id.bytes, 16);
	return NULL;
}
