#include "app/profile.h"
#include "app/profile_words.h"
#include "detectors/reference_profile.h"
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROFILE_BYTES_MAX ((size_t) 1 << 30)

/* What is being read, for the message when it is wrong. */
struct profile {
	const struct tide_config *config;
	struct tide_reference *reference;
	struct tide_error *error;
	struct tide_text column; /* empty: none yet */
};

static int
wrong(const struct profile *profile, const char *what)
{
	bool column = profile->column.length > 0;
	int length = profile->column.length < 128 ? (int) profile->column.length : 128;

	return tide_error_stop(profile->error, TIDE_ERROR_DATA,
	                       "%s: %s%.*s%s%s: build the profile again with tidemark reference "
	                       "build",
	                       profile->config->reference_profile, column ? "column \"" : "", length,
	                       column ? profile->column.bytes : "", column ? "\": " : "", what);
}

static struct tide_text
text_of(const json_t *json)
{
	return json_is_string(json)
	               ? (struct tide_text){json_string_value(json), json_string_length(json)}
	               : (struct tide_text){NULL, 0};
}

/* null is NaN, as the writer has it. */
static bool
number_of(const json_t *json, double *number)
{
	*number = json_is_null(json) ? (double) NAN : json_number_value(json);
	return json_is_null(json) || json_is_number(json);
}

static bool
count_of(const json_t *json, uint64_t *count)
{
	double number = json_number_value(json);

	if (!json_is_number(json) || !(number >= 0 && number <= 0x1p53) ||
	    number != (double) (uint64_t) number)
		return false;
	*count = (uint64_t) number;
	return true;
}

/* The numbers of an array, in memory that the caller frees; NULL where it is none. */
static double *
doubles_of(const json_t *json, size_t *count)
{
	*count = json_array_size(json);
	double *values = json_is_array(json) ? malloc((*count + 1) * sizeof *values) : NULL;

	for (size_t i = 0; values && i < *count; i++) {
		if (!number_of(json_array_get(json, i), &values[i])) {
			free(values);
			return NULL;
		}
	}
	return values;
}

static uint64_t *
counts_of(const json_t *json, size_t *count)
{
	*count = json_array_size(json);
	uint64_t *counts = json_is_array(json) ? malloc((*count + 1) * sizeof *counts) : NULL;

	for (size_t i = 0; counts && i < *count; i++) {
		if (!count_of(json_array_get(json, i), &counts[i])) {
			free(counts);
			return NULL;
		}
	}
	return counts;
}

static int
numbers_shape(struct profile *profile, const json_t *json, struct tide_column_shape *shape)
{
	double *edges = doubles_of(json_object_get(json, "edges"), &shape->edge_count);
	double *deciles = doubles_of(json_object_get(json, "deciles"), &shape->decile_count);
	double *fine = doubles_of(json_object_get(json, "fine"), &shape->fine_count);
	const char *what = "its cells or its range are not there";

	shape->edges = edges;
	shape->deciles = deciles;
	shape->fine = fine;
	if (edges && deciles && fine &&
	    number_of(json_object_get(json, "min"), &shape->reference_min) &&
	    number_of(json_object_get(json, "max"), &shape->reference_max) &&
	    number_of(json_object_get(json, "fence_low"), &shape->fence_low) &&
	    number_of(json_object_get(json, "fence_high"), &shape->fence_high))
		what = tide_reference_profile_shape(profile->reference, profile->column, shape);
	free(edges);
	free(deciles);
	free(fine);
	return what ? wrong(profile, what) : 0;
}

static int
categories_shape(struct profile *profile, const json_t *json, struct tide_column_shape *shape)
{
	const json_t *list = json_object_get(json, "categories");
	struct tide_text *categories = calloc(json_array_size(list) + 1, sizeof *categories);
	const char *what = categories ? NULL : "out of memory";

	shape->categories = categories;
	shape->category_count = json_array_size(list);
	for (size_t i = 0; !what && i < shape->category_count; i++) {
		categories[i] = text_of(json_array_get(list, i));
		if (!categories[i].bytes)
			what = "a category is no text";
	}
	if (!what)
		what = tide_reference_profile_shape(profile->reference, profile->column, shape);
	free(categories);
	return what ? wrong(profile, what) : 0;
}

static int
shape_read(struct profile *profile, const json_t *json)
{
	struct tide_text type = text_of(json_object_get(json, "type"));
	struct tide_column_shape shape = {.type = TIDE_COLUMN_UNKNOWN};

	profile->column = text_of(json_object_get(json, "name"));
	while (shape.type < TIDE_COLUMN_IGNORED &&
	       !tide_text_is(type, tide_reference_profile_type(shape.type)))
		shape.type++;
	if (!profile->column.bytes || !tide_text_is(type, tide_reference_profile_type(shape.type)) ||
	    !number_of(json_object_get(json, "min_effect"), &shape.min_effect))
		return wrong(profile, "a column lacks its name, its type or its min_effect");
	const char *what = tide_profile_words_column(profile->config, profile->column, &shape);
	if (what)
		return wrong(profile, what);
	if (shape.type == TIDE_COLUMN_NUMERIC)
		return numbers_shape(profile, json, &shape);
	return categories_shape(profile, json, &shape);
}

static bool
hash_read(struct tide_text hex, struct tide_hash *hash)
{
	*hash = (struct tide_hash){0, 0};
	for (size_t i = 0; i < hex.length; i++) {
		const char *digit = memchr("0123456789abcdef", hex.bytes[i], 16);
		if (!digit)
			return false;
		uint64_t *half = i < 16 ? &hash->high : &hash->low;
		*half = *half << 4 | (uint64_t) strcspn("0123456789abcdef", (char[]){*digit, 0});
	}
	return hex.length == 32;
}

static bool
others_read(const json_t *json, struct tide_unseen *others)
{
	const json_t *list = json_object_get(json, "others");
	size_t count = json_array_size(list) / 2;

	if (!json_is_array(list) || count > TIDE_UNSEEN_MAX || json_array_size(list) % 2)
		return false;
	others->more = json_is_true(json_object_get(json, "others_more"));
	others->count = (uint32_t) count;
	others->values = calloc(count + 1, sizeof *others->values);
	for (size_t i = 0; i < count; i++)
		if (!others->values ||
		    !hash_read(text_of(json_array_get(list, 2 * i)), &others->values[i].hash) ||
		    !count_of(json_array_get(list, 2 * i + 1), &others->values[i].count))
			return false;
	return others->values != NULL;
}

static bool
rates_read(const json_t *json, struct tide_counts *counts)
{
	uint64_t count;

	for (size_t i = 0; i < TIDE_PROFILE_COUNTS; i++) {
		const struct tide_profile_count *place = &tide_reference_profile_counts[i];
		if (!count_of(json_object_get(json, place->name), &count))
			return false;
		memcpy((char *) counts + place->offset, &count, sizeof count);
	}
	return true;
}

static int
distribution_read(struct profile *profile, const json_t *json, const struct tide_cell_key *key)
{
	const json_t *values = json_object_get(json, "sorted");
	struct tide_distribution kept = {0};
	size_t value_count = 0;
	uint64_t *bins = counts_of(json_object_get(json, "bins"), &kept.bin_count);
	uint64_t *fine = counts_of(json_object_get(json, "fine"), &kept.fine_count);
	double *sorted = values ? doubles_of(values, &value_count) : NULL;
	const char *what = "a number of its distribution is not there";

	kept.bins = bins;
	kept.fine = fine;
	kept.sorted = sorted;
	if (bins && fine && rates_read(json, &kept.counts) && others_read(json, &kept.others) &&
	    number_of(json_object_get(json, "min"), &kept.min) &&
	    number_of(json_object_get(json, "max"), &kept.max) &&
	    number_of(json_object_get(json, "spread"), &kept.spread) &&
	    number_of(json_object_get(json, "spread_extreme"), &kept.spread_extreme))
		what = values && (!sorted || value_count != kept.counts.values)
		               ? "it has another number of values than it says"
		               : tide_reference_profile_distribution(
		                         profile->reference, key, profile->column, &kept);
	free(bins);
	free(fine);
	free(sorted);
	free(kept.others.values);
	return what ? wrong(profile, what) : 0;
}

/* Of windows of another size than the config's it says nothing: left out (SPEC 7.4). */
static int
backtest_read(struct profile *profile, const json_t *json, const struct tide_cell_key *key)
{
	struct tide_backtest backtest = {0};
	double *log10_p = doubles_of(json_object_get(json, "log10_p"), &backtest.count);
	const char *what = "a number of its back-test is not there";

	backtest.log10_p = log10_p;
	if (log10_p && count_of(json_object_get(json, "windows"), &backtest.windows) &&
	    number_of(json_object_get(json, "phi"), &backtest.phi) &&
	    number_of(json_object_get(json, "df"), &backtest.df))
		what = tide_reference_backtest_ms(profile->reference) !=
		                       profile->config->window.size_ms
		               ? NULL
		               : tide_reference_profile_backtest(profile->reference, key,
		                                                 profile->column, &backtest);
	free(log10_p);
	return what ? wrong(profile, what) : 0;
}

static int
column_read(struct profile *profile, json_t *json, const struct tide_cell_key *key)
{
	json_t *measures = json_object_get(json, "measures"), *measure;
	const char *metric, *what = NULL;

	profile->column = text_of(json_object_get(json, "name"));
	if (!profile->column.bytes || !json_is_object(measures))
		return wrong(profile, "a column of a cell lacks its name or its measures");
	json_object_foreach(measures, metric, measure) {
		double value, n;
		what = number_of(json_array_get(measure, 0), &value) &&
		                       number_of(json_array_get(measure, 1), &n)
		               ? tide_reference_profile_measure(profile->reference, key,
		                                                profile->column, metric, value, n)
		               : "a measure is no number";
		if (what)
			return wrong(profile, what);
	}
	const json_t *backtest = json_object_get(json, "backtest");
	if (json_object_get(json, "bins") && distribution_read(profile, json, key))
		return -1;
	return backtest ? backtest_read(profile, backtest, key) : 0;
}

static int
calibration_read(struct profile *profile, const json_t *json, const struct tide_cell_key *key)
{
	const json_t *used = json_object_get(json, "used");
	size_t count;
	double *numbers = doubles_of(json_object_get(json, "blocks"), &count);
	const size_t numbers_a_block = sizeof(struct tide_calibration_block) / sizeof *numbers;
	struct tide_calibration_block *blocks = calloc(count + 1, sizeof *blocks);
	const char *what = "a calibration lacks `used` or whole blocks";

	if (numbers && blocks && json_is_boolean(used) && count % numbers_a_block == 0) {
		memcpy(blocks, numbers, count * sizeof *numbers);
		what = tide_reference_profile_calibration(
		        profile->reference, key,
		        &(struct tide_calibration){blocks, count / numbers_a_block,
		                                   json_is_true(used)});
	}
	free(numbers);
	free(blocks);
	return what ? wrong(profile, what) : 0;
}

static int
cell_read(struct profile *profile, const json_t *json)
{
	const json_t *segment = json_object_get(json, "segment");
	const json_t *value = json_object_get(json, "value");
	json_t *columns = json_object_get(json, "columns"), *column;
	const struct tide_config *config = profile->config;
	struct tide_cell_key key = {.model = text_of(json_object_get(json, "model")),
	                            .version = text_of(json_object_get(json, "model_version")),
	                            .segment = -1,
	                            .value = text_of(value)};
	size_t index;

	profile->column = (struct tide_text){NULL, 0};
	if (!key.model.bytes || !key.version.bytes || !json_is_array(columns) ||
	    !(json_is_null(segment) || json_is_string(segment)))
		return wrong(profile, "a cell lacks its model, segment or columns");
	if (json_is_string(segment)) {
		size_t at = 0;
		while (at < config->segment_count &&
		       !tide_text_is(text_of(segment), config->segments[at].name))
			at++;
		if (at == config->segment_count)
			return 0;
		key.segment = (int) at;
		key.value_null = json_is_null(value);
	}
	json_array_foreach(columns, index, column)
		if (column_read(profile, column, &key))
			return -1;
	profile->column = (struct tide_text){NULL, 0};
	const json_t *calibration = json_object_get(json, "calibration");
	return calibration ? calibration_read(profile, calibration, &key) : 0;
}

/* The words that both have are the same (app/profile_words.h). */
static int
words_hold(struct profile *profile, const json_t *kept)
{
	struct tide_buffer buffer;
	json_t *ours, *word;
	const char *key;
	int failed = 0;

	tide_text_buffer_init(&buffer, PROFILE_BYTES_MAX);
	tide_profile_words_put(&buffer, profile->config);
	ours = buffer.failed ? NULL : json_loadb(buffer.bytes, buffer.length, 0, NULL);
	if (!ours)
		failed = tide_error_stop(profile->error, TIDE_ERROR_MEMORY, "out of memory");
	else if (!json_is_object(kept))
		failed = wrong(profile, "`words` is not there");
	json_object_foreach(ours, key, word) {
		const char *was = json_string_value(json_object_get(kept, key));
		if (failed || !was || strcmp(was, json_string_value(word)) == 0)
			continue;
		char text[512];
		snprintf(text, sizeof text, "it was built with %.128s: %.128s; the config says: %.128s",
		         key, *was ? was : "none",
		         json_string_length(word) ? json_string_value(word) : "none");
		failed = wrong(profile, text);
	}
	json_decref(ours);
	tide_text_buffer_fini(&buffer);
	return failed;
}

static int
document_read(struct profile *profile, const json_t *json)
{
	json_t *columns = json_object_get(json, "columns"), *cells = json_object_get(json, "cells");
	json_t *item;
	size_t index;
	uint64_t backtest_ms;
	const char *what;

	if (!tide_text_is(text_of(json_object_get(json, "format")), TIDE_PROFILE_FORMAT))
		return wrong(profile, "it is no profile of tidemark");
	if (json_number_value(json_object_get(json, "version")) != TIDE_PROFILE_VERSION)
		return wrong(profile, "it is of a version that this program does not read");
	if (json_number_value(json_object_get(json, "problem")) != (double) profile->config->problem)
		return wrong(profile, "it was built for another problem_type");
	if (!json_is_array(columns) || !json_is_array(cells))
		return wrong(profile, "`columns` or `cells` is not there");
	if (words_hold(profile, json_object_get(json, "words")))
		return -1;
	json_array_foreach(columns, index, item)
		if (shape_read(profile, item))
			return -1;
	if (count_of(json_object_get(json, "backtest_ms"), &backtest_ms))
		tide_reference_profile_backtest_ms(profile->reference, (int64_t) backtest_ms);
	json_array_foreach(cells, index, item)
		if (cell_read(profile, item))
			return -1;
	profile->column = (struct tide_text){NULL, 0};
	what = tide_reference_profile_end(profile->reference,
	                                  text_of(json_object_get(json, "reference_id")));
	return what ? wrong(profile, what) : 0;
}

int
tide_profile_read(const struct tide_config *config, struct tide_columns *columns,
                  struct tide_reference **reference, struct tide_error *error)
{
	const char *path = config->reference_profile;
	FILE *file = fopen(path, "rb");
	json_error_t place;

	*reference = NULL;
	if (!file)
		return tide_error_stop(error, TIDE_ERROR_NO_INPUT,
		                       "the reference profile %s cannot be read: %s", path,
		                       strerror(errno));
	json_t *json = json_loadf(
	        file, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &place);
	fclose(file);
	if (!json)
		return tide_error_stop(error, TIDE_ERROR_DATA,
		                       "%s:%d:%d: %s: is it whole, and a profile that tidemark "
		                       "reference build wrote?",
		                       path, place.line, place.column, place.text);
	struct profile profile = {
	        .config = config,
	        .reference = tide_reference_new(config->problem, columns, NULL, 0),
	        .error = error};
	int failed = profile.reference
	                     ? document_read(&profile, json)
	                     : tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	json_decref(json);
	if (failed)
		tide_reference_free(profile.reference);
	else
		*reference = profile.reference;
	return failed;
}

int
tide_profile_write(const struct tide_reference *reference, const struct tide_config *config,
                   const char *path, bool keep_values, struct tide_error *error)
{
	struct tide_buffer document, beside;

	tide_text_buffer_init(&document, PROFILE_BYTES_MAX);
	tide_text_buffer_init(&beside, 1 << 16);
	tide_text_put_format(&beside, "%s.part", path);
	tide_text_json_open(&document, '{');
	tide_reference_write(reference, config->segments, keep_values, &document);
	tide_text_json_key(&document, "words");
	tide_profile_words_put(&document, config);
	tide_text_json_close(&document, '}');
	tide_text_put(&document, "\n", 1);
	FILE *file = document.failed || beside.failed ? NULL : fopen(beside.bytes, "wb");
	bool written = file && fwrite(document.bytes, 1, document.length, file) == document.length;
	if (file)
		written &= fclose(file) == 0;
	written = written && rename(beside.bytes, path) == 0;
	int failed = 0;
	if (document.failed)
		failed = tide_error_stop(error, TIDE_ERROR_MEMORY,
		                         "the profile is larger than 1 GiB: leave --keep-values");
	else if (!written)
		failed = tide_error_stop(error, TIDE_ERROR_WRITE, "%s cannot be written: %s",
		                         path, strerror(errno));
	if (failed && file)
		remove(beside.bytes);
	tide_text_buffer_fini(&document);
	tide_text_buffer_fini(&beside);
	return failed;
}
