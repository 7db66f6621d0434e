#include "tests/simulation/process.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POLLS_MAX     200000
#define RESTS         20 /* polls without anything new before workers are stopped */
#define COMMIT_MS_MAX 2000

struct process_source {
	struct tide_source base;
	struct process *process;
	struct tide_queue queues[BROKER_QUEUES];
	char metadata[BROKER_QUEUES][512];
	int of[BROKER_QUEUES]; /* queues of the broker */
	struct tide_record *records[BROKER_QUEUES];
	int64_t next[BROKER_QUEUES];
	bool has_snapshot[BROKER_QUEUES];
	size_t count;
	bool changed;
};

bool
process_is_rewinding(const struct process *process)
{
	const struct process_source *source = process->source;

	for (size_t i = 0; source && i < source->count; i++)
		if (source->next[i] < broker_told(process->broker, source->of[i]))
			return true;
	return false;
}

bool
process_is_away(const struct process *process)
{
	return process->source && !process->generation;
}

static struct topic *
partials_of(struct broker *broker, int queue)
{
	return &broker->topics[TIDE_LETTER_PARTIAL][broker_queue_partition(broker, queue)];
}

/* What can be read for now. */
static int64_t
queue_end(const struct process *process, int queue)
{
	struct broker *broker = process->broker;

	if (broker_queue_role(broker, queue) == TIDE_PARTIALS)
		return (int64_t)topic_stable(partials_of(broker, queue));
	return process->bounded ? (int64_t)broker->world->queues[queue].count
				: broker->readable[queue];
}

bool
process_is_at_rest(const struct process *process)
{
	const struct process_source *source = process->source;
	struct broker *broker = process->broker;

	for (size_t i = 0; source && i < source->count; i++) {
		int queue = source->of[i];
		size_t all = broker_queue_role(broker, queue) == TIDE_PARTIALS
				 ? partials_of(broker, queue)->count
				 : broker->world->queues[queue].count;
		if (source->next[i] < (int64_t)all)
			return false;
	}
	return source && process->generation == broker->generation &&
	       process->news == broker->news && process->held_count == 0 &&
	       process->quiet > RESTS &&
	       broker->now_ms - process->quiet_ms > COMMIT_MS_MAX;
}

static void
metadata_lose(char metadata[512], char letter)
{
	char field[4] = {';', letter, '=', 0}, rest[512];
	char *at = strstr(metadata, field);

	if (!at)
		return;
	snprintf(rest, sizeof rest, "-%s", at + 3 + strcspn(at + 3, ";"));
	memcpy(at + 3, rest, strlen(rest) + 1);
}

/* Where a member starts to read, with what was committed there. */
static void
position_resume(struct broker *broker, int queue, int64_t *offset, char metadata[512])
{
	static const char lost[BREAKS] = {[BREAK_FRONTIER] = 'F',    [BREAK_INPUT] = 'I',
					  [BREAK_WHOLE_START] = 'J', [BREAK_WATERMARK] = 'W',
					  [BREAK_READ_OFFSET] = 'R'};
	struct broker_committed at;
	int64_t told = broker_told(broker, queue);

	broker_offset_fetch(broker, queue, &at);
	*offset = at.offset < 0 ? 0 : at.offset;
	memcpy(metadata, at.metadata, sizeof at.metadata);
	if (lost[broker->broken])
		metadata_lose(metadata, lost[broker->broken]);
	if (broker->broken == BREAK_LOW_WATER && *offset && *offset < told)
		++*offset;
}

/* A snapshot may go on further ahead. */
static void
queue_start(struct process_source *source, size_t at)
{
	struct process *process = source->process;
	struct broker *broker = process->broker;
	struct tide_queue *queue = &source->queues[at];
	int64_t low_water = queue->start_offset, told = broker_told(broker, source->of[at]);

	queue->start_offset = tide_worker_snapshot_start(&process->revoke, queue);
	source->has_snapshot[at] = queue->start_offset != low_water;
	if (broker->broken == BREAK_NO_REWIND && !source->has_snapshot[at])
		queue->start_offset = told;
	source->next[at] = queue->start_offset;
	if (broker->broken == BREAK_SNAPSHOT_OFFSET && source->has_snapshot[at])
		source->next[at] = told;
}

static void
queue_add(struct process_source *source, int queue)
{
	static const char *const topics[] = {"p", "l", "partials"};
	struct process *process = source->process;
	struct broker *broker = process->broker;
	size_t at = source->count++;
	int role = broker_queue_role(broker, queue);

	source->next[at] = 0;
	*source->metadata[at] = 0;
	if (!process->bounded)
		position_resume(broker, queue, &source->next[at], source->metadata[at]);
	source->of[at] = queue;
	source->queues[at] = (struct tide_queue){.role = role,
						 .partition = broker_queue_partition(broker, queue),
						 .partition_count = broker_queue_count(broker, queue),
						 .topic = topics[role],
						 .start_offset = source->next[at],
						 .metadata = source->metadata[at]};
	if (!process->bounded)
		queue_start(source, at);
}

/* Queues are taken when what is committed for all of them is known. */
static void
source_assign(struct process_source *source)
{
	struct process *process = source->process;
	struct broker *broker = process->broker;
	struct broker_committed at;

	for (int i = 0; i < BROKER_QUEUES && !process->bounded; i++) {
		if (broker->owner[i] == process->worker && broker_offset_fetch(broker, i, &at)) {
			broker->covered[CLASS_UNSTABLE] = true;
			return;
		}
	}
	source->count = 0;
	for (int i = 0; i < BROKER_QUEUES; i++)
		if (broker_queue_exists(broker, i) &&
		    (process->bounded || broker->owner[i] == process->worker))
			queue_add(source, i);
	source->changed = true;
	process->generation = broker->generation;
}

static void
source_leave(struct process_source *source)
{
	source->changed |= source->process->generation != 0;
	source->count = 0;
	source->process->generation = 0;
}

static void
source_revoke(struct process_source *source)
{
	struct process *process = source->process;

	if (process->generation) {
		struct broker *broker = process->broker;
		broker->covered[CLASS_REVOKED_IN_REWIND] |= process_is_rewinding(process);
		for (int i = 0; i < BROKER_WORKERS; i++)
			broker->covered[CLASS_REVOKED_IN_COMMIT] |=
			    i != process->worker &&
			    broker->producers[i].transaction == TRANSACTION_OPEN;
		tide_worker_live_revoke(&process->revoke);
	}
	source_leave(source);
	if (!process->is_dead)
		group_rejoin(process->broker, process->worker);
}

/* What a client does while it polls: it is told what became of its membership. */
static int
membership_keep(struct process_source *source, struct tide_error *error)
{
	struct process *process = source->process;
	struct broker *broker = process->broker;

	if (broker_fault(broker, 60, CLASS_REVOKED))
		group_rebalance(broker);
	else if (broker_fault(broker, 60, CLASS_LOST))
		group_expire(broker, process->worker);
	switch (group_heartbeat(broker, process->worker, process->member)) {
	case ANSWER_FENCED:
		broker->covered[CLASS_TWIN_REPLACED] = true;
		return tide_error_stop(error, TIDE_ERROR_REPLACED, "another one has our name");
	case ANSWER_UNKNOWN:
		source_leave(source);
		process->member = group_join(broker, process->worker);
		return 0;
	case ANSWER_REBALANCE:
		if (!broker->members[process->worker].has_joined)
			source_revoke(source);
		return 0;
	default:
		if (process->generation != broker->generation)
			source_assign(source);
		return 0;
	}
}

static void
time_passes(struct process *process, int wait_ms)
{
	struct broker *broker = process->broker;
	int64_t ms = broker_below(broker, wait_ms + 2);

	broker->polls++;
	if (broker_chance(broker, 20))
		ms += broker_below(broker, 1000);
	process_sleep(process, ms);
	broker_tick(broker, 0);
}

static void
news_look(struct process *process)
{
	const struct broker *broker = process->broker;

	process->quiet++;
	if (process->news == broker->news)
		return;
	process->news = broker->news;
	process->quiet = 0;
	process->quiet_ms = broker->now_ms;
}

static int
source_poll(struct tide_source *base, int wait_ms, bool *changed, struct tide_error *error)
{
	struct process_source *source = (struct process_source *)base;
	struct process *process = source->process;

	if (!process->bounded) {
		if (process_step(process, 80, CLASS_CRASH_IN_TAKE, error))
			return -1;
		time_passes(process, wait_ms);
		if (process->is_dead)
			return process_crash(process, error);
		news_look(process);
		if (process->broker->polls > POLLS_MAX)
			return tide_error_stop(error, TIDE_ERROR_BUG, "it does not end");
		if (membership_keep(source, error))
			return -1;
	}
	*changed = source->changed;
	source->changed = false;
	return 0;
}

static size_t
source_queues(struct tide_source *base, const struct tide_queue **queues)
{
	struct process_source *source = (struct process_source *)base;

	*queues = source->queues;
	return source->count;
}

static void
partials_fill(struct process_source *source, size_t queue, int64_t end, struct tide_batch *batch)
{
	size_t next = (size_t)source->next[queue];

	const struct process *process = source->process;
	const struct topic *topic = partials_of(process->broker, source->of[queue]);

	for (size_t i = next; i < (size_t)end; i++)
		process->broker->covered[CLASS_PARTIAL_OF_ANOTHER] |=
		    topic->records[i].fate == TOPIC_COMMITTED &&
		    topic->records[i].producer != process->worker;
	source->records[queue] = topic_take(topic, &next, (size_t)end, SIZE_MAX, &batch->count);
	source->next[queue] = (int64_t)next;
	batch->records = source->records[queue];
}

/* Who reads on behind a snapshot has loaded it. */
static void
snapshot_cover(const struct process_source *source, size_t queue)
{
	const struct process *process = source->process;
	bool *covered = process->broker->covered;

	if (!source->has_snapshot[queue])
		return;
	covered[CLASS_SNAPSHOT_RESTORED] = true;
	if (process->snapshot_of[source->queues[queue].partition] != process->worker)
		covered[CLASS_SNAPSHOT_OF_ANOTHER] = true;
}

static void
records_fill(struct process_source *source, size_t queue, int64_t end, struct tide_batch *batch)
{
	const struct world_record *records =
	    source->process->broker->world->queues[source->of[queue]].records;
	size_t count = (size_t)(end - source->next[queue]);

	snapshot_cover(source, queue);
	source->records[queue] = calloc(count, sizeof(struct tide_record));
	TIDE_ASSERT(source->records[queue]);
	for (size_t i = 0; i < count; i++, source->next[queue]++) {
		const struct world_record *record = &records[source->next[queue]];
		source->records[queue][i] =
		    (struct tide_record){.value = (const uint8_t *)record->text,
					 .value_size = record->length,
					 .offset = source->next[queue],
					 .time_ms = record->record_ms};
	}
	*batch = (struct tide_batch){source->records[queue], count};
}

static int
source_take(struct tide_source *base, size_t queue, struct tide_batch *batch,
	    enum tide_supply *supply, struct tide_error *error)
{
	struct process_source *source = (struct process_source *)base;
	struct process *process = source->process;
	struct broker *broker = process->broker;

	*batch = (struct tide_batch){NULL, 0};
	if (process_step(process, 400, CLASS_CRASH_IN_TAKE, error))
		return -1;
	int64_t end = queue_end(process, source->of[queue]);
	if (source->next[queue] >= end) {
		*supply = process->bounded ? TIDE_SUPPLY_END : TIDE_SUPPLY_DRAINED;
		return 0;
	}
	if (broker_chance(broker, 4)) {
		*supply = TIDE_SUPPLY_WAIT;
		return 0;
	}
	if (end > source->next[queue] + process->fetch_max)
		end = source->next[queue] + 1 + broker_below(broker, process->fetch_max);
	/* a batch of its own, so that who reads an old one is found out */
	free(source->records[queue]);
	if (source->queues[queue].role == TIDE_PARTIALS)
		partials_fill(source, queue, end, batch);
	else
		records_fill(source, queue, end, batch);
	broker->news++;
	*supply = batch->count ? TIDE_SUPPLY_RECORDS
		  : source->next[queue] < queue_end(process, source->of[queue]) ? TIDE_SUPPLY_WAIT
										: TIDE_SUPPLY_DRAINED;
	return 0;
}

static double
source_progress(struct tide_source *source)
{
	(void)source;
	return 0;
}

static void
source_close(struct tide_source *base)
{
	struct process_source *source = (struct process_source *)base;

	for (size_t i = 0; i < BROKER_QUEUES; i++)
		free(source->records[i]);
	source->process->source = NULL;
	free(source);
}

struct tide_source *
process_source_open(struct process *process)
{
	static const struct tide_source_ops ops = {source_poll, source_queues, source_take,
						   source_progress, source_close};
	struct process_source *source = calloc(1, sizeof *source);

	TIDE_ASSERT(source);
	source->base.ops = &ops;
	source->process = process;
	process->source = source;
	process->generation = 0;
	if (process->bounded)
		source_assign(source);
	else if (!process->is_dead)
		process->member = group_join(process->broker, process->worker);
	return &source->base;
}
