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

struct replay {
	const char *config, *predictions, *labels, *results, *alerts, *dead_letters;
	bool print_alerts;
};

int
tide_command_failure(const struct tide_error *error)
{
	fprintf(stderr, "tidemark: %s\n", error->text);
	return (int) error->code;
}

void
tide_command_alert(void *closure, const struct tide_alert *alert, const char *json)
{
	static const char *const states[] = {"firing", "resolved"};

	(void) closure;
	(void) json;
	printf("%-8s %-8s %s: %s is %g, the threshold %g\n", states[alert->state],
	       alert->rule->severity, alert->rule->name, alert->finding->detector->name,
	       alert->finding->value, alert->threshold);
}

void
tide_command_summary(const struct tide_worker_summary *summary, const struct tide_sink *sink)
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
	struct tide_worker_summary summary = {0};
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
			tide_command_summary(&summary, setup->sink);
		setup->sink->ops->close(setup->sink);
	}
	setup->source->ops->close(setup->source);
	return failed;
}

int
tide_command_prepare(const struct tide_config *config, struct tide_worker_setup *setup,
                     struct tide_error *error)
{
	struct tide_reference *reference = NULL;

	if (getrandom(&setup->seed, sizeof setup->seed, 0) != sizeof setup->seed)
		setup->seed = 0;
	setup->config = config;
	setup->version = TIDE_VERSION;
	setup->from_ms = INT64_MIN;
	setup->until_ms = INT64_MAX;
	setup->columns = tide_mapping_columns_new();
	if (!setup->columns)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	int failed = tide_worker_reference(config, setup->columns, &reference, error);
	setup->reference = reference;
	return failed;
}

void
tide_command_release(struct tide_worker_setup *setup)
{
	tide_reference_free(setup->reference);
	tide_mapping_columns_free(setup->columns);
}

static int
replay_run(const struct replay *replay)
{
	struct tide_error error = {0};
	struct tide_config *config;
	struct tide_worker_setup setup = {.on_alert = replay->print_alerts ? tide_command_alert
	                                                                   : NULL};

	if (tide_config_load(replay->config, &config, &error))
		return tide_command_failure(&error);
	int failed = tide_command_prepare(config, &setup, &error);
	if (!failed)
		failed = replay_with(config, replay, &setup, &error);
	tide_command_release(&setup);
	tide_config_free(config);
	return failed ? tide_command_failure(&error) : 0;
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

int
tide_command_check(int argc, char **argv)
{
	struct tide_error error = {0};
	struct tide_config *config;
	const char *path = NULL;
	bool create = false;
	long partitions = 1;

	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--create-topics") == 0)
			create = true;
		else if (strcmp(argv[i], "--partitions") == 0 && i + 1 < argc)
			partitions = strtol(argv[++i], NULL, 10);
		else if (argv[i][0] != '-' && !path)
			path = argv[i];
		else
			path = "";
	}
	if (!path || !*path || partitions < 1 || partitions > 10000) {
		fprintf(stderr, "usage: tidemark check [--create-topics [--partitions N]] CONFIG\n");
		return TIDE_ERROR_USAGE;
	}
	if (tide_config_load(path, &config, &error))
		return tide_command_failure(&error);
	int code = 0;
	if (create && tide_command_topics_create(config, (int) partitions, &error))
		code = tide_command_failure(&error);
	for (size_t i = 0; i < config->rule_count; i++) {
		if (!tide_detector_find(config->rules[i].metric)) {
			fprintf(stderr, "tidemark: %s:%d: no metric is named \"%s\": see tidemark "
			                "describe\n",
			        config->path, config->rules[i].line, config->rules[i].metric);
			code = TIDE_ERROR_CONFIG;
		}
	}
	if (code == 0)
		printf("%s is fine: %zu rules, config_hash %s\n", path, config->rule_count,
		       config->hash);
	tide_config_free(config);
	return code;
}

int
tide_command_describe(int argc, char **argv)
{
	const struct tide_detector *detector;

	(void) argc;
	(void) argv;
	for (size_t i = 0; (detector = tide_detector_at(i)); i++)
		printf("%s%s%s%s\n    %s, %s [%s]\n    %s\n    %s\n", detector->name,
		       *detector->aliases ? " (" : "", detector->aliases,
		       *detector->aliases ? ")" : "",
		       tide_detector_family_name(detector->family), detector->title, detector->unit,
		       detector->formula, detector->source);
	return 0;
}
