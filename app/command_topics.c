#include "app/command.h"
#include "app/config_value.h"
#include "app/worker.h"
#include "base/log.h"
#include "consumer/kafka_admin.h"
#include "consumer/kafka_placement.h"
#include <stdio.h>
#include <string.h>

#define TOPICS_MAX 9
#define AWAY_MS    (INT64_C(7) * 86400000) /* a worker may be away so long: Kafka's own retention */

int
tide_command_topics_broker(const struct tide_config *config, struct tide_error *error)
{
	for (const char *const *property = config->kafka; *property; property++)
		if (strncmp(*property, "bootstrap.servers=", 18) == 0)
			return 0;
	return tide_error_stop(error, TIDE_ERROR_CONFIG,
			       "%s: no broker: write `kafka: {bootstrap.servers: \"host:9092\"}`",
			       config->path);
}

/* Inputs first, then what they are repartitioned from. Results are the newest state of a key;
 * alerts and dead letters are a history. */
static size_t
topics_of(const struct tide_config *config, struct tide_kafka_topic topics[TOPICS_MAX],
	  size_t *inputs)
{
	const struct tide_kafka_topic all[TOPICS_MAX] = {
	    {.name = config->has_predictions ? config->predictions.topic : NULL},
	    {.name = config->has_labels ? config->labels.topic : NULL},
	    {.name = config->predictions.origin_topic},
	    {.name = config->labels.origin_topic},
	    {.name = config->results.topic, .policy = "compact"},
	    {.name = config->alerts.topic, .policy = "delete"},
	    {.name = config->dead_letters.topic, .policy = "delete"},
	    {.name = config->state_topic, .policy = "compact", .is_memory = true},
	    {.name = config->partials_topic, .policy = "compact", .is_memory = true}};
	size_t count = 0;

	for (size_t i = 0; i < TOPICS_MAX; i++) {
		if (i == 2)
			*inputs = count;
		if (all[i].name)
			topics[count++] = all[i];
	}
	return count;
}

/* NULL: the config names none. */
static struct tide_kafka_topic *
topic_find(struct tide_kafka_topic *topics, size_t count, const char *name)
{
	for (size_t i = 0; name && i < count; i++)
		if (strcmp(topics[i].name, name) == 0)
			return &topics[i];
	return NULL;
}

/* Task p keeps its state in partition p of the state topic; stage 2 has one partition of the
 * partials, or more where that many tasks are there to share them. */
static int
memory_refuse(const struct tide_config *config, struct tide_kafka_topic *topics, size_t count,
	      size_t inputs, struct tide_error *error)
{
	const struct tide_kafka_topic *input = &topics[0];
	const struct tide_kafka_topic *state = topic_find(topics, count, config->state_topic);
	const struct tide_kafka_topic *partials = topic_find(topics, count, config->partials_topic);

	if (inputs == 0)
		return 0;
	if (partials && partials != &topics[count - 1])
		return tide_error_stop(error, TIDE_ERROR_CONFIG,
				       "%s: %s has two uses: give outputs.partials a topic of its own",
				       config->path, partials->name);
	if (state->partitions < input->partitions)
		return tide_error_stop(
		    error, TIDE_ERROR_CONFIG,
		    "%s has %d partitions and %s has %d: each partition of the inputs needs its own "
		    "for its state; add the others: kafka-topics.sh --alter --topic %s --partitions %d",
		    state->name, state->partitions, input->name, input->partitions, state->name,
		    input->partitions);
	if (partials && partials->partitions > input->partitions)
		return tide_error_stop(
		    error, TIDE_ERROR_CONFIG,
		    "%s has %d partitions and %s only %d: name another topic in outputs.partials, "
		    "and make it: tidemark check --create-topics %s",
		    partials->name, partials->partitions, input->name, input->partitions,
		    config->path);
	return 0;
}

/* What is deleted by its age here is a part of what a worker remembers. */
static int
policy_refuse(const struct tide_kafka_topic *topics, size_t count, struct tide_error *error)
{
	for (size_t i = 0; i < count; i++)
		if (topics[i].is_memory && *topics[i].cleanup &&
		    strcmp(topics[i].cleanup, "compact") != 0)
			return tide_error_stop(
			    error, TIDE_ERROR_CONFIG,
			    "%s has cleanup.policy %s, which forgets what still holds: "
			    "kafka-configs.sh --alter --entity-type topics --entity-name %s "
			    "--add-config cleanup.policy=compact",
			    topics[i].name, topics[i].cleanup, topics[i].name);
	return 0;
}

static int
topics_refuse(const struct tide_config *config, struct tide_kafka_topic *topics, size_t count,
	      size_t inputs, struct tide_error *error)
{
	for (size_t i = 0; i < count; i++)
		if (topics[i].partitions == 0)
			return tide_error_stop(error, TIDE_ERROR_NO_INPUT,
					       "there is no topic %s; make it, or: tidemark check "
					       "--create-topics %s",
					       topics[i].name, config->path);
	if (inputs == 2 && topics[0].partitions != topics[1].partitions)
		return tide_error_stop(
		    error, TIDE_ERROR_CONFIG,
		    "%s has %d partitions and %s has %d: a label must stand in the "
		    "partition of its prediction, so give both the same number "
		    "and key%s",
		    topics[0].name, topics[0].partitions, topics[1].name, topics[1].partitions,
		    config->repartition ? ""
					: ", or write `inputs: {repartition: true}` and run "
					  "`tidemark repartition`");
	return memory_refuse(config, topics, count, inputs, error);
}

/* A worker may read and write topics whose settings it is not shown. */
static int
memory_require(const struct tide_config *config, struct tide_kafka_topic *topics, size_t count,
	       struct tide_error *error)
{
	while (count > 0 && !topics->is_memory)
		topics++, count--;
	if (tide_kafka_admin_settings(config->kafka, topics, count, error) == 0)
		return policy_refuse(topics, count, error);
	if (error->code != TIDE_ERROR_PERMISSION)
		return -1;
	tide_log(TIDE_LOG_WARN, "run", "%s: whether it is compacted cannot be seen", error->text);
	return 0;
}

/* A label joins predictions of its own partition: what producers do is looked at. */
static int
keys_refuse(const struct tide_config *config, const struct tide_kafka_topic *topics, size_t inputs,
	    bool live, struct tide_error *error)
{
	struct tide_kafka_placement placements[2] = {{.topic = topics[0].name},
						     {.topic = topics[1].name}};
	char text[512];

	if (inputs < 2 || topics[0].partitions < 2 || config->repartition)
		return 0;
	if (tide_kafka_placement_sample(config->kafka, topics[0].partitions, placements, error))
		return -1;
	for (size_t i = 0; i < 2; i++) {
		bool known = tide_kafka_placement_text(&placements[i], text, sizeof text);
		if (live)
			tide_log(known ? TIDE_LOG_INFO : TIDE_LOG_WARN, "run", "%s", text);
		else
			printf("%s%s\n", known ? "  " : "warning: ", text);
	}
	return tide_kafka_placement_agree(&placements[0], &placements[1], error);
}

int
tide_command_topics_require(const struct tide_config *config, struct tide_error *error)
{
	struct tide_kafka_topic topics[TOPICS_MAX];
	size_t inputs, count = topics_of(config, topics, &inputs);

	if (tide_command_topics_broker(config, error))
		return -1;
	if ((config->has_predictions && !config->predictions.topic) ||
	    (config->has_labels && !config->labels.topic))
		return tide_error_stop(error, TIDE_ERROR_CONFIG,
				       "%s: run reads topics: write `topic:` for each of `inputs:`",
				       config->path);
	if (tide_kafka_admin_describe(config->kafka, topics, count, error) ||
	    topics_refuse(config, topics, count, inputs, error))
		return -1;
	if (memory_require(config, topics, count, error))
		return -1;
	return keys_refuse(config, topics, inputs, true, error);
}

/* What a rewind reads again, from now back: the oldest window that is not whole yet, and what its
 * rows need from before it (SPEC 3.1). */
static int64_t
rewind_ms(const struct tide_window_options *window, enum tide_role role)
{
	int64_t whole_ms = window->label_horizon_ms + window->label_lateness_ms;
	int64_t open_ms = whole_ms > window->lateness_ms ? whole_ms : window->lateness_ms;

	return -tide_worker_live_needed(window, role,
					-(window->size_ms + open_ms + window->out_of_orderness_ms));
}

static void
topic_print(const struct tide_kafka_topic *topic)
{
	char duration[TIDE_CONFIG_DURATION_SIZE] = "without end";

	if (topic->partitions == 0) {
		printf("  %s is not there\n", topic->name);
		return;
	}
	if (topic->retention_ms >= 0)
		tide_config_value_duration_text(topic->retention_ms, duration);
	printf("  %s has %d partitions, cleanup.policy %s, retention %s", topic->name,
	       topic->partitions, topic->cleanup, duration);
	if (topic->retention_bytes >= 0)
		printf(" and %lld bytes a partition", (long long)topic->retention_bytes);
	puts("");
}

static void
input_warn(const struct tide_kafka_topic *topic, const struct tide_window_options *window,
	   enum tide_role role)
{
	char kept[TIDE_CONFIG_DURATION_SIZE], needed[TIDE_CONFIG_DURATION_SIZE];
	int64_t needed_ms = rewind_ms(window, role);

	if (strstr(topic->cleanup, "compact"))
		printf("warning: %s is compacted: a record whose key came again is gone before a "
		       "rewind reads it; set cleanup.policy to delete\n",
		       topic->name);
	if (topic->retention_ms < 0 || topic->retention_ms >= needed_ms ||
	    !strstr(topic->cleanup, "delete"))
		return;
	tide_config_value_duration_text(topic->retention_ms, kept);
	tide_config_value_duration_text(needed_ms, needed);
	printf("warning: %s keeps records for %s and a rewind reads the last %s: set retention.ms "
	       "to at least %lld, and to more by as long as the worker may be away\n",
	       topic->name, kept, needed, (long long)needed_ms);
}

static void
output_warn(const struct tide_kafka_topic *topic)
{
	bool compacted = strstr(topic->cleanup, "compact") != NULL;
	bool wanted = strcmp(topic->policy, "compact") == 0;

	if (topic->is_memory)
		return; /* is refused */
	if (wanted && !compacted)
		printf("warning: %s is not compacted: what was written once and still holds is "
		       "forgotten after its retention; set cleanup.policy to compact\n",
		       topic->name);
	if (!wanted && compacted)
		printf("warning: %s is compacted: it is a history, and a record whose key came "
		       "again is gone; set cleanup.policy to delete\n",
		       topic->name);
}

int
tide_command_topics_check(const struct tide_config *config, struct tide_error *error)
{
	struct tide_kafka_topic topics[TOPICS_MAX];
	size_t inputs, count = topics_of(config, topics, &inputs);

	if (tide_command_topics_broker(config, error) ||
	    tide_kafka_admin_describe(config->kafka, topics, count, error) ||
	    tide_kafka_admin_settings(config->kafka, topics, count, error))
		return -1;
	puts("topics");
	for (size_t i = 0; i < count; i++)
		topic_print(&topics[i]);
	for (size_t i = 0; i < count; i++) {
		if (topics[i].partitions == 0)
			continue;
		if (i < inputs)
			input_warn(&topics[i], &config->window,
				   topics[i].name == config->labels.topic ? TIDE_LABELS
									  : TIDE_PREDICTIONS);
		else if (topics[i].policy)
			output_warn(&topics[i]);
	}
	if (topics_refuse(config, topics, count, inputs, error))
		return -1;
	if (policy_refuse(topics, count, error))
		return -1;
	return keys_refuse(config, topics, inputs, false, error);
}

/* As many partitions as the inputs are to have: as many as one that is there, else as the larger
 * of those that it is repartitioned from. */
static int
tasks_count(const struct tide_config *config, struct tide_kafka_topic *topics, size_t inputs,
	    int partitions)
{
	int origins = 0;

	for (size_t i = 0; i < inputs; i++)
		if (topics[i].partitions)
			return topics[i].partitions;
	for (size_t i = inputs; config->repartition && i < 2 * inputs; i++)
		if (topics[i].partitions > origins)
			origins = topics[i].partitions;
	return origins ? origins : partitions;
}

/* What a worker reads again is still there when it comes back. */
static void
relay_keep(const struct tide_config *config, struct tide_kafka_topic *topics, size_t inputs)
{
	for (size_t i = 0; config->repartition && i < inputs; i++) {
		topics[i].policy = "delete";
		topics[i].relay_ms = rewind_ms(&config->window, i ? TIDE_LABELS : TIDE_PREDICTIONS) +
				     AWAY_MS;
	}
}

int
tide_command_topics_create(const struct tide_config *config, int partitions,
			   struct tide_error *error)
{
	struct tide_kafka_topic topics[TOPICS_MAX];
	size_t inputs, count = topics_of(config, topics, &inputs), missing = 0;

	if (tide_command_topics_broker(config, error) ||
	    tide_kafka_admin_describe(config->kafka, topics, count, error))
		return -1;
	int tasks = tasks_count(config, topics, inputs, partitions);
	relay_keep(config, topics, inputs);
	for (size_t i = 0; i < count; i++) {
		if (topics[i].partitions) {
			printf("%s is there, with %d partitions\n", topics[i].name,
			       topics[i].partitions);
			continue;
		}
		topics[i].partitions = topics[i].name == config->partials_topic ? 1
				       : i < inputs || topics[i].is_memory     ? tasks
									       : partitions;
		topics[missing++] = topics[i];
	}
	if (tide_kafka_admin_create(config->kafka, topics, missing, error))
		return -1;
	for (size_t i = 0; i < missing; i++)
		printf("%s was made, with %d partitions%s%s\n", topics[i].name,
		       topics[i].partitions, topics[i].policy ? ", cleanup.policy=" : "",
		       topics[i].policy ? topics[i].policy : "");
	return 0;
}
