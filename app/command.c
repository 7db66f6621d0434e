#include "app/command.h"
#include "alerts/encode.h"
#include "app/worker.h"
#include "consumer/file_sink.h"
#include "consumer/file_source.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

const char tide_command_demo_help[] =
        "usage: tidemark demo [CONFIG]\n\n"
        "Replays a year of real bike-demand forecasts (examples/bikes/bikes.yaml, or CONFIG),\n"
        "prints the alerts and leaves results and alerts in ./tidemark-demo.\n\n"
        "  tidemark demo\n";

const char tide_command_replay_help[] =
        "usage: tidemark replay CONFIG [OPTIONS]\n\n"
        "Runs files through the engine. A file of an option stands for that of the config;\n"
        "- is standard input or output; .gz and .zst are read as they are.\n\n"
        "  --predictions FILE   --labels FILE         read\n"
        "  --results FILE       --alerts FILE         written, as JSON lines\n"
        "  --dead-letters FILE                        records that could not be read\n\n"
        "  tidemark replay examples/bikes/bikes.yaml --alerts -\n"
        "  zcat more.gz | tidemark replay model.yaml --predictions - --results results.jsonl\n";

struct replay {
	const char *config, *predictions, *labels, *results, *alerts, *dead_letters;
	bool print_alerts;
};

static int
failure_print(const struct tide_error *error)
{
	fprintf(stderr, "tidemark: %s\n", error->text);
	return (int) error->code;
}

static void
alert_print(void *closure, const struct tide_alert *alert, const char *json)
{
	static const char *const states[] = {"firing", "resolved"};

	(void) closure;
	(void) json;
	printf("%-8s %-8s %s: %s is %g, the threshold %g\n", states[alert->state],
	       alert->rule->severity, alert->rule->name, alert->finding->detector->name,
	       alert->finding->value, alert->threshold);
}

static void
summary_print(const struct tide_worker_summary *summary, const struct tide_sink *sink)
{
	static const char *const roles[] = {"predictions", "labels"};
	static const char *const names[TIDE_OUTCOMES] = {
	        "accepted",  "matched", "duplicate", "conflict", "corrected", "unmatched",
	        "before start", "late",    "future",    "poison",   "waiting"};

	for (size_t role = 0; role < 2; role++) {
		printf("%s: %llu read", roles[role], (unsigned long long) summary->read[role]);
		for (size_t i = 0; i < TIDE_OUTCOMES; i++)
			if (summary->outcomes[role][i])
				printf(", %llu %s",
				       (unsigned long long) summary->outcomes[role][i], names[i]);
		puts("");
	}
	printf("%llu results, %llu alerts", (unsigned long long) summary->results,
	       (unsigned long long) summary->alerts);
	if (sink->unplaced[TIDE_LETTER_DEAD])
		printf(", %llu dead letters without a place",
		       (unsigned long long) sink->unplaced[TIDE_LETTER_DEAD]);
	printf("\npending predictions and windows held at most %.1f MiB\n",
	       (double) summary->memory_peak_bytes / (1 << 20));
}

static int
replay_with(const struct tide_config *config, const struct replay *replay,
            struct tide_worker_setup *setup, struct tide_error *error)
{
	struct tide_worker_summary summary;
	const char *predictions =
	        replay->predictions ? replay->predictions : config->predictions.file;
	const char *labels = replay->labels ? replay->labels : config->labels.file;

	if (config->has_predictions && !predictions)
		return tide_error_stop(error, TIDE_ERROR_USAGE,
		                       "no predictions: name a file with --predictions or "
		                       "inputs.predictions.file");
	if (config->has_labels && !labels)
		return tide_error_stop(error, TIDE_ERROR_USAGE,
		                       "no labels: name a file with --labels or inputs.labels.file");
	if (tide_file_source_open(config->has_predictions ? predictions : NULL,
	                          config->has_labels ? labels : NULL, &setup->source, error))
		return -1;
	int failed = tide_file_sink_open(
	        replay->results ? replay->results : config->results.file,
	        replay->alerts ? replay->alerts : config->alerts.file,
	        replay->dead_letters ? replay->dead_letters : config->dead_letters.file,
	        &setup->sink, error);
	if (!failed) {
		failed = tide_worker_run(setup, &summary, error);
		if (!failed)
			summary_print(&summary, setup->sink);
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
	struct tide_reference *reference = NULL;
	struct tide_worker_setup setup = {.on_alert = replay->print_alerts ? alert_print : NULL};

	if (tide_config_load(replay->config, &config, &error))
		return failure_print(&error);
	if (getrandom(&setup.seed, sizeof setup.seed, 0) != sizeof setup.seed)
		setup.seed = 0;
	setup.config = config;
	setup.columns = tide_mapping_columns_new();
	int failed = setup.columns
	                     ? tide_worker_reference(config, setup.columns, &reference, &error)
	                     : tide_error_stop(&error, TIDE_ERROR_MEMORY, "out of memory");
	setup.reference = reference;
	if (!failed)
		failed = replay_with(config, replay, &setup, &error);
	tide_reference_free(reference);
	tide_mapping_columns_free(setup.columns);
	tide_config_free(config);
	return failed ? failure_print(&error) : 0;
}

int
tide_command_replay(int argc, char **argv)
{
	struct replay replay = {.print_alerts = true};
	const struct {
		const char *name;
		const char **value;
	} options[] = {{"--predictions", &replay.predictions},
	               {"--labels", &replay.labels},
	               {"--results", &replay.results},
	               {"--alerts", &replay.alerts},
	               {"--dead-letters", &replay.dead_letters}};

	for (int i = 0; i < argc; i++) {
		size_t option = 0, count = sizeof options / sizeof *options;
		while (option < count && strcmp(argv[i], options[option].name) != 0)
			option++;
		if (option < count && i + 1 < argc) {
			*options[option].value = argv[++i];
		} else if (argv[i][0] != '-' && !replay.config) {
			replay.config = argv[i];
		} else {
			fprintf(stderr, "tidemark: replay does not know \"%s\"\n", argv[i]);
			return TIDE_ERROR_USAGE;
		}
	}
	if (!replay.config) {
		fprintf(stderr, "usage: tidemark replay CONFIG [--predictions F] [--labels F] "
		                "[--results F] [--alerts F] [--dead-letters F]\n");
		return TIDE_ERROR_USAGE;
	}
	return replay_run(&replay);
}

/* The demo is a replay of the example and nothing else: no data and no rules of its own. */
int
tide_command_demo(int argc, char **argv)
{
	struct replay replay = {.config = "examples/bikes/bikes.yaml",
	                        .results = "tidemark-demo/results.jsonl",
	                        .alerts = "tidemark-demo/alerts.jsonl",
	                        .print_alerts = true};

	if (argc == 1 && argv[0][0] != '-')
		replay.config = argv[0];
	mkdir("tidemark-demo", 0755);
	int code = replay_run(&replay);
	if (code == 0)
		printf("results: %s\nalerts:  %s\nconfig:  %s\nnext:    tidemark replay %s --alerts -\n",
		       replay.results, replay.alerts, replay.config, replay.config);
	return code;
}
