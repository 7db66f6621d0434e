#include "tests/simulation/broker.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IDLE_POLLS   80
#define OFFSETS_BIT  (UINT64_C(1) << 63)

bool
broker_chance(struct broker *broker, int64_t in)
{
	return world_chance(&broker->state, in);
}

int64_t
broker_below(struct broker *broker, int64_t limit)
{
	return world_below(&broker->state, limit);
}

bool
broker_fault(struct broker *broker, int64_t in, enum broker_class class)
{
	if (broker->faults == 0 || !broker_chance(broker, in))
		return false;
	broker->faults--;
	broker->covered[class] = true;
	return true;
}

int
broker_queue_role(const struct broker *broker, int queue)
{
	return queue / broker->world->partitions > 2 ? 2 : queue / broker->world->partitions;
}

int
broker_queue_partition(const struct broker *broker, int queue)
{
	return queue - broker_queue_role(broker, queue) * broker->world->partitions;
}

int
broker_queue_count(const struct broker *broker, int queue)
{
	return broker_queue_role(broker, queue) < 2 ? broker->world->partitions
						    : broker->partitions[TIDE_LETTER_PARTIAL];
}

int
broker_queue_of(const struct broker *broker, int role, int partition)
{
	return role * broker->world->partitions + partition;
}

bool
broker_queue_exists(const struct broker *broker, int queue)
{
	const bool has[] = {broker->world->has_predictions, broker->world->has_labels};
	int role = broker_queue_role(broker, queue);

	return role < 2 ? has[role]
			: queue < broker->world->queues_count +
					    broker->partitions[TIDE_LETTER_PARTIAL];
}

int64_t
broker_told(const struct broker *broker, int queue)
{
	const char *read = strstr(broker->committed[queue].metadata, ";R=");

	return read ? strtoll(read + 3, NULL, 10) : 0;
}

/* Some queues get some records; often all that were there at one moment. */
static void
records_arrive(struct broker *broker)
{
	const struct world *world = broker->world;
	int64_t until_ms = INT64_MIN;

	if (world->idle) /* what closes the queues comes to all at once, when one is idle */
		until_ms = broker->polls < IDLE_POLLS ? world->close_ms : INT64_MAX;
	else if (broker_chance(broker, 2))
		until_ms = world->start_ms + broker_below(broker, world->end_ms - world->start_ms);
	for (int i = 0; i < world->queues_count; i++) {
		const struct world_queue *queue = &world->queues[i];
		int64_t more = !world->idle && broker_chance(broker, 3) ? broker_below(broker, 40) : 0;
		while (broker->readable[i] < (int64_t)queue->count &&
		       (more-- > 0 || queue->records[broker->readable[i]].record_ms < until_ms))
			broker->readable[i]++;
	}
}

static uint64_t
partition_bit(int kind, int partition)
{
	return UINT64_C(1) << (kind * BROKER_PARTITIONS + partition);
}

/* Offsets of a transaction are the group's now. */
static void
offsets_settle(struct broker *broker, struct broker_producer *producer, bool commit)
{
	for (int i = 0; i < BROKER_QUEUES; i++) {
		int64_t told = broker_told(broker, i), offset = broker->committed[i].offset;
		if (producer->has_offset[i] && commit) {
			broker->committed[i] = producer->offsets[i];
			broker->went_back |= broker->committed[i].offset < offset ||
					     broker_told(broker, i) < told;
		}
		producer->has_offset[i] = false;
	}
}

/* Partitions learn of the end of a transaction: all of them, or some. */
static void
markers_write(struct broker *broker, int worker, bool all)
{
	struct broker_producer *producer = &broker->producers[worker];
	bool commit = producer->transaction == TRANSACTION_COMMIT;

	for (int kind = 0; kind < TIDE_LETTER_KINDS; kind++) {
		for (int i = 0; i < BROKER_PARTITIONS; i++) {
			uint64_t bit = partition_bit(kind, i);
			if (!(producer->partitions & bit) || (!all && broker_chance(broker, 2)))
				continue;
			topic_settle(&broker->topics[kind][i], worker, commit);
			producer->partitions &= ~bit;
		}
	}
	if (producer->partitions & OFFSETS_BIT && (all || broker_chance(broker, 2))) {
		offsets_settle(broker, producer, commit);
		producer->partitions &= ~OFFSETS_BIT;
	}
	if (producer->partitions == 0)
		producer->transaction = TRANSACTION_NONE;
	else
		broker->covered[CLASS_MARKER_LATE] = true;
}

static void
transaction_end(struct broker *broker, int worker, bool commit)
{
	struct broker_producer *producer = &broker->producers[worker];

	producer->transaction = commit ? TRANSACTION_COMMIT : TRANSACTION_ABORT;
	markers_write(broker, worker, !broker_chance(broker, 3));
}

int
broker_producer(struct broker *broker, int worker)
{
	struct broker_producer *producer = &broker->producers[worker];

	if (broker->broken == BREAK_FENCING)
		return producer->epoch = 1;
	if (producer->transaction == TRANSACTION_OPEN) {
		broker->covered[CLASS_LEFT_OPEN] = true;
		transaction_end(broker, worker, false);
	}
	if (producer->transaction != TRANSACTION_NONE)
		markers_write(broker, worker, true);
	return ++producer->epoch;
}

/* A transaction of the epoch is open, or is now. */
static bool
transaction_open(struct broker *broker, int worker, int epoch)
{
	struct broker_producer *producer = &broker->producers[worker];

	if (producer->epoch != epoch)
		return false;
	if (producer->transaction == TRANSACTION_COMMIT || producer->transaction == TRANSACTION_ABORT)
		markers_write(broker, worker, true); /* it waits until the last one has ended */
	if (producer->transaction == TRANSACTION_NONE)
		producer->began_ms = broker->now_ms;
	producer->transaction = TRANSACTION_OPEN;
	return true;
}

enum broker_answer
broker_produce(struct broker *broker, int worker, int epoch, const struct letter *letter)
{
	int partition = letter->partition >= 0
			    ? letter->partition
			    : (int)(letter_hash(letter) % (unsigned)broker->partitions[letter->kind]);

	if (!transaction_open(broker, worker, epoch))
		return ANSWER_FENCED;
	topic_append(&broker->topics[letter->kind][partition], worker, letter_copy(letter));
	broker->producers[worker].partitions |= partition_bit((int)letter->kind, partition);
	broker->news++;
	return ANSWER_OK;
}

enum broker_answer
broker_offset(struct broker *broker, int worker, int epoch, int member, int generation, int queue,
	      const struct broker_committed *at)
{
	struct broker_producer *producer = &broker->producers[worker];
	const struct broker_member *known = &broker->members[worker];

	if (broker->broken != BREAK_GENERATION &&
	    (known->id != member || generation != broker->generation))
		return known->id && known->id != member ? ANSWER_FENCED : ANSWER_UNKNOWN;
	if (!transaction_open(broker, worker, epoch))
		return ANSWER_FENCED;
	producer->has_offset[queue] = true;
	producer->offsets[queue] = *at;
	producer->partitions |= OFFSETS_BIT;
	return ANSWER_OK;
}

enum broker_answer
broker_end(struct broker *broker, int worker, int epoch, bool commit)
{
	struct broker_producer *producer = &broker->producers[worker];

	if (producer->epoch != epoch)
		return ANSWER_FENCED;
	if (producer->transaction == TRANSACTION_OPEN)
		transaction_end(broker, worker, commit);
	return ANSWER_OK;
}

void
broker_end_again(struct broker *broker, int worker, int epoch)
{
	broker->producers[worker].late_epoch = epoch;
	broker->producers[worker].late_ms = broker->now_ms + broker_below(broker, 3000);
}

enum broker_answer
broker_offset_fetch(struct broker *broker, int queue, struct broker_committed *at)
{
	for (int i = 0; i < BROKER_WORKERS && broker->broken != BREAK_UNSTABLE; i++)
		if (broker->producers[i].has_offset[queue])
			return ANSWER_UNSTABLE;
	*at = broker->committed[queue];
	return ANSWER_OK;
}

static void
producer_tick(struct broker *broker, int worker)
{
	struct broker_producer *producer = &broker->producers[worker];

	if (producer->late_epoch && producer->late_ms <= broker->now_ms &&
	    (producer->transaction == TRANSACTION_OPEN || producer->late_epoch != producer->epoch)) {
		if (producer->late_epoch == producer->epoch)
			transaction_end(broker, worker, true);
		else
			broker->covered[CLASS_LATE_END_FENCED] = true;
		producer->late_epoch = 0;
	}
	if (producer->transaction == TRANSACTION_COMMIT || producer->transaction == TRANSACTION_ABORT)
		markers_write(broker, worker, broker_chance(broker, 4));
	if (producer->transaction == TRANSACTION_OPEN &&
	    broker->now_ms - producer->began_ms > broker->transaction_ms) {
		producer->epoch++;
		broker->covered[CLASS_TRANSACTION_TIMEOUT] = true;
		transaction_end(broker, worker, false);
	}
}

void
broker_tick(struct broker *broker, int64_t ms)
{
	broker->now_ms += ms;
	records_arrive(broker);
	for (int i = 0; i < BROKER_WORKERS; i++)
		producer_tick(broker, i);
	group_tick(broker);
	for (int kind = TIDE_LETTER_STATE; kind <= TIDE_LETTER_PARTIAL; kind++)
		for (int i = 0; i < broker->partitions[kind]; i++)
			if (broker_chance(broker, 200))
				topic_compact(&broker->topics[kind][i]);
}

void
broker_read(struct broker *broker)
{
	for (int kind = 0; kind < TIDE_LETTER_STATE; kind++) {
		for (int i = 0; i < broker->partitions[kind]; i++) {
			struct topic *topic = &broker->topics[kind][i];
			size_t end = topic_stable(topic);
			for (; broker->seen[kind][i] < end; broker->seen[kind][i]++) {
				struct topic_record *record = &topic->records[broker->seen[kind][i]];
				if (record->fate == TOPIC_COMMITTED)
					ledger_add(&broker->visible, &record->letter);
			}
		}
	}
}

void
broker_init(struct broker *broker, const struct world *world, uint64_t seed, int faults,
	    bool covered[CLASSES])
{
	*broker = (struct broker){.world = world, .state = seed * 2, .faults = faults,
				  .covered = covered};
	for (size_t i = 0; i < BROKER_QUEUES; i++) {
		broker->committed[i].offset = -1;
		broker->owner[i] = -1;
	}
	broker->session_ms = 100 + broker_below(broker, 3000);
	broker->transaction_ms = 100 + broker_below(broker, 3000);
	for (int kind = 0; kind < TIDE_LETTER_KINDS; kind++)
		broker->partitions[kind] = 1 + (int)broker_below(broker, world->partitions);
	broker->partitions[TIDE_LETTER_STATE] = world->partitions;
	broker->workers = 1 + (int)broker_below(broker, BROKER_WORKERS);
	broker->partitions[TIDE_LETTER_PARTIAL] = 0;
	if (broker->workers > 1 || broker_chance(broker, 4))
		broker->partitions[TIDE_LETTER_PARTIAL] =
		    1 + (int)broker_below(broker, world->partitions < BROKER_PARTIALS
						      ? world->partitions
						      : BROKER_PARTIALS);
	broker->faults *= 1 + broker->workers / 2;
}

void
broker_fini(struct broker *broker)
{
	for (int kind = 0; kind < TIDE_LETTER_KINDS; kind++)
		for (int i = 0; i < BROKER_PARTITIONS; i++)
			topic_free(&broker->topics[kind][i]);
	ledger_clear(&broker->visible);
}
