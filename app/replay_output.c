#include "app/avro_sink.h"
#include "app/command.h"
#include "app/drain.h"
#include "app/replay.h"
#include "base/log.h"
#include "consumer/file_sink.h"
#include "consumer/kafka_admin.h"
#include "consumer/kafka_sink.h"
#include "consumer/kafka_source.h"
#include "schemas/stamp.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define OUTPUTS_BYTES  ((size_t) 256 << 20)
#define COMMIT_BYTES   ((size_t) 4 << 20)
#define COMMIT_MS      1000
#define IDENTITY_MAX   256
#define RUN_ID_MAX     64
#define HEADERS_MAX    16
#define ID_HEADER      "tidemark-run-id"
#define NUMBER_HEADER  "tidemark-run-sequence"

/* Topics by the kind of their letters; the state of a replay is nobody's. */
struct topics {
	const char *names[TIDE_LETTER_KINDS];
};

/* Numbers of letters: the next one, and those below told were sent by an earlier run. */
struct count {
	uint64_t next, told;
};

/* What belongs to one run, in front of the sink of its topics. */
struct run_sink {
	struct tide_sink base;
	struct tide_sink *behind;
	struct topics topics;
	const char *run_id;
	char identity[IDENTITY_MAX];
	struct count counts[2]; /* results and alerts; dead letters, which come between them */
	struct count *reading;
	size_t waiting_bytes;
	int64_t committed_ms;
};

static struct count *
count_of(struct run_sink *sink, enum tide_letter_kind kind)
{
	return &sink->counts[kind == TIDE_LETTER_DEAD];
}

static int64_t
steady_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int
run_commit(struct tide_sink *base, const struct tide_position *positions, size_t count,
           struct tide_error *error)
{
	struct run_sink *sink = (struct run_sink *) base;
	struct tide_sink *behind = sink->behind;

	if (behind->ops->commit(behind, positions, count, error)) {
		error->remedy = TIDE_STOP;
		tide_error_prefix(error, "run %s, which --resume goes on with: ", sink->run_id);
		return -1;
	}
	sink->waiting_bytes = 0;
	sink->committed_ms = steady_ms();
	return 0;
}

/* A transaction a second, or a few megabytes: a letter's number says how far the run has come. */
static int
run_give(struct tide_sink *base, const struct tide_letter *letter, struct tide_error *error)
{
	struct run_sink *sink = (struct run_sink *) base;
	struct tide_header headers[HEADERS_MAX];
	struct tide_letter numbered = *letter;
	struct count *of = count_of(sink, letter->kind);
	size_t count = letter->header_count;
	char number[24];

	if (!sink->topics.names[letter->kind]) {
		base->unplaced[letter->kind]++;
		return 0;
	}
	base->given[letter->kind]++;
	if (of->next++ < of->told)
		return 0;
	TIDE_ASSERT(count + 2 <= HEADERS_MAX);
	memcpy(headers, letter->headers, count * sizeof *headers);
	snprintf(number, sizeof number, "%" PRIu64, of->next - 1);
	headers[count++] = (struct tide_header){ID_HEADER, tide_text_of(sink->run_id)};
	headers[count++] = (struct tide_header){NUMBER_HEADER, tide_text_of(number)};
	numbered.headers = headers;
	numbered.header_count = count;
	if (sink->behind->ops->give(sink->behind, &numbered, error))
		return -1;
	sink->waiting_bytes += letter->key_size + letter->value_size;
	if (sink->waiting_bytes <= COMMIT_BYTES && steady_ms() - sink->committed_ms < COMMIT_MS)
		return 0;
	return run_commit(base, NULL, 0, error);
}

static void
run_close(struct tide_sink *base)
{
	struct run_sink *sink = (struct run_sink *) base;

	if (sink->behind)
		sink->behind->ops->close(sink->behind);
	free(sink);
}

static int
told_take(void *closure, size_t queue, const struct tide_record *record, struct tide_error *error)
{
	struct run_sink *sink = closure;
	struct tide_text id, number;
	int64_t value;

	(void) queue, (void) error;
	if (tide_kafka_source_header(record, ID_HEADER, &id) && tide_text_is(id, sink->run_id) &&
	    tide_kafka_source_header(record, NUMBER_HEADER, &number) &&
	    tide_stamp_integer(number, &value) && value >= 0 && (uint64_t) value >= sink->reading->told)
		sink->reading->told = (uint64_t) value + 1;
	return 0;
}

/* Letters are committed in their order, those of all topics together, and the last one is the
 * newest of its key: the largest number says it also of a topic that was compacted. */
static int
told_find(struct run_sink *sink, const struct tide_config *config, struct tide_error *error)
{
	struct tide_kafka_options options = {.properties = config->kafka,
	                                     .start = TIDE_KAFKA_EARLIEST,
	                                     .bounded = true,
	                                     .end_ms = INT64_MAX};
	int failed = 0;

	for (int kind = 0; !failed && kind < TIDE_LETTER_KINDS; kind++) {
		struct tide_source *source;
		options.predictions_topic = sink->topics.names[kind];
		if (!options.predictions_topic)
			continue;
		sink->reading = count_of(sink, (enum tide_letter_kind) kind);
		if (tide_kafka_source_open(&options, &source, error))
			return -1;
		failed = tide_drain(source, told_take, sink, error);
		source->ops->close(source);
	}
	return failed;
}

static int
topic_refuse(const struct tide_config *config, const char *topic, bool to_live_topics,
             struct tide_error *error)
{
	const struct {
		const char *name, *what;
		bool never;
	} taken[] = {{config->predictions.topic, "the predictions", true},
	             {config->labels.topic, "the labels", true},
	             {config->predictions.origin_topic, "the predictions", true},
	             {config->labels.origin_topic, "the labels", true},
	             {config->state_topic, "the state of its worker", true},
	             {config->partials_topic, "the partials of its workers", true},
	             {config->results.topic, "the results of its worker", false},
	             {config->alerts.topic, "the alerts of its worker", false},
	             {config->dead_letters.topic, "the dead letters of its worker", false}};

	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		if (taken[i].name && strcmp(taken[i].name, topic) == 0 &&
		    (taken[i].never || !to_live_topics))
			return tide_error_stop(error, TIDE_ERROR_CONFIG,
			                       "%s holds %s in %s: a replay goes to a topic of its "
			                       "own%s",
			                       topic, taken[i].what, config->path,
			                       taken[i].never ? ""
			                                      : ", or with --to-live-topics among them");
	return 0;
}

static int
topics_check(const struct tide_config *config, const struct tide_replay *replay,
             const struct topics *topics, struct tide_error *error)
{
	if (tide_command_topics_broker(config, error))
		return -1;
	for (int kind = 0; kind < TIDE_LETTER_KINDS; kind++) {
		struct tide_kafka_topic topic = {.name = topics->names[kind]};
		if (!topic.name)
			continue;
		if (topic_refuse(config, topic.name, replay->to_live_topics, error) ||
		    tide_kafka_admin_describe(config->kafka, &topic, 1, error))
			return -1;
		if (topic.partitions == 0)
			return tide_error_stop(error, TIDE_ERROR_NO_INPUT,
			                       "there is no topic %s: make it first, with "
			                       "cleanup.policy=%s",
			                       topic.name,
			                       kind == TIDE_LETTER_RESULT ? "compact" : "delete");
	}
	return 0;
}

static int
run_id_take(struct tide_replay *replay, struct tide_error *error)
{
	static const char of[] =
	        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	uint64_t seed;

	if (replay->resume && !replay->run_id)
		return tide_error_stop(error, TIDE_ERROR_USAGE,
		                       "--resume to topics goes on with a run: name it with --run-id");
	if (!replay->run_id) {
		if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
			return tide_error_stop(error, TIDE_ERROR_UNAVAILABLE,
			                       "no random bytes: name the run with --run-id");
		snprintf(replay->run_id_made, sizeof replay->run_id_made, "%016" PRIx64, seed);
		replay->run_id = replay->run_id_made;
	}
	size_t length = strlen(replay->run_id);
	if (length == 0 || length > RUN_ID_MAX || strspn(replay->run_id, of) != length)
		return tide_error_stop(error, TIDE_ERROR_USAGE,
		                       "--run-id is 1 to %d letters, digits, dots, dashes and "
		                       "underscores, not \"%s\"",
		                       RUN_ID_MAX, replay->run_id);
	return 0;
}

static int
run_open(struct run_sink *sink, const struct tide_config *config, const struct tide_replay *replay,
         struct tide_error *error)
{
	struct tide_kafka_sink_options options = {.properties = config->kafka,
	                                          .transactional_id = sink->identity,
	                                          .cap_bytes = OUTPUTS_BYTES};

	memcpy(options.topics, sink->topics.names, sizeof options.topics);
	snprintf(sink->identity, sizeof sink->identity, "tidemark-replay-%.100s-%s", config->name,
	         replay->run_id);
	/* the sink first: it ends what an earlier run left unfinished */
	if (tide_kafka_sink_open(&options, &sink->behind, error) ||
	    tide_avro_sink_wrap(&sink->behind, config, error) ||
	    (replay->resume && told_find(sink, config, error)))
		return -1;
	tide_log(TIDE_LOG_INFO, "replay", "run %s; %" PRIu64 " records of it are there",
	         sink->run_id, sink->counts[0].told + sink->counts[1].told);
	return 0;
}

static int
topics_open(const struct tide_config *config, struct tide_replay *replay,
            const struct topics *topics, struct tide_sink **opened, struct tide_error *error)
{
	static const struct tide_sink_ops ops = {
	        .give = run_give, .commit = run_commit, .close = run_close};

	if (replay->results || replay->alerts || replay->dead_letters)
		return tide_error_stop(error, TIDE_ERROR_USAGE,
		                       "records go to files or to topics: --results, --alerts and "
		                       "--dead-letters, or --results-topic and so on");
	if (replay->dead_letters_topic &&
	    ((replay->results_topic && !strcmp(replay->dead_letters_topic, replay->results_topic)) ||
	     (replay->alerts_topic && !strcmp(replay->dead_letters_topic, replay->alerts_topic))))
		return tide_error_stop(error, TIDE_ERROR_USAGE,
		                       "--dead-letters-topic is one of its own");
	if (run_id_take(replay, error) || topics_check(config, replay, topics, error))
		return -1;
	struct run_sink *sink = calloc(1, sizeof *sink);
	if (!sink)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	sink->base.ops = &ops;
	sink->topics = *topics;
	sink->run_id = replay->run_id;
	if (run_open(sink, config, replay, error)) {
		run_close(&sink->base);
		return -1;
	}
	*opened = &sink->base;
	return 0;
}

static bool
has_topics(const struct tide_replay *replay)
{
	return replay->results_topic || replay->alerts_topic || replay->dead_letters_topic;
}

int
tide_replay_output_open(const struct tide_config *config, struct tide_replay *replay,
                        struct tide_worker_setup *setup, struct tide_error *error)
{
	const struct topics topics = {{[TIDE_LETTER_RESULT] = replay->results_topic,
	                               [TIDE_LETTER_ALERT] = replay->alerts_topic,
	                               [TIDE_LETTER_DEAD] = replay->dead_letters_topic}};

	if (has_topics(replay))
		return topics_open(config, replay, &topics, &setup->sink, error);
	if (replay->to_live_topics || replay->run_id)
		return tide_error_stop(error, TIDE_ERROR_USAGE,
		                       "--run-id and --to-live-topics are for --results-topic, "
		                       "--alerts-topic and --dead-letters-topic");
	return (replay->resume ? tide_file_sink_resume : tide_file_sink_open)(
	        replay->results ? replay->results : config->results.file,
	        replay->alerts ? replay->alerts : config->alerts.file,
	        replay->dead_letters ? replay->dead_letters : config->dead_letters.file,
	        &setup->sink, error);
}

int
tide_replay_output_end(const struct tide_replay *replay, struct tide_sink *sink,
                       struct tide_error *error)
{
	if (!has_topics(replay))
		return tide_file_sink_end(sink, error);
	const struct run_sink *run = (const struct run_sink *) sink;
	for (size_t i = 0; i < 2; i++)
		if (run->counts[i].next < run->counts[i].told)
			return tide_error_stop(
			        error, TIDE_ERROR_DATA,
			        "run %s has sent %" PRIu64 " records where now there are %" PRIu64
			        ": the config, the input or the program is another one; start a "
			        "new run",
			        run->run_id, run->counts[i].told, run->counts[i].next);
	return 0;
}
