#include "app/profile.h"
#include "app/worker.h"
#include "consumer/file_source.h"
#include "schemas/decode.h"
#include "windowing/window.h"
#include <stdlib.h>

#define REFERENCE_ROWS_MAX (1u << 20) /* values of a cell and column that are kept as they are */

/* Reads every good record of the reference and hands it on; stops at the first refusal. */
static int
records_read(const struct tide_config *config, const struct tide_mapping *mapping,
             struct tide_columns *columns,
             bool (*take)(void *closure, const struct tide_event *event), void *closure,
             struct tide_error *error)
{
	struct tide_source *source;
	struct tide_decoder *decoder = NULL;
	struct tide_batch batch = {0};
	enum tide_supply supply = TIDE_SUPPLY_RECORDS;
	uint64_t good = 0;

	if (tide_file_source_open(config->reference_records, NULL, &source, error))
		return -1;
	int failed = tide_decode_new(mapping, columns, &decoder, error);
	while (!failed && supply != TIDE_SUPPLY_END) {
		batch.count = 0;
		failed = source->ops->take(source, 0, &batch, &supply, error);
		for (size_t i = 0; !failed && i < batch.count; i++) {
			struct tide_event event = {.role = TIDE_PREDICTIONS,
			                           .offset = batch.records[i].offset,
			                           .record_ms = batch.records[i].time_ms};
			if (batch.records[i].damage)
				continue;
			tide_decode(decoder, batch.records[i].value, batch.records[i].value_size,
			            &event);
			if (event.poison)
				continue;
			good++;
			if (tide_decode_lost(decoder) || !take(closure, &event))
				failed = tide_error_stop(error, TIDE_ERROR_MEMORY,
				                         "%s: the reference needs more memory "
				                         "than there is",
				                         config->reference_records);
		}
	}
	if (!failed && good == 0)
		failed = tide_error_stop(error, TIDE_ERROR_DATA,
		                         "%s: no record of the reference can be read with "
		                         "inputs.predictions.map",
		                         config->reference_records);
	tide_decode_free(decoder);
	source->ops->close(source);
	return failed;
}

static bool
reference_learn(void *closure, const struct tide_event *event)
{
	return tide_reference_learn(closure, event);
}

struct folding {
	struct tide_windows *windows;
	size_t field_count; /* of the prediction; those of the label follow */
};

/* A reference record is a prediction and its label at once. */
static bool
reference_add(void *closure, const struct tide_event *event)
{
	const struct folding *folding = closure;
	struct tide_event label = *event;

	if (!tide_window_has_room(folding->windows))
		return false;
	tide_window_add(folding->windows, event, TIDE_NO_TIME);
	label.role = TIDE_LABELS;
	label.fields += folding->field_count;
	label.field_count -= folding->field_count;
	if (event->target.kind != TIDE_VALUE_NULL)
		tide_window_add(folding->windows, &label, TIDE_NO_TIME);
	return true;
}

static int
reference_fold(const struct tide_config *config, const struct tide_mapping *mapping,
               struct tide_columns *columns, struct tide_reference *reference,
               struct tide_error *error)
{
	/* one window that holds all of time, and nothing in it is late */
	struct tide_window_setup setup = {
	        .options = {.size_ms = INT64_C(1) << 61,
	                    .origin_ms = -(INT64_C(1) << 60),
	                    .exact_rows = REFERENCE_ROWS_MAX,
	                    .has_predictions = true,
	                    .has_labels = true},
	        .models = config->models,
	        .model_count = config->model_count,
	        .segments = config->segments,
	        .segment_count = config->segment_count,
	        .prediction_mapped = mapping->prediction != NULL,
	        .proba_mapped = mapping->proba != NULL,
	        .weight_mapped = mapping->weight != NULL,
	        .classes = mapping->classes,
	        .class_count = mapping->class_count,
	        .columns = columns,
	        .shape = tide_reference_shape(reference),
	        .measures = &config->measures,
	};
	struct tide_pool pool;
	struct tide_evidence evidence;

	tide_pool_init(&pool, config->memory_bytes);
	struct tide_windows *windows = tide_window_new(&setup, &pool);
	struct folding folding = {windows, config->predictions.mapping.field_count};
	int failed = windows ? records_read(config, mapping, columns, reference_add, &folding, error)
	                     : tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	while (!failed &&
	       tide_window_close(windows, TIDE_CLOCK_END, TIDE_CLOCK_END, &evidence))
		if (evidence.side != TIDE_SIDE_INPUT && !tide_reference_keep(reference, &evidence))
			failed = tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	tide_window_free(windows);
	tide_pool_fini(&pool);
	return failed;
}

int
tide_worker_reference(const struct tide_config *config, struct tide_columns *columns,
                      struct tide_reference **reference, struct tide_error *error)
{
	struct tide_mapping mapping = config->predictions.mapping;

	*reference = NULL;
	if (config->reference_profile)
		return tide_profile_read(config, columns, reference, error);
	if (!config->reference_records)
		return 0;
	mapping.target = config->labels.mapping.target;
	mapping.format = TIDE_FORMAT_JSON; /* a file of lines, whatever the topic holds */
	if (mapping.field_count + config->labels.mapping.field_count > TIDE_FIELDS_MAX)
		return tide_error_stop(error, TIDE_ERROR_CONFIG,
		                       "%s: with a reference both maps together have at most %d "
		                       "fields of their own",
		                       config->path, TIDE_FIELDS_MAX);
	for (size_t i = 0; i < config->labels.mapping.field_count; i++)
		mapping.fields[mapping.field_count++] = config->labels.mapping.fields[i];
	struct tide_reference *built = tide_reference_new(
	        config->problem, columns, config->columns, config->column_count);
	int failed = built ? records_read(config, &mapping, columns, reference_learn, built, error)
	                   : tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	if (!failed && !tide_reference_cut(built))
		failed = tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	if (!failed)
		failed = reference_fold(config, &mapping, columns, built, error);
	if (failed) {
		tide_reference_free(built);
		return tide_error_prefix(error, "reference: ");
	}
	*reference = built;
	return 0;
}
