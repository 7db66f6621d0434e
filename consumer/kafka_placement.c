#include "consumer/kafka_placement.h"
#include "consumer/kafka_client.h"
#include "consumer/kafka_partitioner.h"
#include "consumer/kafka_source.h"
#include <stdio.h>
#include <string.h>

#define KEYS_LEAST     20
#define SAMPLE_RECORDS 200
#define SAMPLE_MS      10000
#define SAMPLE_POLL_MS 10

static const struct {
	const char *name, *who;
	uint32_t (*hash)(const void *key, size_t size);
} partitioners[TIDE_KAFKA_PLACEMENT_PARTITIONERS] = {
    {"murmur2", "Java clients, librdkafka's murmur2_random", tide_kafka_partitioner_murmur2},
    {"crc32", "librdkafka's default: Python, Go, .NET, kcat", tide_kafka_partitioner_crc32},
    {"fnv1a", "Sarama, librdkafka's fnv1a_random", tide_kafka_partitioner_fnv1a}};

void
tide_kafka_placement_add(struct tide_kafka_placement *placement, const void *key, size_t size,
                         int32_t partition, int32_t partition_count)
{
	uint32_t hashes[TIDE_KAFKA_PLACEMENT_PARTITIONERS];

	placement->records++;
	placement->keyless += size == 0;
	if (size == 0 || placement->key_count == TIDE_KAFKA_PLACEMENT_KEYS)
		return;
	for (size_t i = 0; i < TIDE_KAFKA_PLACEMENT_PARTITIONERS; i++)
		hashes[i] = partitioners[i].hash(key, size);
	for (size_t i = 0; i < placement->key_count; i++)
		if (memcmp(placement->seen[i], hashes, sizeof hashes) == 0)
			return;
	memcpy(placement->seen[placement->key_count++], hashes, sizeof hashes);
	for (size_t i = 0; i < TIDE_KAFKA_PLACEMENT_PARTITIONERS; i++)
		placement->explained[i] += hashes[i] % (uint32_t) partition_count == (uint32_t) partition;
}

/* Its place in the table; -1: none, or more than one. */
static int
placement_partitioner(const struct tide_kafka_placement *placement)
{
	int found = -1, count = 0;

	for (int i = 0; i < TIDE_KAFKA_PLACEMENT_PARTITIONERS; i++) {
		if (placement->explained[i] * 100 < placement->key_count * 95)
			continue;
		found = i;
		count++;
	}
	return count == 1 && placement->key_count >= KEYS_LEAST ? found : -1;
}

bool
tide_kafka_placement_text(const struct tide_kafka_placement *placement, char *text, size_t size)
{
	int found = placement_partitioner(placement);

	if (placement->records == 0) {
		snprintf(text, size, "%s is empty: where its keys go will be seen later",
		         placement->topic);
		return true;
	}
	if (found >= 0) {
		snprintf(text, size, "%s: %zu of %zu recent keys stand where %s puts them",
		         placement->topic, placement->explained[found], placement->key_count,
		         partitioners[found].name);
		return true;
	}
	if (2 * placement->keyless > placement->records) {
		snprintf(text, size,
		         "%s: %zu of %zu recent records have no key, and stand in any partition: a label "
		         "meets its prediction in the same one only, so give both the same key",
		         placement->topic, placement->keyless, placement->records);
		return false;
	}
	if (placement->key_count < KEYS_LEAST) {
		snprintf(text, size, "%s: too few different keys to see where they are put: %zu",
		         placement->topic, placement->key_count);
		return true;
	}
	snprintf(text, size,
	         "%s: %zu recent keys stand where none of murmur2, crc32 and fnv1a puts them: that a "
	         "label stands in the partition of its prediction could not be verified",
	         placement->topic, placement->key_count);
	return false;
}

int
tide_kafka_placement_agree(const struct tide_kafka_placement *predictions,
                           const struct tide_kafka_placement *labels, struct tide_error *error)
{
	int mine = placement_partitioner(predictions), other = placement_partitioner(labels);

	if (mine < 0 || other < 0 || mine == other)
		return 0;
	return tide_error_stop(
	    error, TIDE_ERROR_CONFIG,
	    "the keys of %s are put by %s (%s) and those of %s by %s (%s), so a label does not stand in "
	    "the partition of its prediction: set one partitioner in both producers, as "
	    "partitioner=murmur2_random in librdkafka's clients, or write `inputs: {repartition: true}` "
	    "and run `tidemark repartition`",
	    predictions->topic, partitioners[mine].name, partitioners[mine].who, labels->topic,
	    partitioners[other].name, partitioners[other].who);
}

int
tide_kafka_placement_grown(const struct tide_queue *queue, int64_t noted_count,
                           struct tide_error *error)
{
	if (noted_count <= 0 || noted_count == queue->partition_count)
		return 0;
	return tide_error_stop(
	    error, TIDE_ERROR_CONFIG,
	    "%s had %lld partitions when this group began and has %d now, so a key may stand in another "
	    "one than before, away from what it is to meet: start with a new kafka.group.id",
	    queue->topic, (long long) noted_count, (int) queue->partition_count);
}

/* done: no queue has more to give. */
static int
sample_turn(struct tide_source *source, struct tide_kafka_placement placements[2], bool *done,
            struct tide_error *error)
{
	const struct tide_queue *queues;
	bool changed;

	*done = true;
	if (source->ops->poll(source, SAMPLE_POLL_MS, &changed, error))
		return -1;
	size_t count = source->ops->queues(source, &queues);
	for (size_t q = 0; q < count; q++) {
		struct tide_batch batch;
		enum tide_supply supply;
		if (source->ops->take(source, q, &batch, &supply, error))
			return -1;
		for (size_t i = 0; i < batch.count; i++)
			tide_kafka_placement_add(&placements[queues[q].role], batch.records[i].key,
			                         batch.records[i].key_size, queues[q].partition,
			                         queues[q].partition_count);
		*done = *done && supply == TIDE_SUPPLY_END;
	}
	return 0;
}

int
tide_kafka_placement_sample(const char *const *properties, int32_t partition_count,
                            struct tide_kafka_placement placements[2], struct tide_error *error)
{
	struct tide_kafka_options options = {
	    .properties = properties,
	    .predictions_topic = placements[0].topic,
	    .labels_topic = placements[1].topic,
	    .start = TIDE_KAFKA_TAIL,
	    .tail_count = (SAMPLE_RECORDS + partition_count - 1) / partition_count,
	    .bounded = true,
	    .end_ms = INT64_MAX};
	int64_t give_up = tide_kafka_client_now_ms() + SAMPLE_MS;
	struct tide_source *source;
	bool done = false;
	int failed = 0;

	if (tide_kafka_source_open(&options, &source, error))
		return -1;
	while (!failed && !done && tide_kafka_client_now_ms() < give_up)
		failed = sample_turn(source, placements, &done, error);
	source->ops->close(source);
	return failed;
}
