#include "app/command.h"
#include "app/repartition.h"
#include "app/service.h"
#include "base/log.h"
#include "consumer/kafka_admin.h"
#include "consumer/kafka_sink.h"
#include "consumer/kafka_source.h"
#include "schemas/mapping.h"
#include <stdio.h>

#define COMMIT_INTERVAL_MS 1000
#define OUTPUTS_BYTES      ((size_t)256 << 20)

const char tide_command_repartition_help[] =
        "usage: tidemark repartition CONFIG [--instance NAME]\n\n"
        "Puts predictions and labels whose producers put keys apart into two topics by their ids,\n"
        "for `tidemark run` of the same config, which says inputs: {repartition: true}.\n"
        "Each record is there once, whatever happens to the process; what the mapping does not\n"
        "name is left out. SIGTERM and SIGINT end it after a clean commit, with code 130; 75 asks\n"
        "to be started again, 76 says that another one with this name took over.\n\n"
        "One process keeps the order of event times over all partitions. More, each by a name of\n"
        "its own, share the partitions; window.out_of_orderness then covers how far one may be\n"
        "behind another.\n\n"
        "  tidemark check --create-topics fraud.yaml\n"
        "  tidemark repartition fraud.yaml\n"
        "  tidemark run fraud.yaml\n";

/* The sink stays; the source is taken anew whenever a transaction was given up. */
static int
records_forward(const struct tide_service_names *names, struct tide_repartition_setup *setup,
		struct tide_repartition_summary *summary, struct tide_error *error)
{
	const struct tide_config *config = setup->config;
	struct tide_kafka_options options = {.properties = config->kafka,
	                                     .group = names->group,
	                                     .instance = names->worker,
	                                     .predictions_topic = config->predictions.origin_topic,
	                                     .labels_topic = config->labels.origin_topic,
	                                     .start = (enum tide_kafka_start)config->start,
	                                     .start_ms = {config->start_ms, config->start_ms},
	                                     .end_ms = INT64_MAX,
	                                     .revoke = tide_repartition_revoke,
	                                     .context = setup};

	for (;;) {
		tide_service_beat(NULL);
		if (tide_kafka_source_open(&options, &setup->source, error))
			return -1;
		tide_kafka_sink_follow(setup->sink, setup->source);
		int failed = tide_repartition_run(setup, summary, error);
		setup->source->ops->close(setup->source);
		if (!failed || error->remedy != TIDE_ABORT_TRANSACTION || tide_service_stop)
			return failed;
		tide_log(TIDE_LOG_WARN, "repartition", "%s; reading again from the last commit",
			 error->text);
	}
}

static void
summary_print(const struct tide_repartition_summary *summary)
{
	static const char *const roles[] = {"predictions", "labels"};

	for (size_t role = 0; role < 2; role++)
		printf("%-12s %llu put by id, %llu of them as they were, for they cannot be read\n",
		       roles[role], (unsigned long long)summary->given[role],
		       (unsigned long long)summary->refused[role]);
	printf("%.1f MiB became %.1f MiB\n", (double)summary->bytes_read / (1 << 20),
	       (double)summary->bytes_given / (1 << 20));
}

static int
repartition_with(const struct tide_config *config, const struct tide_service_names *names,
		 struct tide_error *error)
{
	struct tide_repartition_summary summary = {0};
	struct tide_kafka_topic topic = {.name = config->predictions.topic};
	struct tide_kafka_sink_options outputs = {
	        .properties = config->kafka,
	        .transactional_id = names->worker,
	        .topics = {[TIDE_LETTER_PREDICTION] = config->predictions.topic,
	                   [TIDE_LETTER_LABEL] = config->labels.topic},
	        .cap_bytes = OUTPUTS_BYTES};
	struct tide_repartition_setup setup = {.config = config,
					       .stop = &tide_service_stop,
					       .commit_interval_ms = COMMIT_INTERVAL_MS,
					       .heartbeat = tide_service_beat};

	if (tide_command_topics_require(config, error) ||
	    tide_kafka_admin_describe(config->kafka, &topic, 1, error) ||
	    tide_kafka_sink_open(&outputs, &setup.sink, error))
		return -1;
	setup.partitions = topic.partitions;
	setup.columns = tide_mapping_columns_new();
	int failed = setup.columns ? records_forward(names, &setup, &summary, error)
	                           : tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	summary_print(&summary);
	tide_mapping_columns_free(setup.columns);
	setup.sink->ops->close(setup.sink);
	return failed;
}

int
tide_command_repartition(int argc, char **argv)
{
	const char *path = NULL, *instance = NULL;
	const struct tide_command_option options[] = {{"--instance", &instance, NULL}, {0}};
	struct tide_service_names names;
	struct tide_error error = {0};
	struct tide_config *config;

	if (!tide_command_options(argc, argv, options, &path, tide_command_repartition_help))
		return TIDE_ERROR_USAGE;
	if (tide_config_load(path, &config, &error))
		return tide_command_failure(&error);
	tide_service_signals(false);
	int failed = config->repartition
	                 ? tide_service_names(config, "-repartition", instance, &names, &error)
	                 : tide_error_stop(&error, TIDE_ERROR_CONFIG,
	                                   "%s: nothing is to be repartitioned; where producers put "
	                                   "keys apart, write `inputs: {repartition: true}`",
	                                   config->path);
	if (!failed)
		failed = repartition_with(config, &names, &error);
	tide_config_free(config);
	return failed ? tide_command_failure(&error) : 0;
}
