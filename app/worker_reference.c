#include "app/worker_reference.h"
#include "app/profile.h"
#include "app/worker.h"
#include "consumer/file_source.h"
#include "schemas/decode.h"
#include "windowing/panes.h"
#include <stdlib.h>

#define PARTIAL_BYTES_MAX ((size_t) 4 << 30) /* of one cell */
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
	bool is_full;
	struct tide_reference *tallied;              /* or NULL */
	const struct tide_window_options *tally_by; /* its windows */
};

/* A reference record is a prediction and its label at once. */
static bool
reference_add(void *closure, const struct tide_event *event)
{
	struct folding *folding = closure;
	struct tide_event prediction = *event, label;

	if (prediction.time_ms == TIDE_NO_TIME)
		prediction.time_ms = 0; /* it has none, and one window needs none */
	label = prediction;
	folding->is_full = !tide_window_has_room(folding->windows);
	if (folding->is_full)
		return false;
	if (tide_window_add(folding->windows, &prediction, TIDE_NO_TIME) == TIDE_ACCEPTED &&
	    folding->tallied &&
	    !tide_reference_backtest_tally(
	            folding->tallied, event,
	            tide_clock_window(folding->tally_by, event->time_ms)))
		return false;
	label.role = TIDE_LABELS;
	label.fields += folding->field_count;
	label.field_count -= folding->field_count;
	if (event->target.kind != TIDE_VALUE_NULL)
		tide_window_add(folding->windows, &label, TIDE_NO_TIME);
	return true;
}

/* A reference is read with the map of predictions, and what the labels' map has beside the id. */
static int
mapping_join(const struct tide_config *config, struct tide_mapping *mapping,
             struct tide_error *error)
{
	const struct tide_mapping *labels = &config->labels.mapping;

	*mapping = config->predictions.mapping;
	mapping->target = labels->target;
	mapping->format = TIDE_FORMAT_JSON; /* a file of lines, whatever the topic holds */
	if (mapping->field_count + labels->field_count > TIDE_FIELDS_MAX)
		return tide_error_stop(error, TIDE_ERROR_CONFIG,
		                       "%s: with a reference both maps together have at most %d "
		                       "fields of their own",
		                       config->path, TIDE_FIELDS_MAX);
	for (size_t i = 0; i < labels->field_count; i++)
		mapping->fields[mapping->field_count++] = labels->fields[i];
	return 0;
}

static int
folding_close(struct folding *folding, struct tide_panes *panes,
              tide_worker_reference_judge_fn *judge, void *closure, struct tide_error *error)
{
	const struct tide_window_round end = {TIDE_CLOCK_END, TIDE_CLOCK_END, TIDE_CLOCK_END};
	struct tide_evidence evidence;
	struct tide_buffer room;

	tide_text_buffer_init(&room, PARTIAL_BYTES_MAX);
	enum tide_panes_answer answer =
	        tide_panes_take(panes, 0, 1, folding->windows, &end, false, &room);
	tide_text_buffer_fini(&room);
	while (answer == TIDE_PANES_OK) {
		answer = tide_panes_close(panes, &evidence);
		if (answer == TIDE_PANES_OK && evidence.side != TIDE_SIDE_INPUT &&
		    !judge(closure, &evidence))
			return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	}
	folding->is_full = answer != TIDE_PANES_NONE;
	return folding->is_full ? -1 : 0;
}

/* As tide_worker_reference_fold; the windows of the config are tallied in `tallied` besides. */
static int
records_fold(const struct tide_config *config, struct tide_columns *columns,
             const struct tide_reference *reference, struct tide_reference *tallied,
             const struct tide_window_options *window, tide_worker_reference_judge_fn *judge,
             void *closure, struct tide_error *error)
{
	struct tide_mapping mapping;

	if (mapping_join(config, &mapping, error))
		return -1;
	struct tide_window_setup setup =
	        tide_worker_windows(config, window, columns, tide_reference_shape(reference));
	struct tide_pool pool;

	tide_pool_init(&pool, config->memory_bytes);
	struct folding folding = {.windows = tide_window_new(&setup, &pool),
	                          .field_count = config->predictions.mapping.field_count,
	                          .tallied = tallied,
	                          .tally_by = &config->window};
	struct tide_panes *panes = tide_panes_new(&setup, &pool);
	int failed = folding.windows && panes ? records_read(config, &mapping, columns, reference_add,
	                                            &folding, error)
	                             : tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	if (!failed)
		failed = folding_close(&folding, panes, judge, closure, error);
	if (failed && folding.is_full)
		failed = tide_error_stop(error, TIDE_ERROR_MEMORY,
		                         "%s: the windows of the reference need more than the "
		                         "%.1f MiB of memory.pending: raise it",
		                         config->reference_records,
		                         (double) config->memory_bytes / (1 << 20));
	tide_panes_free(panes);
	tide_window_free(folding.windows);
	tide_pool_fini(&pool);
	return failed;
}

int
tide_worker_reference_fold(const struct tide_config *config, struct tide_columns *columns,
                           const struct tide_reference *reference,
                           const struct tide_window_options *window,
                           tide_worker_reference_judge_fn *judge, void *closure,
                           struct tide_error *error)
{
	return records_fold(config, columns, reference, NULL, window, judge, closure, error);
}

static bool
reference_keep(void *closure, const struct tide_evidence *evidence)
{
	return tide_reference_keep(closure, evidence);
}

static int
reference_build(const struct tide_config *config, struct tide_columns *columns,
                struct tide_reference *reference, struct tide_error *error)
{
	/* one window that holds all of time, and nothing in it is late */
	const struct tide_window_options window = {.size_ms = INT64_C(1) << 61,
	                                           .origin_ms = -(INT64_C(1) << 60),
	                                           .exact_rows = REFERENCE_ROWS_MAX,
	                                           .has_predictions = true,
	                                           .has_labels = true};
	struct tide_mapping mapping;

	if (mapping_join(config, &mapping, error) ||
	    records_read(config, &mapping, columns, reference_learn, reference, error))
		return -1;
	if (!tide_reference_cut(reference))
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	bool timed = config->predictions.mapping.timestamp != NULL;
	if (records_fold(config, columns, reference, timed ? reference : NULL, &window,
	                 reference_keep, reference, error))
		return -1;
	if (timed && !tide_reference_backtest_judge(reference, config->window.size_ms))
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	return 0;
}

int
tide_worker_reference(const struct tide_config *config, struct tide_columns *columns,
                      struct tide_reference **reference, struct tide_error *error)
{
	*reference = NULL;
	if (config->reference_profile)
		return tide_profile_read(config, columns, reference, error);
	if (!config->reference_records)
		return 0;
	struct tide_reference *built = tide_reference_new(
	        config->problem, columns, config->columns, config->column_count);
	int failed = built ? reference_build(config, columns, built, error)
	                   : tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	if (failed) {
		tide_reference_free(built);
		return tide_error_prefix(error, "reference: ");
	}
	*reference = built;
	return 0;
}
