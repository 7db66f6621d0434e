#include "detectors/reference_profile.h"
#include "detectors/reference_private.h"

static void
put_doubles(struct tide_buffer *buffer, const char *key, const double *values, size_t count)
{
	tide_text_json_key(buffer, key);
	tide_text_json_open(buffer, '[');
	for (size_t i = 0; i < count; i++)
		tide_text_json_number(buffer, values[i]);
	tide_text_json_close(buffer, ']');
}

static void
put_counts(struct tide_buffer *buffer, const char *key, const uint64_t *counts, size_t count)
{
	tide_text_json_key(buffer, key);
	tide_text_json_open(buffer, '[');
	for (size_t i = 0; i < count; i++)
		tide_text_json_integer(buffer, (int64_t)counts[i]);
	tide_text_json_close(buffer, ']');
}

static void
put_number(struct tide_buffer *buffer, const char *key, double value)
{
	tide_text_json_key(buffer, key);
	tide_text_json_number(buffer, value);
}

static void
put_name(struct tide_buffer *buffer, const char *key, struct tide_text name)
{
	tide_text_json_key(buffer, key);
	tide_text_json_text(buffer, name);
}

static void
write_shape(struct tide_buffer *buffer, struct tide_text name,
            const struct tide_column_shape *shape)
{
	tide_text_json_open(buffer, '{');
	put_name(buffer, "name", name);
	put_name(buffer, "type", tide_text_of(tide_reference_profile_type(shape->type)));
	put_number(buffer, "min_effect", shape->min_effect);
	if (shape->type == TIDE_COLUMN_NUMERIC) {
		put_number(buffer, "min", shape->reference_min);
		put_number(buffer, "max", shape->reference_max);
		put_number(buffer, "fence_low", shape->fence_low);
		put_number(buffer, "fence_high", shape->fence_high);
		put_doubles(buffer, "edges", shape->edges, shape->edge_count);
		put_doubles(buffer, "deciles", shape->deciles, shape->decile_count);
		put_doubles(buffer, "fine", shape->fine, shape->fine_count);
	}
	if (shape->type == TIDE_COLUMN_CATEGORICAL) {
		tide_text_json_key(buffer, "categories");
		tide_text_json_open(buffer, '[');
		for (size_t i = 0; i < shape->category_count; i++)
			tide_text_json_text(buffer, shape->categories[i]);
		tide_text_json_close(buffer, ']');
	}
	tide_text_json_close(buffer, '}');
}

/* Hashes as 32 hex digits, each before its count. */
static void
write_others(struct tide_buffer *buffer, const struct tide_unseen *others)
{
	char hex[33];

	tide_text_json_key(buffer, "others");
	tide_text_json_open(buffer, '[');
	for (uint32_t i = 0; i < others->count; i++) {
		for (size_t digit = 0; digit < 32; digit++) {
			uint64_t half = digit < 16 ? others->values[i].hash.high
			                           : others->values[i].hash.low;
			hex[digit] = "0123456789abcdef"[half >> (60 - 4 * (digit % 16)) & 15];
		}
		tide_text_json_text(buffer, (struct tide_text){hex, 32});
		tide_text_json_integer(buffer, (int64_t)others->values[i].count);
	}
	tide_text_json_close(buffer, ']');
	tide_text_json_key(buffer, "others_more");
	tide_text_json_bool(buffer, others->more);
}

static void
write_distribution(struct tide_buffer *buffer, const struct tide_distribution *distribution,
                   bool keep_values)
{
	const struct tide_counts *counts = &distribution->counts;

	for (size_t i = 0; i < TIDE_PROFILE_COUNTS; i++) {
		uint64_t count;
		memcpy(&count, (const char *)counts + tide_reference_profile_counts[i].offset, sizeof count);
		tide_text_json_key(buffer, tide_reference_profile_counts[i].name);
		tide_text_json_integer(buffer, (int64_t)count);
	}
	put_counts(buffer, "bins", distribution->bins,
	           distribution->bins ? distribution->bin_count : 0);
	put_counts(buffer, "fine", distribution->fine,
	           distribution->fine ? distribution->fine_count : 0);
	write_others(buffer, &distribution->others);
	put_number(buffer, "min", distribution->min);
	put_number(buffer, "max", distribution->max);
	put_number(buffer, "spread", distribution->spread);
	put_number(buffer, "spread_extreme", distribution->spread_extreme);
	if (distribution->sorted && keep_values)
		put_doubles(buffer, "sorted", distribution->sorted, counts->values);
}

static void
write_backtest(struct tide_buffer *buffer, const struct tide_backtest *backtest)
{
	tide_text_json_key(buffer, "backtest");
	tide_text_json_open(buffer, '{');
	tide_text_json_key(buffer, "windows");
	tide_text_json_integer(buffer, (int64_t)backtest->windows);
	put_number(buffer, "phi", backtest->phi);
	put_number(buffer, "df", backtest->df);
	put_doubles(buffer, "log10_p", backtest->log10_p, backtest->count);
	tide_text_json_close(buffer, '}');
}

static void
write_column(struct tide_buffer *buffer, const struct kept_column *column, bool keep_values)
{
	tide_text_json_open(buffer, '{');
	put_name(buffer, "name", column->name);
	tide_text_json_key(buffer, "measures");
	tide_text_json_open(buffer, '{');
	for (size_t i = 0; tide_detector_at(i); i++)
		if (!isnan(column->measures[i]))
			put_doubles(buffer, tide_detector_at(i)->name,
			            (double[]){column->measures[i], column->counts[i]}, 2);
	tide_text_json_close(buffer, '}');
	if (column->has_distribution)
		write_distribution(buffer, &column->distribution, keep_values);
	if (column->backtest.windows)
		write_backtest(buffer, &column->backtest);
	tide_text_json_close(buffer, '}');
}

/* Of each block low, high, share and rows. */
static void
write_calibration(struct tide_buffer *buffer, const struct tide_calibration *calibration)
{
	tide_text_json_key(buffer, "calibration");
	tide_text_json_open(buffer, '{');
	tide_text_json_key(buffer, "used");
	tide_text_json_bool(buffer, calibration->used);
	tide_text_json_key(buffer, "blocks");
	tide_text_json_open(buffer, '[');
	for (size_t i = 0; i < calibration->count; i++) {
		const struct tide_calibration_block *block = &calibration->blocks[i];
		tide_text_json_number(buffer, block->low);
		tide_text_json_number(buffer, block->high);
		tide_text_json_number(buffer, block->share);
		tide_text_json_number(buffer, block->rows);
	}
	tide_text_json_close(buffer, ']');
	tide_text_json_close(buffer, '}');
}

static void
write_cell(struct tide_buffer *buffer, const struct kept_cell *cell,
           const struct tide_segment *segments, bool keep_values)
{
	const struct tide_cell_key *key = &cell->key;

	tide_text_json_open(buffer, '{');
	put_name(buffer, "model", key->model);
	put_name(buffer, "model_version", key->version);
	tide_text_json_key(buffer, "segment");
	tide_text_json_string(buffer, key->segment < 0 ? NULL : segments[key->segment].name);
	tide_text_json_key(buffer, "value");
	if (key->segment < 0 || key->value_null)
		tide_text_json_null(buffer);
	else
		tide_text_json_text(buffer, key->value);
	tide_text_json_key(buffer, "columns");
	tide_text_json_open(buffer, '[');
	for (const struct kept_column *column = cell->first; column; column = column->after)
		write_column(buffer, column, keep_values);
	tide_text_json_close(buffer, ']');
	if (cell->calibration.count)
		write_calibration(buffer, &cell->calibration);
	tide_text_json_close(buffer, '}');
}

void
tide_reference_write(const struct tide_reference *reference, const struct tide_segment *segments,
                     bool keep_values, struct tide_buffer *buffer)
{
	put_name(buffer, "format", TIDE_TEXT(TIDE_PROFILE_FORMAT));
	tide_text_json_key(buffer, "version");
	tide_text_json_integer(buffer, TIDE_PROFILE_VERSION);
	put_name(buffer, "reference_id", tide_text_of(reference->id));
	tide_text_json_key(buffer, "problem");
	tide_text_json_integer(buffer, reference->problem);
	tide_text_json_key(buffer, "backtest_ms");
	tide_text_json_integer(buffer, reference->backtest_ms);
	tide_text_json_key(buffer, "columns");
	tide_text_json_open(buffer, '[');
	for (size_t i = 0; i < reference->shape.count; i++)
		write_shape(buffer, tide_mapping_column_name(reference->columns, (uint32_t)i),
		            reference->shapes + i);
	write_shape(buffer, TIDE_TEXT("$prediction"), &reference->shape.prediction);
	tide_text_json_close(buffer, ']');
	tide_text_json_key(buffer, "cells");
	tide_text_json_open(buffer, '[');
	for (const struct kept_cell *cell = reference->first; cell; cell = cell->after)
		write_cell(buffer, cell, segments, keep_values);
	tide_text_json_close(buffer, ']');
}
