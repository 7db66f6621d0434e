#include "app/avro_sink.h"
#include "app/command.h"
#include "app/reload.h"
#include "app/service.h"
#include "app/state_view.h"
#include "app/worker.h"
#include "base/log.h"
#include "consumer/kafka_admin.h"
#include "consumer/kafka_sink.h"
#include "consumer/kafka_source.h"
#include "report/http.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COMMIT_INTERVAL_MS 1000
#define OUTPUTS_BYTES      ((size_t)256 << 20)
#define HTTP_PORT 9464
#define HTTP_ADDRESS_MAX 64

/* instance: NULL: the config's only worker. */
static int
names_take(const struct tide_config *config, const char *instance, struct tide_service_names *names,
	   struct tide_error *error)
{
	if (tide_service_names(config, "", instance, names, error))
		return -1;
	if (!instance || config->partials_topic)
		return 0;
	return tide_error_stop(
	    error, TIDE_ERROR_CONFIG,
	    "%s: --instance is for one of many workers, and these meet in a topic: write "
	    "`outputs: {partials: {topic: %s-partials}}`, and make it: tidemark check "
	    "--create-topics %s",
	    config->path, config->name, config->path);
}

/* How many partitions the topic has where many workers meet. */
static int
partials_count(const struct tide_config *config, int32_t *count, struct tide_error *error)
{
	struct tide_kafka_topic topic = {.name = config->partials_topic};

	*count = 0;
	if (!config->partials_topic)
		return 0;
	if (tide_kafka_admin_describe(config->kafka, &topic, 1, error))
		return -1;
	*count = topic.partitions;
	return 0;
}

/* Another one goes on in our place, and nothing of ours is true any more: there is nothing to
 * close, and a client that was put out may hang or die in closing. */
static void
run_ends(const struct tide_error *error)
{
	int code = tide_command_failure(error);

	fflush(NULL);
	_exit(code);
}

/* What lasts from the start to the end. The first config does, for the sink, the counters and the
 * pages know its texts. */
struct run {
	struct tide_config *config, *reloaded; /* reloaded: what is in its place, or NULL */
	struct tide_service_names names;
	struct tide_worker_setup setup;
	struct tide_config *next_config; /* what was reloaded, until it is in place; or NULL */
	struct tide_worker_setup next;
};

static int
run_state(void *closure, const int32_t *partitions, size_t count, struct tide_source **source,
          struct tide_error *error)
{
	struct run *run = closure;

	return tide_state_view_source(run->config, partitions, count, source, error);
}

/* Between two transactions: is there another config to go on with? */
static bool
run_reloads(void *closure)
{
	struct run *run = closure;
	struct tide_error error = {0};

	if (!tide_service_reload)
		return false;
	tide_service_reload = 0;
	if (tide_reload(&run->setup, &run->next, &run->next_config, &error)) {
		run->next_config = NULL;
		tide_log(TIDE_LOG_ERROR, "run", "not reloaded, nothing has changed: %s", error.text);
		return false;
	}
	tide_log(TIDE_LOG_INFO, "run", "reloaded %s: %zu rules, config_hash %s", run->config->path,
	         run->next_config->rule_count, run->next_config->hash);
	return true;
}

/* Nothing of the old one is in use any more. */
static void
run_replace(struct run *run)
{
	tide_command_release(&run->setup);
	tide_config_free(run->reloaded);
	run->setup = run->next;
	run->reloaded = run->next_config;
	run->next_config = NULL;
}

/* The sink stays; the source and all that was read are given up and taken anew whenever a
 * transaction was (SPEC 3.4), and where a config was reloaded (SPEC 8.8). */
static int
run_read(struct run *run, struct tide_worker_summary *summary, struct tide_error *error)
{
	struct tide_worker_setup *setup = &run->setup;
	const struct tide_config *config = run->config;
	struct tide_kafka_options options = {
	    .properties = config->kafka,
	    .group = run->names.group,
	    .instance = run->names.worker,
	    .predictions_topic = config->has_predictions ? config->predictions.topic : NULL,
	    .labels_topic = config->has_labels ? config->labels.topic : NULL,
	    .partials_topic = config->partials_topic,
	    /* what was repartitioned begins where the inputs were begun with */
	    .start = config->repartition ? TIDE_KAFKA_EARLIEST
	                                  : (enum tide_kafka_start)config->start,
	    .start_ms = {config->start_ms, config->start_ms},
	    .end_ms = INT64_MAX,
	    .start_at = tide_worker_snapshot_start,
	    .revoke = tide_worker_live_revoke,
	    .context = setup->revoke};

	for (;;) {
		tide_service_beat(NULL);
		if (tide_kafka_source_open(&options, &setup->source, error))
			return -1;
		tide_kafka_sink_follow(tide_avro_sink_behind(setup->sink), setup->source);
		int failed = tide_worker_run(setup, summary, error);
		if (failed && error->code == TIDE_ERROR_REPLACED)
			run_ends(error);
		setup->source->ops->close(setup->source);
		if (!failed) {
			run_replace(run);
			continue;
		}
		if (error->remedy != TIDE_ABORT_TRANSACTION || tide_service_stop)
			return failed;
		tide_log(TIDE_LOG_WARN, "run", "%s; reading again from the last commit",
			 error->text);
	}
}

static int
run_with(struct run *run, struct tide_error *error)
{
	const struct tide_config *config = run->config;
	struct tide_worker_setup *setup = &run->setup;
	struct tide_worker_summary summary = {0};
	struct tide_worker_revoke revoke = {0};
	struct tide_kafka_sink_options outputs = {
	        .properties = config->kafka,
	        .transactional_id = run->names.worker,
	        .topics = {[TIDE_LETTER_RESULT] = config->results.topic,
	                   [TIDE_LETTER_ALERT] = config->alerts.topic,
	                   [TIDE_LETTER_DEAD] = config->dead_letters.topic,
	                   [TIDE_LETTER_STATE] = config->state_topic,
	                   [TIDE_LETTER_PARTIAL] = config->partials_topic},
	        .cap_bytes = OUTPUTS_BYTES};
	if (tide_command_topics_require(config, error) ||
	    partials_count(config, &setup->partials_count, error) ||
	    tide_kafka_sink_open(&outputs, &setup->sink, error))
		return -1;
	setup->revoke = &revoke;
	int failed = tide_avro_sink_wrap(&setup->sink, config, error);
	if (!failed)
		failed = run_read(run, &summary, error);
	tide_command_summary(stdout, &summary, setup->sink);
	setup->sink->ops->close(setup->sink);
	return failed;
}

/* "PORT", "ADDRESS:PORT", "[ADDRESS]:PORT"; the address goes into room. */
static bool
place_read(const char *place, char room[HTTP_ADDRESS_MAX], struct tide_http_options *options)
{
	const char *colon = strrchr(place, ':'), *port = colon ? colon + 1 : place;
	size_t length = colon ? (size_t) (colon - place) : 0;
	char *end;
	unsigned long number = strtoul(port, &end, 10);

	if (*port < '0' || *port > '9' || *end || number > UINT16_MAX || length >= HTTP_ADDRESS_MAX)
		return false;
	if (length > 1 && place[0] == '[' && place[length - 1] == ']') {
		place++;
		length -= 2;
	}
	memcpy(room, place, length);
	room[length] = 0;
	options->address = length ? room : NULL;
	options->port = (uint16_t) number;
	return true;
}

/* A port that nobody asked for may be taken: then there is none. */
static int
http_open(const struct tide_config *config, const char *place, const struct tide_counters *counters,
          struct tide_http **http, struct tide_error *error)
{
	static char room[HTTP_ADDRESS_MAX];
	struct tide_http_options options = {.port = HTTP_PORT,
	                                    .name = config->name,
	                                    .version = TIDE_VERSION,
	                                    .stall_ms = TIDE_SERVICE_STALL_S * 1000};

	*http = NULL;
	if (place && strcmp(place, "off") == 0)
		return 0;
	if (place && !place_read(place, room, &options))
		return tide_error_stop(error, TIDE_ERROR_USAGE,
		                       "--http is PORT, ADDRESS:PORT or off, not \"%s\"", place);
	if (tide_http_open(&options, counters, http, error) == 0) {
		tide_log(TIDE_LOG_INFO, "run", "http on %s:%d: /metrics /healthz /readyz",
		         options.address ? options.address : "127.0.0.1", tide_http_port(*http));
		return 0;
	}
	if (place)
		return -1;
	tide_log(TIDE_LOG_WARN, "run", "no http: %s; say --http PORT, or --http off", error->text);
	return 0;
}

const char tide_command_run_help[] =
        "usage: tidemark run CONFIG [--instance NAME] [--http [ADDRESS:]PORT | --http off]\n\n"
        "Watches the topics of a config, and sends results, alerts and dead letters in\n"
        "transactions with the positions that were read: after a crash it goes on as if\n"
        "nothing had been. SIGTERM and SIGINT end it after a clean commit, with code 130; 75\n"
        "asks to be started again, 76 says that another worker with this name took over.\n"
        "SIGHUP reads the config again: rules, alerting, detectors and memory change between two\n"
        "transactions; what cannot change, or is wrong, is refused, and nothing changes.\n\n"
        "Over HTTP, at 127.0.0.1:9464 unless told: /metrics for Prometheus, /healthz, /readyz.\n\n"
        "Where the config has outputs.partials, many workers share the partitions, each by a name\n"
        "of its own that it keeps over restarts: --instance, 1 to 64 of A-Z a-z 0-9 . _ -\n\n"
        "  tidemark check --create-topics --partitions 4 fraud.yaml\n"
        "  tidemark run fraud.yaml\n"
        "  tidemark run fraud.yaml --instance \"$HOSTNAME\"\n";

int
tide_command_run(int argc, char **argv)
{
	const char *path = NULL, *place = NULL, *instance = NULL;
	const struct tide_command_option options[] = {{"--http", &place, NULL},
						      {"--instance", &instance, NULL},
						      {0}};
	struct tide_counters counters;
	struct tide_http *http = NULL;
	struct tide_error error = {0};
	struct run run = {.setup = {.on_alert = tide_command_alert,
	                            .live = true,
	                            .stop = &tide_service_stop,
	                            .leaves = run_reloads,
	                            .commit_interval_ms = COMMIT_INTERVAL_MS,
	                            .heartbeat = tide_service_beat,
	                            .state_open = run_state, /* the sink is open: nothing is unfinished */
	                            .closure = &run,
	                            .counters = &counters}};

	if (!tide_command_options(argc, argv, options, &path, tide_command_run_help))
		return TIDE_ERROR_USAGE;
	if (tide_config_load(path, &run.config, &error))
		return tide_command_failure(&error);
	tide_service_signals(true);
	const struct tide_config *config = run.config;
	run.setup.snapshot_interval_ms = config->snapshot_interval_ms;
	tide_counters_start(&counters);
	counters.topics[TIDE_PREDICTIONS] = config->has_predictions ? config->predictions.topic : NULL;
	counters.topics[TIDE_LABELS] = config->has_labels ? config->labels.topic : NULL;
	int failed = names_take(config, instance, &run.names, &error);
	if (!failed)
		failed = http_open(config, place, &counters, &http, &error);
	if (!failed)
		failed = tide_command_prepare(config, &run.setup, &error);
	if (!failed)
		failed = run_with(&run, &error);
	tide_http_close(http);
	tide_command_release(&run.setup);
	tide_config_free(run.reloaded);
	tide_config_free(run.config);
	return failed ? tide_command_failure(&error) : 0;
}
