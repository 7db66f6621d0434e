#include "app/command.h"
#include "app/worker.h"
#include "base/log.h"
#include "consumer/file_sink.h"
#include "consumer/file_source.h"
#include "consumer/kafka_source.h"
#include "report/page.h"
#include "schemas/stamp.h"
#include "windowing/clock.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct replay {
	const char *config, *predictions, *labels, *results, *alerts, *dead_letters, *from, *range,
	        *report;
};

struct progress {
	time_t started, said;
	bool shows; /* stderr is a terminal */
};

/* Who looks on while a replay runs. */
struct audience {
	struct progress progress;
	struct tide_encode_context context;
	struct tide_page *page; /* or NULL */
	FILE *out;              /* lines for people: stderr where records go to stdout */
};

static void
progress_print(void *closure, double share)
{
	struct progress *progress = &((struct audience *) closure)->progress;
	time_t now = time(NULL);

	if (!progress->shows || now == progress->said || !(share > 0))
		return;
	progress->said = now;
	double left_s = (double) (now - progress->started) * (1 - share) / share;
	fprintf(stderr, "\rreplayed %.0f %%, %.0f s left \033[K", 100 * share, left_s);
}

static void
result_show(void *closure, const struct tide_evidence *evidence,
            const struct tide_finding *findings, size_t count)
{
	struct audience *audience = closure;

	if (audience->page)
		tide_page_result(audience->page, evidence, findings, count);
}

static void
alert_show(void *closure, const struct tide_alert *alert, struct tide_text message)
{
	struct audience *audience = closure;

	if (audience->page)
		tide_page_alert(audience->page, alert);
	tide_command_alert_print(audience->out, alert, message);
}

static bool
is_stdout(const char *path)
{
	return path && strcmp(path, "-") == 0;
}

static int
audience_open(const struct replay *replay, struct tide_worker_setup *setup,
              struct audience *audience, struct tide_error *error)
{
	const struct tide_config *config = setup->config;

	*audience = (struct audience){
	        .progress = {.started = time(NULL), .shows = isatty(STDERR_FILENO)},
	        .context = {config->name, config->hash,
	                    setup->reference ? tide_reference_id(setup->reference) : NULL,
	                    config->segments, config->segment_count},
	        .out = is_stdout(replay->results) || is_stdout(replay->alerts) ||
	                               is_stdout(replay->dead_letters)
	                       ? stderr
	                       : stdout};
	setup->on_result = result_show;
	setup->on_alert = alert_show;
	setup->on_progress = progress_print;
	setup->closure = audience;
	if (!replay->report)
		return 0;
	audience->page = tide_page_new(&audience->context);
	return audience->page ? 0 : tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
}

/* One end of --range: RFC 3339, a date, or milliseconds. */
static bool
time_read(const char *text, size_t length, int64_t *time_ms)
{
	struct tide_text whole = {text, length};
	char midnight[32];

	if (tide_stamp_integer(whole, time_ms) ||
	    tide_stamp_read(whole, TIDE_TIME_RFC3339, time_ms) == TIDE_STAMP_OK)
		return true;
	snprintf(midnight, sizeof midnight, "%.*sT00:00:00Z", (int) (length < 16 ? length : 16), text);
	return tide_stamp_read(tide_text_of(midnight), TIDE_TIME_RFC3339, time_ms) == TIDE_STAMP_OK;
}

/* SPEC 5.6: widened to whole windows. */
static int
range_read(const char *range, const struct tide_window_options *window,
           struct tide_worker_setup *setup, struct tide_error *error)
{
	const char *dots = range ? strstr(range, "..") : NULL;
	int64_t from_ms, until_ms;

	if (!range)
		return 0;
	if (!dots || !time_read(range, (size_t) (dots - range), &from_ms) ||
	    !time_read(dots + 2, strlen(dots + 2), &until_ms) || from_ms >= until_ms)
		return tide_error_stop(error, TIDE_ERROR_USAGE,
		                       "--range is FROM..UNTIL, two dates, RFC 3339 times or "
		                       "milliseconds, the later one second; this is \"%s\"",
		                       range);
	setup->from_ms = tide_clock_window(window, from_ms);
	setup->until_ms = tide_clock_window(window, until_ms - 1) + window->size_ms;
	return 0;
}

static int
topics_open(const struct tide_config *config, struct tide_worker_setup *setup,
            struct tide_error *error)
{
	const struct tide_window_options *window = &config->window;
	struct tide_kafka_options options = {
	        .properties = config->kafka,
	        .predictions_topic = config->has_predictions ? config->predictions.topic : NULL,
	        .labels_topic = config->has_labels ? config->labels.topic : NULL,
	        .start = TIDE_KAFKA_EARLIEST,
	        .bounded = true,
	        .end_ms = INT64_MAX};

	if ((config->has_predictions && !config->predictions.topic) ||
	    (config->has_labels && !config->labels.topic))
		return tide_error_stop(error, TIDE_ERROR_USAGE,
		                       "no place to read from: name files with --predictions and "
		                       "--labels, or `file:` or `topic:` for each of `inputs:`");
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
input_open(const struct tide_config *config, const struct replay *replay,
           struct tide_worker_setup *setup, struct tide_error *error)
{
	const char *predictions =
	        replay->predictions ? replay->predictions : config->predictions.file;
	const char *labels = replay->labels ? replay->labels : config->labels.file;
	bool files = (!config->has_predictions || predictions) && (!config->has_labels || labels);

	if (replay->from && strcmp(replay->from, "kafka") != 0 && strcmp(replay->from, "files") != 0)
		return tide_error_stop(error, TIDE_ERROR_USAGE, "--from is files or kafka");
	if (replay->from ? strcmp(replay->from, "kafka") == 0 : !files)
		return topics_open(config, setup, error);
	if (!files)
		return tide_error_stop(error, TIDE_ERROR_USAGE,
		                       "no file of %s: name it with --%s or `file:`",
		                       predictions ? "labels" : "predictions",
		                       predictions ? "labels" : "predictions");
	return tide_file_source_open(config->has_predictions ? predictions : NULL,
	                             config->has_labels ? labels : NULL, &setup->source, error);
}

static int
replay_with(const struct tide_config *config, const struct replay *replay,
            struct tide_worker_setup *setup, struct tide_error *error)
{
	const struct audience *audience = setup->closure;
	struct tide_worker_summary summary = {0};

	if (range_read(replay->range, &config->window, setup, error) ||
	    input_open(config, replay, setup, error))
		return -1;
	int failed = tide_file_sink_open(
	        replay->results ? replay->results : config->results.file,
	        replay->alerts ? replay->alerts : config->alerts.file,
	        replay->dead_letters ? replay->dead_letters : config->dead_letters.file,
	        &setup->sink, error);
	if (!failed) {
		failed = tide_worker_run(setup, &summary, error);
		if (audience->progress.said)
			fputs("\r\033[K", stderr);
		if (!failed)
			tide_command_summary(audience->out, &summary, setup->sink);
		setup->sink->ops->close(setup->sink);
	}
	setup->source->ops->close(setup->source);
	return failed;
}

static int
replay_run(const struct replay *replay)
{
	struct tide_error error = {0};
	struct tide_config *config;
	struct tide_worker_setup setup = {0};
	struct audience audience = {0};

	if (tide_config_load(replay->config, &config, &error))
		return tide_command_failure(&error);
	int failed = tide_command_prepare(config, &setup, &error);
	if (!failed)
		failed = audience_open(replay, &setup, &audience, &error);
	if (!failed)
		failed = replay_with(config, replay, &setup, &error);
	if (!failed && audience.page)
		failed = tide_page_write(audience.page, replay->report, &error);
	tide_page_free(audience.page);
	tide_command_release(&setup);
	tide_config_free(config);
	return failed ? tide_command_failure(&error) : 0;
}

const char tide_command_replay_help[] =
        "usage: tidemark replay CONFIG [--predictions F] [--labels F] [--results F] [--alerts F]\n"
        "                       [--dead-letters F] [--from files|kafka] [--range FROM..UNTIL]\n"
        "                       [--report F.html]\n\n"
        "Runs files, or what topics hold, through the engine: the answers are those of `run`.\n"
        "Files are read where they are named here or in the config, topics otherwise; - is stdin\n"
        "or stdout (what people read then goes to stderr). --range judges the windows that\n"
        "[FROM, UNTIL) touches; its ends are dates, RFC 3339 times or milliseconds. --report\n"
        "writes one page for people.\n\n"
        "  tidemark replay examples/bikes/bikes.yaml --alerts -\n"
        "  tidemark replay fraud.yaml --from kafka --range 2026-03-01..2026-04-01 --results r\n";

int
tide_command_replay(int argc, char **argv)
{
	struct replay replay = {0};
	const struct tide_command_option options[] = {{"--predictions", &replay.predictions, NULL},
	                                              {"--labels", &replay.labels, NULL},
	                                              {"--results", &replay.results, NULL},
	                                              {"--alerts", &replay.alerts, NULL},
	                                              {"--dead-letters", &replay.dead_letters, NULL},
	                                              {"--from", &replay.from, NULL},
	                                              {"--range", &replay.range, NULL},
	                                              {"--report", &replay.report, NULL},
	                                              {0}};

	if (!tide_command_options(argc, argv, options, &replay.config, tide_command_replay_help))
		return TIDE_ERROR_USAGE;
	return replay_run(&replay);
}
