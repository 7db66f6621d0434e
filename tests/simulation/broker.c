#include "tests/simulation/broker.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IDLE_POLLS 80
#define RESTS 40 /* looks at a world where all was read, before the worker is stopped */
#define BROKER_OF(of) ((struct broker *)(void *)((char *)(of) - offsetof(struct broker, sink)))

struct broker_source {
	struct tide_source base;
	struct broker *broker;
	struct tide_queue queues[WORLD_QUEUES_MAX];
	char metadata[WORLD_QUEUES_MAX][TIDE_POSITION_NOTE];
	int of[WORLD_QUEUES_MAX]; /* queues of the world */
	struct tide_record *records[WORLD_QUEUES_MAX];
	int64_t next[WORLD_QUEUES_MAX];
	size_t count;
	int away; /* polls until partitions are assigned again */
	bool bounded, changed;
};

static bool
chance(struct broker *broker, int64_t in)
{
	return world_chance(&broker->state, in);
}

static int64_t
below(struct broker *broker, int64_t limit)
{
	return world_below(&broker->state, limit);
}

/* A fault of the class, if there are some left and the dice say so. */
static bool
fault(struct broker *broker, int64_t in, enum broker_class class)
{
	if (broker->faults == 0 || !chance(broker, in))
		return false;
	broker->faults--;
	broker->covered[class] = true;
	return true;
}

static bool
is_rewinding(const struct broker *broker)
{
	const struct broker_source *source = broker->source;

	for (size_t i = 0; source && i < source->count; i++)
		if (source->next[i] < broker->told[source->of[i]])
			return true;
	return false;
}

static int
crash(struct broker *broker, struct tide_error *error)
{
	broker->crashed = true;
	if (is_rewinding(broker))
		broker->covered[CLASS_CRASH_IN_REWIND] = true;
	if (broker->source && broker->source->away)
		broker->covered[CLASS_CRASH_IN_REBALANCE] = true;
	return tide_error_stop(error, TIDE_ERROR_RESTART, "crash");
}

int64_t
broker_now_ms(void *closure)
{
	return ((struct broker *)closure)->now_ms;
}

static void
metadata_lose(char metadata[TIDE_POSITION_NOTE], char letter)
{
	char field[4] = {';', letter, '=', 0}, rest[TIDE_POSITION_NOTE];
	char *at = strstr(metadata, field);

	if (!at)
		return;
	snprintf(rest, sizeof rest, "-%s", at + 3 + strcspn(at + 3, ";"));
	memcpy(at + 3, rest, strlen(rest) + 1);
}

/* Where a member starts to read, with what was committed there. */
static void
position_resume(struct broker *broker, size_t queue, int64_t *offset, char *metadata)
{
	static const char lost[BREAKS] = {[BREAK_FRONTIER] = 'F',    [BREAK_INPUT] = 'I',
					  [BREAK_WHOLE_START] = 'J', [BREAK_WATERMARK] = 'W',
					  [BREAK_READ_OFFSET] = 'R'};
	const struct broker_committed *at = &broker->committed[queue];

	*offset = at->offset < 0 ? 0 : at->offset;
	memcpy(metadata, at->metadata, TIDE_POSITION_NOTE);
	if (lost[broker->broken])
		metadata_lose(metadata, lost[broker->broken]);
	if (broker->broken == BREAK_LOW_WATER && *offset && *offset < broker->told[queue])
		++*offset;
	if (broker->broken == BREAK_NO_REWIND)
		*offset = broker->told[queue];
}

static void
source_assign(struct broker_source *source)
{
	struct broker *broker = source->broker;
	const struct world *world = broker->world;

	source->count = 0;
	for (int i = 0; i < world->queues_count; i++) {
		const struct world_queue *queue = &world->queues[i];
		size_t at = source->count;
		if (queue->role ? !world->has_labels : !world->has_predictions)
			continue;
		source->next[at] = 0;
		*source->metadata[at] = 0;
		if (!source->bounded)
			position_resume(broker, (size_t)i, &source->next[at], source->metadata[at]);
		source->of[at] = i;
		source->queues[at] = (struct tide_queue){.role = queue->role,
							 .partition = queue->partition,
							 .partition_count = source->broker->world->partitions,
							 .topic = queue->role ? "l" : "p",
							 .start_offset = source->next[at],
							 .metadata = source->metadata[at]};
		source->count++;
	}
	source->changed = true;
}

static void
source_leave(struct broker_source *source)
{
	source->count = 0;
	source->changed = true;
	source->away = 1 + (int)below(source->broker, 4);
}

static void
source_rebalance(struct broker_source *source)
{
	struct broker *broker = source->broker;

	if (fault(broker, 60, CLASS_REVOKED)) {
		broker->covered[CLASS_REVOKED_IN_REWIND] |= is_rewinding(broker);
		tide_worker_live_revoke(&broker->revoke);
		source_leave(source);
	} else if (fault(broker, 60, CLASS_LOST)) {
		source_leave(source);
	}
}

bool
broker_is_all_read(const struct broker *broker)
{
	const struct broker_source *source = broker->source;

	if (!source || !source->count)
		return false;
	for (size_t i = 0; i < source->count; i++)
		if (source->next[i] < (int64_t)broker->world->queues[source->of[i]].count)
			return false;
	return true;
}

/* Some queues get some records; often all that were there at one moment. */
static void
records_arrive(struct broker *broker)
{
	const struct world *world = broker->world;
	int64_t until_ms = INT64_MIN;

	if (world->idle) /* what closes the queues comes to all at once, when one is idle */
		until_ms = broker->polls < IDLE_POLLS ? world->close_ms : INT64_MAX;
	else if (chance(broker, 2))
		until_ms = world->start_ms + below(broker, world->end_ms - world->start_ms);
	for (int i = 0; i < world->queues_count; i++) {
		const struct world_queue *queue = &world->queues[i];
		int64_t more = !world->idle && chance(broker, 3) ? below(broker, 40) : 0;
		while (broker->readable[i] < (int64_t)queue->count &&
		       (more-- > 0 ||
			queue->records[broker->readable[i]].record_ms < until_ms))
			broker->readable[i]++;
	}
}

static void
time_passes(struct broker *broker, int wait_ms)
{
	broker->now_ms += below(broker, wait_ms + 2);
	if (chance(broker, 20))
		broker->now_ms += below(broker, 1000);
}

static int
source_poll(struct tide_source *base, int wait_ms, bool *changed, struct tide_error *error)
{
	struct broker_source *source = (struct broker_source *)base;
	struct broker *broker = source->broker;

	broker->polls++;
	time_passes(broker, wait_ms);
	if (broker->polls > 100000)
		return tide_error_stop(error, TIDE_ERROR_BUG, "it does not end");
	if (!source->bounded) {
		if (fault(broker, 80, CLASS_CRASH_IN_TAKE))
			return crash(broker, error);
		records_arrive(broker);
		if (source->away == 0)
			source_rebalance(source);
		else if (--source->away == 0)
			source_assign(source);
		broker->rests += broker_is_all_read(broker);
		broker->stop = broker->rests > RESTS;
	}
	*changed = source->changed;
	source->changed = false;
	return 0;
}

static size_t
source_queues(struct tide_source *base, const struct tide_queue **queues)
{
	struct broker_source *source = (struct broker_source *)base;

	*queues = source->queues;
	return source->count;
}

static void
batch_fill(struct broker_source *source, size_t queue, int64_t end, struct tide_batch *batch)
{
	const struct world_record *records = source->broker->world->queues[source->of[queue]].records;
	size_t count = (size_t)(end - source->next[queue]);

	/* a batch of its own, so that who reads an old one is found out */
	free(source->records[queue]);
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
	struct broker_source *source = (struct broker_source *)base;
	struct broker *broker = source->broker;
	int64_t all = (int64_t)broker->world->queues[source->of[queue]].count;
	int64_t end = source->bounded ? all : broker->readable[source->of[queue]];

	*batch = (struct tide_batch){NULL, 0};
	if (!source->bounded && fault(broker, 400, CLASS_CRASH_IN_TAKE))
		return crash(broker, error);
	if (source->next[queue] >= end) {
		*supply = source->bounded ? TIDE_SUPPLY_END : TIDE_SUPPLY_DRAINED;
		return 0;
	}
	if (chance(broker, 4)) {
		*supply = TIDE_SUPPLY_WAIT;
		return 0;
	}
	if (end > source->next[queue] + broker->fetch_max)
		end = source->next[queue] + 1 + below(broker, broker->fetch_max);
	batch_fill(source, queue, end, batch);
	*supply = TIDE_SUPPLY_RECORDS;
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
	struct broker_source *source = (struct broker_source *)base;

	for (size_t i = 0; i < WORLD_QUEUES_MAX; i++)
		free(source->records[i]);
	if (source->broker->source == source)
		source->broker->source = NULL;
	free(source);
}

struct tide_source *
broker_source_open(struct broker *broker, bool bounded)
{
	static const struct tide_source_ops ops = {source_poll, source_queues, source_take,
						   source_progress, source_close};
	struct broker_source *source = calloc(1, sizeof *source);

	TIDE_ASSERT(source);
	source->base.ops = &ops;
	source->broker = broker;
	source->bounded = bounded;
	broker->source = source;
	if (bounded)
		source_assign(source);
	else
		source->away = 1;
	return &source->base;
}

static int
sink_give(struct tide_sink *sink, const struct tide_letter *letter, struct tide_error *error)
{
	struct broker *broker = BROKER_OF(sink);
	if (fault(broker, 400, CLASS_CRASH_IN_GIVE))
		return crash(broker, error);
	ledger_add(letter->kind == TIDE_LETTER_STATE ? &broker->held_states : &broker->held, letter);
	return 0;
}

static void
positions_apply(struct broker *broker, const struct tide_position *positions, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int queue = positions[i].role * broker->world->partitions + positions[i].partition;
		struct broker_committed *at = &broker->committed[queue];
		at->offset = positions[i].offset;
		snprintf(at->metadata, sizeof at->metadata, "%s", positions[i].metadata);
		const char *read = strstr(at->metadata, ";R=");
		broker->told[queue] = strtoll(read + 3, NULL, 10);
	}
}

static void
sink_drop(struct tide_sink *sink)
{
	struct broker *broker = BROKER_OF(sink);

	if (broker->broken != BREAK_DROP) {
		ledger_clear(&broker->held);
		ledger_clear(&broker->held_states);
	}
}

static int
commit_fails(struct broker *broker, const struct tide_position *positions, size_t count,
	     struct tide_error *error)
{
	enum broker_break broken = broker->broken;

	if (fault(broker, 25, CLASS_RETRIED))
		return tide_error_set(error, TIDE_ERROR_UNAVAILABLE, TIDE_RETRY, "away");
	if (fault(broker, 25, CLASS_ABORTED)) {
		sink_drop(&broker->sink);
		return tide_error_set(error, TIDE_ERROR_UNAVAILABLE, TIDE_ABORT_TRANSACTION,
				      "aborted");
	}
	if (fault(broker, 25, CLASS_CRASH_BEFORE_PRODUCE))
		return crash(broker, error);
	if (!fault(broker, 15, CLASS_CRASH_BEFORE_COMMIT))
		return 0;
	if (broken == BREAK_POSITIONS_FIRST)
		positions_apply(broker, positions, count);
	if (broken == BREAK_LETTERS_FIRST)
		ledger_move(&broker->visible, &broker->held);
	return crash(broker, error);
}

static int
sink_commit(struct tide_sink *sink, const struct tide_position *positions, size_t count,
	    struct tide_error *error)
{
	struct broker *broker = BROKER_OF(sink);

	if (commit_fails(broker, positions, count, error))
		return -1;
	bool unknown = fault(broker, 25, CLASS_UNKNOWN_OUTCOME);
	if (unknown && chance(broker, 2))
		return crash(broker, error);
	positions_apply(broker, positions, count);
	ledger_move(&broker->visible, &broker->held);
	ledger_move(&broker->states, &broker->held_states);
	return unknown || fault(broker, 15, CLASS_CRASH_AFTER_COMMIT) ? crash(broker, error) : 0;
}

static void
sink_close(struct tide_sink *sink)
{
	(void)sink;
}

void
broker_init(struct broker *broker, const struct world *world, uint64_t seed, int faults,
	    bool covered[CLASSES])
{
	static const struct tide_sink_ops ops = {sink_give, sink_commit, sink_close,
						 sink_drop};

	*broker = (struct broker){.world = world, .state = seed * 2, .faults = faults,
				  .covered = covered, .sink.ops = &ops};
	for (size_t i = 0; i < WORLD_QUEUES_MAX; i++)
		broker->committed[i].offset = -1;
	broker->commit_interval_ms = 1 + below(broker, chance(broker, 2) ? 50 : 1000);
	broker->fetch_max = 1 + below(broker, chance(broker, 2) ? 4 : 200);
}

void
broker_fini(struct broker *broker)
{
	ledger_clear(&broker->visible);
	ledger_clear(&broker->held);
	ledger_clear(&broker->states);
	ledger_clear(&broker->held_states);
}

void
broker_crash(struct broker *broker)
{
	ledger_clear(&broker->held);
	ledger_clear(&broker->held_states);
	broker->crashed = false;
	broker->stop = 0;
	broker->rests = 0;
}

struct state_source {
	struct tide_source base;
	struct tide_queue queue;
	struct tide_record *records;
	size_t count;
	bool taken;
};

static int
state_poll(struct tide_source *source, int wait_ms, bool *changed, struct tide_error *error)
{
	(void)source, (void)wait_ms, (void)error;
	*changed = false;
	return 0;
}

static size_t
state_queues(struct tide_source *source, const struct tide_queue **queues)
{
	*queues = &((struct state_source *)source)->queue;
	return 1;
}

static int
state_take(struct tide_source *base, size_t queue, struct tide_batch *batch,
	   enum tide_supply *supply, struct tide_error *error)
{
	struct state_source *source = (struct state_source *)base;

	(void)queue, (void)error;
	*batch = (struct tide_batch){source->records, source->taken ? 0 : source->count};
	*supply = batch->count ? TIDE_SUPPLY_RECORDS : TIDE_SUPPLY_END;
	source->taken = true;
	return 0;
}

static void
state_close(struct tide_source *base)
{
	free(((struct state_source *)base)->records);
	free(base);
}

int
broker_state_open(void *closure, const int32_t *partitions, size_t count,
		  struct tide_source **opened, struct tide_error *error)
{
	static const struct tide_source_ops ops = {state_poll, state_queues, state_take,
						   source_progress, state_close};
	const struct ledger *states = &((struct broker *)closure)->states;
	(void)partitions, (void)count;
	struct state_source *source = calloc(1, sizeof *source);

	(void)error;
	source->records = calloc(states->count + 1, sizeof *source->records);
	source->base.ops = &ops;
	source->queue = (struct tide_queue){.topic = "s", .metadata = ""};
	for (size_t i = 0; i < states->count; i++) {
		const char *name = states->letters[i].name, *body = states->letters[i].body;
		source->records[source->count++] =
		    (struct tide_record){.key = (const uint8_t *)name, .key_size = strlen(name),
					 .value = (const uint8_t *)body,
					 .value_size = body ? strlen(body) : 0,
					 .offset = (int64_t)i, .time_ms = INT64_MIN};
	}
	*opened = &source->base;
	return 0;
}
