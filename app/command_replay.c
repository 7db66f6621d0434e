#include "app/command.h"
#include "app/progress.h"
#include "app/replay.h"
#include "report/page.h"
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PROGRESS_BYTES 256

struct watch {
	int64_t started_ms, said_ms; /* 0: nothing yet */
	int64_t window_end_ms;
	const struct tide_worker_summary *summary;
	bool shows; /* stderr is a terminal */
};

/* Who looks on while a replay runs. */
struct audience {
	struct watch watch;
	struct tide_encode_context context;
	struct tide_page *page; /* or NULL */
	FILE *out;              /* lines for people: stderr where records go to stdout */
};

static int64_t
steady_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
progress_show(void *closure, double share)
{
	struct watch *watch = &((struct audience *) closure)->watch;
	struct tide_buffer line;

	if (!watch->shows)
		return;
	int64_t now_ms = steady_ms();
	if (now_ms - watch->said_ms < 1000)
		return;
	watch->said_ms = now_ms;
	struct tide_progress progress = {share, watch->summary->read[0] + watch->summary->read[1],
	                                 now_ms - watch->started_ms, watch->window_end_ms};
	tide_text_buffer_init(&line, PROGRESS_BYTES);
	tide_progress_print(&line, &progress);
	fprintf(stderr, "\r%.*s \033[K", (int) line.length, line.bytes ? line.bytes : "");
	tide_text_buffer_fini(&line);
}

static void
result_show(void *closure, const struct tide_evidence *evidence,
            const struct tide_finding *findings, size_t count)
{
	struct audience *audience = closure;

	if (evidence->end_ms > audience->watch.window_end_ms)
		audience->watch.window_end_ms = evidence->end_ms;
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
audience_open(const struct tide_replay *replay, struct tide_worker_setup *setup,
              struct audience *audience, struct tide_error *error)
{
	const struct tide_config *config = setup->config;

	*audience = (struct audience){
	        .watch = {.started_ms = steady_ms(),
	                  .window_end_ms = INT64_MIN,
	                  .shows = isatty(STDERR_FILENO)},
	        .context = {config->name, config->hash,
	                    setup->reference ? tide_reference_id(setup->reference) : NULL,
	                    config->segments, config->segment_count},
	        .out = is_stdout(replay->results) || is_stdout(replay->alerts) ||
	                               is_stdout(replay->dead_letters)
	                       ? stderr
	                       : stdout};
	setup->on_result = result_show;
	setup->on_alert = alert_show;
	setup->on_progress = progress_show;
	setup->closure = audience;
	if (!replay->report)
		return 0;
	audience->page = tide_page_new(&audience->context);
	return audience->page ? 0 : tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
}

static int
replay_with(const struct tide_config *config, struct tide_replay *replay,
            struct tide_worker_setup *setup, struct tide_error *error)
{
	struct audience *audience = setup->closure;
	struct tide_worker_summary summary = {0};

	audience->watch.summary = &summary;
	if (tide_replay_input_open(config, replay, setup, error))
		return -1;
	int failed = tide_replay_output_open(config, replay, setup, error);
	if (!failed) {
		failed = tide_worker_run(setup, &summary, error);
		if (audience->watch.said_ms)
			fputs("\r\033[K", stderr);
		if (!failed)
			failed = tide_replay_output_end(replay, setup->sink, error);
		if (!failed)
			tide_command_summary(audience->out, &summary, setup->sink);
		setup->sink->ops->close(setup->sink);
	}
	setup->source->ops->close(setup->source);
	return failed;
}

static int
replay_run(struct tide_replay *replay)
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
        "usage: tidemark replay CONFIG [OPTIONS]\n\n"
        "Runs files, or what topics hold, through the engine: the answers are those of `run`.\n\n"
        "  --predictions F, --labels F  files to read; else `file:`s of the config, else topics\n"
        "  --from files|kafka           where to read, whatever the config names\n"
        "  --range FROM..UNTIL          judges the windows that [FROM, UNTIL) touches: dates, RFC\n"
        "                               3339, ms, or -2h before the last record; @FROM:UNTIL and\n"
        "                               offsets (100:200, +100, -100) as rpk spells them\n"
        "  --throttle 5000/s|10MB/s     takes no more records, or bytes, a second\n"
        "  --results F, --alerts F, --dead-letters F\n"
        "                               where records go; - is stdout, people then read stderr\n"
        "  --results-topic T, --alerts-topic T, --dead-letters-topic T\n"
        "                               or topics, in transactions of the run\n"
        "  --run-id NAME                stands in the headers of records in topics\n"
        "  --to-live-topics             lets T be a topic that `run` writes\n"
        "  --resume                     goes on with the files, or with the run, of a replay\n"
        "                               that was cut off\n"
        "  --report F.html              writes one page for people\n\n"
        "  tidemark replay examples/bikes/bikes.yaml --alerts -\n"
        "  tidemark replay fraud.yaml --from kafka --range 2026-03-01..2026-04-01 --results r\n"
        "  tidemark replay fraud.yaml --from kafka --range -7d --throttle 20MB/s --results r\n";

int
tide_command_replay(int argc, char **argv)
{
	struct tide_replay replay = {0};
	const struct tide_command_option options[] = {
	        {"--predictions", &replay.predictions, NULL},
	        {"--labels", &replay.labels, NULL},
	        {"--results", &replay.results, NULL},
	        {"--alerts", &replay.alerts, NULL},
	        {"--dead-letters", &replay.dead_letters, NULL},
	        {"--results-topic", &replay.results_topic, NULL},
	        {"--alerts-topic", &replay.alerts_topic, NULL},
	        {"--dead-letters-topic", &replay.dead_letters_topic, NULL},
	        {"--run-id", &replay.run_id, NULL},
	        {"--to-live-topics", NULL, &replay.to_live_topics},
	        {"--resume", NULL, &replay.resume},
	        {"--from", &replay.from, NULL},
	        {"--range", &replay.range, NULL},
	        {"--throttle", &replay.throttle, NULL},
	        {"--report", &replay.report, NULL},
	        {0}};

	if (!tide_command_options(argc, argv, options, &replay.config, tide_command_replay_help))
		return TIDE_ERROR_USAGE;
	return replay_run(&replay);
}
