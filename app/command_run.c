#include "app/avro_sink.h"
#include "app/command.h"
#include "app/worker.h"
#include "base/log.h"
#include "consumer/kafka_sink.h"
#include "consumer/kafka_source.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define COMMIT_INTERVAL_MS 1000
#define OUTPUTS_BYTES      ((size_t)256 << 20)
#define WATCHDOG_S         240 /* a commit retries for ever; nothing it waits for takes so long */
#define IDENTITY_MAX       256

/* The names that we go by at the broker. One identity a config: a second worker with it takes over,
 * and the first one ends (exit 76). */
struct identity {
	char group[IDENTITY_MAX], worker[IDENTITY_MAX];
};

static volatile sig_atomic_t run_stop;

static void
run_stops(int number)
{
	(void)number;
	run_stop = 1;
}

static void
run_hangs(int number)
{
	static const char text[] = "tidemark: nothing has moved for 240 s: restart me\n";

	(void)number;
	(void)!write(2, text, sizeof text - 1);
	_exit(TIDE_ERROR_RESTART);
}

static void
run_beats(void *closure)
{
	(void)closure;
	alarm(WATCHDOG_S);
}

static void
signals_take(void)
{
	struct sigaction stop = {.sa_handler = run_stops}, hang = {.sa_handler = run_hangs};

	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGALRM, &hang, NULL);
}

static void
identity_take(const struct tide_config *config, struct identity *identity)
{
	const struct {
		const char *property;
		char *name;
	} names[] = {{"group.id=", identity->group}, {"transactional.id=", identity->worker}};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		size_t length = strlen(names[i].property);
		snprintf(names[i].name, IDENTITY_MAX, "tidemark-%s", config->name);
		for (const char *const *given = config->kafka; *given; given++)
			if (strncmp(*given, names[i].property, length) == 0)
				snprintf(names[i].name, IDENTITY_MAX, "%s", *given + length);
	}
}

/* The sink is open: what a worker before us left unfinished has been aborted. */
static int
state_open(void *closure, struct tide_source **source, struct tide_error *error)
{
	const struct tide_config *config = closure;
	struct tide_kafka_options options = {.properties = config->kafka,
	                                     .predictions_topic = config->state_topic,
	                                     .start = TIDE_KAFKA_EARLIEST,
	                                     .bounded = true,
	                                     .end_ms = INT64_MAX};

	return tide_kafka_source_open(&options, source, error);
}

/* The sink stays; the source and all that was read are given up and taken anew whenever a
 * transaction was (SPEC 3.4). */
static int
run_read(const struct identity *identity, struct tide_worker_setup *setup,
	 struct tide_worker_summary *summary, struct tide_error *error)
{
	const struct tide_config *config = setup->config;
	struct tide_kafka_options options = {
	    .properties = config->kafka,
	    .group = identity->group,
	    .instance = identity->worker,
	    .predictions_topic = config->has_predictions ? config->predictions.topic : NULL,
	    .labels_topic = config->has_labels ? config->labels.topic : NULL,
	    .start = (enum tide_kafka_start)config->start,
	    .start_ms = {config->start_ms, config->start_ms},
	    .end_ms = INT64_MAX,
	    .revoke = tide_worker_live_revoke,
	    .context = setup->revoke};

	for (;;) {
		run_beats(NULL);
		if (tide_kafka_source_open(&options, &setup->source, error))
			return -1;
		tide_kafka_sink_follow(tide_avro_sink_behind(setup->sink), setup->source);
		int failed = tide_worker_run(setup, summary, error);
		setup->source->ops->close(setup->source);
		if (!failed || error->remedy != TIDE_ABORT_TRANSACTION || run_stop)
			return failed;
		tide_log(TIDE_LOG_WARN, "run", "%s; reading again from the last commit",
			 error->text);
	}
}

static int
run_with(const struct tide_config *config, struct tide_worker_setup *setup,
	 struct tide_error *error)
{
	struct tide_worker_summary summary = {0};
	struct tide_worker_revoke revoke = {0};
	struct identity identity;

	identity_take(config, &identity);
	struct tide_kafka_sink_options outputs = {
	        .properties = config->kafka,
	        .transactional_id = identity.worker,
	        .topics = {[TIDE_LETTER_RESULT] = config->results.topic,
	                   [TIDE_LETTER_ALERT] = config->alerts.topic,
	                   [TIDE_LETTER_DEAD] = config->dead_letters.topic,
	                   [TIDE_LETTER_STATE] = config->state_topic},
	        .cap_bytes = OUTPUTS_BYTES};
	if (tide_command_topics_require(config, error) ||
	    tide_kafka_sink_open(&outputs, &setup->sink, error))
		return -1;
	setup->revoke = &revoke;
	int failed = tide_avro_sink_wrap(&setup->sink, config, error);
	if (!failed)
		failed = run_read(&identity, setup, &summary, error);
	tide_command_summary(stdout, &summary, setup->sink);
	setup->sink->ops->close(setup->sink);
	return failed;
}

const char tide_command_run_help[] =
        "usage: tidemark run CONFIG\n\n"
        "Watches the topics of a config, and sends results, alerts and dead letters in\n"
        "transactions with the positions that were read: after a crash it goes on as if\n"
        "nothing had been. SIGTERM and SIGINT end it after a clean commit, with code 130; 75\n"
        "asks to be started again, 76 says that another worker with this name took over.\n\n"
        "  tidemark check --create-topics --partitions 4 fraud.yaml\n"
        "  tidemark run fraud.yaml\n";

int
tide_command_run(int argc, char **argv)
{
	const struct tide_command_option options[] = {{0}};
	const char *path = NULL;
	struct tide_error error = {0};
	struct tide_config *config;
	struct tide_worker_setup setup = {.on_alert = tide_command_alert,
					  .live = true,
					  .stop = &run_stop,
					  .commit_interval_ms = COMMIT_INTERVAL_MS,
					  .heartbeat = run_beats};

	if (!tide_command_options(argc, argv, options, &path, tide_command_run_help))
		return TIDE_ERROR_USAGE;
	if (tide_config_load(path, &config, &error))
		return tide_command_failure(&error);
	signals_take();
	setup.closure = config;
	setup.state_open = state_open;
	int failed = tide_command_prepare(config, &setup, &error);
	if (!failed)
		failed = run_with(config, &setup, &error);
	tide_command_release(&setup);
	tide_config_free(config);
	return failed ? tide_command_failure(&error) : 0;
}
