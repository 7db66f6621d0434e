#include "app/command.h"
#include "app/config_value.h"
#include "app/worker.h"
#include "consumer/kafka_admin.h"
#include <stdio.h>
#include <string.h>

#define TOPICS_MAX 6

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

/* Inputs first. Results are the newest state of a key; alerts and dead letters are a history. */
static size_t
topics_of(const struct tide_config *config, struct tide_kafka_topic topics[TOPICS_MAX],
	  size_t *inputs)
{
	const struct tide_kafka_topic all[TOPICS_MAX] = {
	    {.name = config->has_predictions ? config->predictions.topic : NULL},
	    {.name = config->has_labels ? config->labels.topic : NULL},
	    {.name = config->results.topic, .policy = "compact"},
	    {.name = config->alerts.topic, .policy = "delete"},
	    {.name = config->dead_letters.topic, .policy = "delete"},
	    {.name = config->state_topic, .policy = "compact"}};
	size_t count = 0;

	for (size_t i = 0; i < TOPICS_MAX; i++) {
		if (i == 2)
			*inputs = count;
		if (all[i].name)
			topics[count++] = all[i];
	}
	return count;
}

static int
topics_refuse(const struct tide_config *config, const struct tide_kafka_topic *topics,
	      size_t count, size_t inputs, struct tide_error *error)
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
		    "and key",
		    topics[0].name, topics[0].partitions, topics[1].name, topics[1].partitions);
	return 0;
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
	if (tide_kafka_admin_describe(config->kafka, topics, count, error))
		return -1;
	return topics_refuse(config, topics, count, inputs, error);
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
		if (i >= inputs)
			output_warn(&topics[i]);
		else
			input_warn(&topics[i], &config->window,
				   topics[i].name == config->labels.topic ? TIDE_LABELS
									  : TIDE_PREDICTIONS);
	}
	return topics_refuse(config, topics, count, inputs, error);
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
	for (size_t i = 0; i < count; i++) {
		if (topics[i].partitions) {
			printf("%s is there, with %d partitions\n", topics[i].name,
			       topics[i].partitions);
			continue;
		}
		topics[i].partitions = partitions;
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
