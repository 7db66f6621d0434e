#include "tests/simulation/process.h"
#include <stdlib.h>
#include <string.h>

#define SNAPSHOT "snapshot/"

/* A bounded reader of the state topic: up to the end that each partition had when it was opened,
 * and committed records only. */
struct state_source {
	struct tide_source base;
	struct process *process;
	struct tide_queue queues[BROKER_PARTITIONS];
	struct tide_record *records[BROKER_PARTITIONS];
	size_t next[BROKER_PARTITIONS], end[BROKER_PARTITIONS], count;
};

static int
state_poll(struct tide_source *base, int wait_ms, bool *changed, struct tide_error *error)
{
	struct state_source *source = (struct state_source *)base;

	*changed = false;
	if (process_step(source->process, 40, CLASS_CRASH_IN_RESTORE, error))
		return -1;
	process_sleep(source->process, wait_ms);
	return 0;
}

static size_t
state_queues(struct tide_source *base, const struct tide_queue **queues)
{
	struct state_source *source = (struct state_source *)base;

	*queues = source->queues;
	return source->count;
}

/* Whose the snapshots are that are about to be read. */
static void
snapshot_note(const struct state_source *source, size_t queue, size_t end)
{
	int32_t partition = source->queues[queue].partition;
	struct broker *broker = source->process->broker;
	const struct topic *topic = &broker->topics[TIDE_LETTER_STATE][partition];

	for (size_t i = source->next[queue]; i < end; i++)
		if (topic_has_key(topic, i, SNAPSHOT))
			source->process->snapshot_of[partition] = topic->records[i].producer;
}

static int
state_take(struct tide_source *base, size_t queue, struct tide_batch *batch,
	   enum tide_supply *supply, struct tide_error *error)
{
	struct state_source *source = (struct state_source *)base;
	struct broker *broker = source->process->broker;
	struct topic *topic = &broker->topics[TIDE_LETTER_STATE][source->queues[queue].partition];
	size_t end = source->end[queue];

	*batch = (struct tide_batch){0};
	if (process_step(source->process, 200, CLASS_CRASH_IN_RESTORE, error))
		return -1;
	if (end > topic_stable(topic))
		end = topic_stable(topic);
	free(source->records[queue]);
	snapshot_note(source, queue, end);
	source->records[queue] = topic_take(topic, &source->next[queue], end,
					    (size_t)source->process->fetch_max, &batch->count);
	batch->records = source->records[queue];
	*supply = batch->count ? TIDE_SUPPLY_RECORDS
			       : source->next[queue] < source->end[queue] ? TIDE_SUPPLY_WAIT
									 : TIDE_SUPPLY_END;
	broker->covered[CLASS_RESTORE_WAITS] |= *supply == TIDE_SUPPLY_WAIT;
	return 0;
}

static double
state_progress(struct tide_source *source)
{
	(void)source;
	return 0;
}

static void
state_close(struct tide_source *base)
{
	struct state_source *source = (struct state_source *)base;

	for (size_t i = 0; i < source->count; i++)
		free(source->records[i]);
	free(source);
}

/* A byte of the newest snapshot is another one, or a leader without it was elected. */
static void
snapshot_spoil(struct process *process, int32_t partition)
{
	struct broker *broker = process->broker;
	struct topic *topic = &broker->topics[TIDE_LETTER_STATE][partition];
	size_t at = topic_stable(topic);

	while (at > 0 && !topic_has_key(topic, at - 1, SNAPSHOT))
		at--;
	if (at == 0 || !broker_fault(broker, 8, CLASS_SNAPSHOT_SPOILT))
		return;
	struct topic_record *record = &topic->records[at - 1];
	broker->is_spoilt = true;
	if (broker_chance(broker, 2)) {
		int64_t byte = broker_below(broker, (int64_t)record->letter.value_size);
		record->letter.value[byte] ^= (uint8_t)(1 << broker_below(broker, 8));
		process->spoilt = CLASS_SNAPSHOT_DAMAGED;
	} else {
		topic_lose(record);
		process->spoilt = CLASS_SNAPSHOT_LOST;
	}
}

int
process_state_open(void *closure, const int32_t *partitions, size_t count,
		   struct tide_source **opened, struct tide_error *error)
{
	static const struct tide_source_ops ops = {state_poll, state_queues, state_take,
						   state_progress, state_close};
	struct process *process = closure;
	struct broker *broker = process->broker;

	if (process_step(process, 60, CLASS_CRASH_IN_RESTORE, error))
		return -1;
	struct state_source *source = calloc(1, sizeof *source);
	TIDE_ASSERT(source);
	source->base.ops = &ops;
	source->process = process;
	for (; source->count < count; source->count++) {
		int32_t at = partitions[source->count];
		TIDE_ASSERT(at < broker->partitions[TIDE_LETTER_STATE]);
		struct topic *topic = &broker->topics[TIDE_LETTER_STATE][at];
		snapshot_spoil(process, at);
		source->queues[source->count] =
		    (struct tide_queue){.partition = at, .topic = "state", .metadata = ""};
		source->end[source->count] =
		    broker->broken == BREAK_STATE_SHORT ? topic_stable(topic) : topic->count;
	}
	*opened = &source->base;
	return 0;
}
