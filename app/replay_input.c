#include "app/command.h"
#include "app/drain.h"
#include "app/range.h"
#include "app/replay.h"
#include "consumer/file_source.h"
#include "consumer/kafka_source.h"
#include "consumer/throttle.h"
#include "windowing/clock.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TAIL_RECORDS 16

static int64_t
now_ms(void *closure)
{
	struct timespec now;

	(void) closure;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct tail {
	bool *seen; /* of each queue */
	int64_t last_ms;
};

static int
tail_take(void *closure, size_t queue, const struct tide_record *record, struct tide_error *error)
{
	struct tail *tail = closure;

	(void) error;
	tail->seen[queue] = true;
	if (record->time_ms > tail->last_ms)
		tail->last_ms = record->time_ms;
	return 0;
}

/* Reads the last `records` offsets of each partition. *whole: each had a record there. *starts: the
 * sum of where it began. */
static int
tail_read(struct tide_kafka_options *options, int64_t records, int64_t *last_ms, bool *whole,
          int64_t *starts, struct tide_error *error)
{
	struct tail tail = {.last_ms = INT64_MIN};
	const struct tide_queue *queues;
	struct tide_source *source;

	for (int role = 0; role < 2; role++)
		options->from[role] = (struct tide_kafka_place){TIDE_KAFKA_END, -records};
	if (tide_kafka_source_open(options, &source, error))
		return -1;
	size_t count = source->ops->queues(source, &queues);
	*starts = 0;
	for (size_t i = 0; i < count; i++)
		*starts += queues[i].start_offset;
	tail.seen = calloc(count + 1, sizeof *tail.seen);
	int failed = tail.seen ? tide_drain(source, tail_take, &tail, error)
	                       : tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	*whole = true;
	for (size_t i = 0; !failed && i < count; i++)
		*whole &= tail.seen[i];
	*last_ms = tail.last_ms;
	free(tail.seen);
	source->ops->close(source);
	return failed;
}

/* The largest record time among the last records. An offset may hold no record (the mark of a
 * transaction, or what was aborted): then further back, as long as there is anything. */
static int
last_find(struct tide_kafka_options options, int64_t *last_ms, struct tide_error *error)
{
	int64_t starts, starts_before = INT64_MAX;
	bool whole = false;

	options.start = TIDE_KAFKA_PLACES;
	for (int role = 0; role < 2; role++)
		options.until[role] = (struct tide_kafka_place){TIDE_KAFKA_END, 0};
	for (int64_t records = TAIL_RECORDS; !whole; records *= 16) {
		if (tail_read(&options, records, last_ms, &whole, &starts, error))
			return -1;
		whole |= starts == starts_before;
		starts_before = starts;
	}
	if (*last_ms == INT64_MIN)
		return tide_error_stop(error, TIDE_ERROR_NO_INPUT,
		                       "--range stands before the last record, and the topics hold "
		                       "no record with a time");
	return 0;
}

/* SPEC 5.6: widened to whole windows. */
static int
times_take(const struct tide_range *range, int64_t last_ms,
           const struct tide_window_options *window, struct tide_worker_setup *setup,
           struct tide_error *error)
{
	int64_t from_ms, until_ms;

	if (tide_range_times(range, last_ms, &from_ms, &until_ms, error))
		return -1;
	if (from_ms != INT64_MIN)
		setup->from_ms = tide_clock_window(window, from_ms);
	if (until_ms != INT64_MAX)
		setup->until_ms = tide_clock_window(window, until_ms - 1) + window->size_ms;
	return 0;
}

/* Predictions are read between the offsets, their labels wherever they are. */
static void
offsets_take(const struct tide_range *range, int role, struct tide_kafka_options *options)
{
	static const enum tide_kafka_anchor anchors[] = {[TIDE_RANGE_START] = TIDE_KAFKA_FIRST,
	                                                 [TIDE_RANGE_END] = TIDE_KAFKA_END,
	                                                 [TIDE_RANGE_AT] = TIDE_KAFKA_OFFSET};

	options->start = TIDE_KAFKA_PLACES;
	options->until[!role] = (struct tide_kafka_place){TIDE_KAFKA_END, 0};
	options->from[role] =
	        (struct tide_kafka_place){anchors[range->from.anchor], range->from.by};
	options->until[role] =
	        (struct tide_kafka_place){anchors[range->until.anchor], range->until.by};
}

static int
topics_open(const struct tide_config *config, const struct tide_range *range,
            struct tide_worker_setup *setup, struct tide_error *error)
{
	const struct tide_window_options *window = &config->window;
	struct tide_kafka_options options = {
	        .properties = config->kafka,
	        .predictions_topic = config->has_predictions ? config->predictions.topic : NULL,
	        .labels_topic = config->has_labels ? config->labels.topic : NULL,
	        .start = TIDE_KAFKA_EARLIEST,
	        .bounded = true,
	        .end_ms = INT64_MAX};
	int64_t last_ms = 0;

	if ((config->has_predictions && !config->predictions.topic) ||
	    (config->has_labels && !config->labels.topic))
		return tide_error_stop(error, TIDE_ERROR_USAGE,
		                       "no place to read from: name files with --predictions and "
		                       "--labels, or `file:` or `topic:` for each of `inputs:`");
	if (tide_command_topics_broker(config, error))
		return -1;
	if (range && tide_range_needs_last(range) && last_find(options, &last_ms, error))
		return -1;
	if (range && range->offsets)
		offsets_take(range, config->has_predictions ? 0 : 1, &options);
	else if (range && times_take(range, last_ms, window, setup, error))
		return -1;
	/* nobody knew of an event before it was, up to the skew of clocks */
	for (int role = 0; setup->from_ms != INT64_MIN && role < 2; role++) {
		options.start = TIDE_KAFKA_AT;
		options.start_ms[role] =
		        tide_worker_live_needed(window, (enum tide_role) role, setup->from_ms) -
		        window->max_future_skew_ms;
	}
	return tide_kafka_source_open(&options, &setup->source, error);
}

static int
files_open(const struct tide_config *config, const char *predictions, const char *labels,
           const struct tide_range *range, struct tide_worker_setup *setup,
           struct tide_error *error)
{
	bool lacking = config->has_predictions && !predictions;

	if (lacking || (config->has_labels && !labels))
		return tide_error_stop(error, TIDE_ERROR_USAGE,
		                       "no file of %s: name it with --%s or `file:`",
		                       lacking ? "predictions" : "labels",
		                       lacking ? "predictions" : "labels");
	if (range && (range->offsets || tide_range_needs_last(range)))
		return tide_error_stop(error, TIDE_ERROR_USAGE,
		                       "--range of files is of times: offsets, and times before the "
		                       "last record, are those of topics (--from kafka)");
	if (range && times_take(range, 0, &config->window, setup, error))
		return -1;
	return tide_file_source_open(config->has_predictions ? predictions : NULL,
	                             config->has_labels ? labels : NULL, &setup->source, error);
}

static int
throttle_put(const char *text, struct tide_worker_setup *setup, struct tide_error *error)
{
	struct tide_throttle throttle;

	if (!tide_throttle_read(text, &throttle))
		return tide_error_stop(error, TIDE_ERROR_USAGE,
		                       "--throttle is records or bytes a second: 5000/s, 10MB/s; "
		                       "this is \"%s\"",
		                       text);
	return tide_throttle_wrap(&setup->source, &throttle, now_ms, NULL, error);
}

int
tide_replay_input_open(const struct tide_config *config, const struct tide_replay *replay,
                       struct tide_worker_setup *setup, struct tide_error *error)
{
	const char *predictions =
	        replay->predictions ? replay->predictions : config->predictions.file;
	const char *labels = replay->labels ? replay->labels : config->labels.file;
	bool files = (!config->has_predictions || predictions) && (!config->has_labels || labels);
	struct tide_range range;
	const struct tide_range *wanted = replay->range ? &range : NULL;

	if (replay->from && strcmp(replay->from, "kafka") != 0 && strcmp(replay->from, "files") != 0)
		return tide_error_stop(error, TIDE_ERROR_USAGE, "--from is files or kafka");
	if (wanted && tide_range_read(replay->range, &range, error))
		return -1;
	int failed = (replay->from ? strcmp(replay->from, "kafka") == 0 : !files)
	                     ? topics_open(config, wanted, setup, error)
	                     : files_open(config, predictions, labels, wanted, setup, error);
	if (failed || !replay->throttle || !throttle_put(replay->throttle, setup, error))
		return failed;
	setup->source->ops->close(setup->source);
	setup->source = NULL;
	return -1;
}
