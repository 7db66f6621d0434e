#include "app/command.h"
#include "app/config.h"
#include "consumer/kafka_admin.h"
#include <stdio.h>
#include <string.h>

#define TOPICS_MAX 6

static int
broker_require(const struct tide_config *config, struct tide_error *error)
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
	    {config->has_predictions ? config->predictions.topic : NULL, NULL, 0},
	    {config->has_labels ? config->labels.topic : NULL, NULL, 0},
	    {config->results.topic, "compact", 0},
	    {config->alerts.topic, "delete", 0},
	    {config->dead_letters.topic, "delete", 0},
	    {config->state_topic, "compact", 0}};
	size_t count = 0;

	for (size_t i = 0; i < TOPICS_MAX; i++) {
		if (i == 2)
			*inputs = count;
		if (all[i].name)
			topics[count++] = all[i];
	}
	return count;
}

int
tide_command_topics_require(const struct tide_config *config, struct tide_error *error)
{
	struct tide_kafka_topic topics[TOPICS_MAX];
	size_t inputs, count = topics_of(config, topics, &inputs);

	if (broker_require(config, error))
		return -1;
	if ((config->has_predictions && !config->predictions.topic) ||
	    (config->has_labels && !config->labels.topic))
		return tide_error_stop(error, TIDE_ERROR_CONFIG,
				       "%s: run reads topics: write `topic:` for each of `inputs:`",
				       config->path);
	if (tide_kafka_admin_describe(config->kafka, topics, count, error))
		return -1;
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
tide_command_topics_create(const struct tide_config *config, int partitions,
			   struct tide_error *error)
{
	struct tide_kafka_topic topics[TOPICS_MAX];
	size_t inputs, count = topics_of(config, topics, &inputs), missing = 0;

	if (broker_require(config, error) ||
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
