#include "tests/simulation/process.h"
#include "app/worker_reference.h"
#include "detectors/reference.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROCESS_OF(sink_) \
	((struct process *)(void *)((char *)(sink_) - offsetof(struct process, sink)))

int
process_crash(struct process *process, struct tide_error *error)
{
	struct broker *broker = process->broker;

	if (!process->is_dead && process_is_rewinding(process))
		broker->covered[CLASS_CRASH_IN_REWIND] = true;
	if (!process->is_dead && process_is_away(process))
		broker->covered[CLASS_CRASH_IN_REBALANCE] = true;
	process->is_dead = true;
	return tide_error_stop(error, TIDE_ERROR_RESTART, "crash");
}

/* The broker hears nothing of it any more. */
static void
fall_silent(struct process *process)
{
	struct broker_member *member = &process->broker->members[process->worker];

	if (member->id == process->member)
		member->away_ms = process->broker->now_ms;
}

void
process_sleep(struct process *process, int64_t ms)
{
	process->wake_ms = process->broker->now_ms + ms;
	strand_yield(&process->strand);
}

static void
freeze(struct process *process)
{
	struct broker *broker = process->broker;
	struct broker_member *member = &broker->members[process->worker];

	process->was_frozen = true;
	fall_silent(process);
	process_sleep(process, broker_below(broker, broker->session_ms * 2) +
				   broker_below(broker, broker->transaction_ms));
	if (member->id == process->member)
		member->away_ms = INT64_MAX;
}

int
process_step(struct process *process, int64_t in, enum broker_class class,
	     struct tide_error *error)
{
	struct broker *broker = process->broker;

	if (process->bounded)
		return 0;
	if (!process->is_dead && broker_fault(broker, 2 * in, CLASS_FROZEN))
		freeze(process);
	else if (!process->is_dead && broker_chance(broker, 8))
		strand_yield(&process->strand);
	return process->is_dead || broker_fault(broker, in, class) ? process_crash(process, error) : 0;
}

static void
held_forget(struct process *process)
{
	for (size_t i = 0; i < process->held_count; i++)
		letter_free(&process->held[i]);
	process->held_count = 0;
}

static int
sink_give(struct tide_sink *sink, const struct tide_letter *letter, struct tide_error *error)
{
	struct process *process = PROCESS_OF(sink);

	if (process_step(process, 400, CLASS_CRASH_IN_GIVE, error))
		return -1;
	if (process->held_count == process->held_room) {
		process->held_room = process->held_room ? 2 * process->held_room : 64;
		process->held =
		    realloc(process->held, process->held_room * sizeof *process->held);
		TIDE_ASSERT(process->held);
	}
	process->held[process->held_count++] = letter_take(letter);
	return 0;
}

static void
sink_drop(struct tide_sink *sink)
{
	struct process *process = PROCESS_OF(sink);

	if (process->broker->broken != BREAK_DROP)
		held_forget(process);
}

/* A refusal ends the process; an abort ends what was read since the last commit. The producer is
 * made anew, which ends the transaction. */
static int
commit_fail(struct process *process, enum broker_answer answer, struct tide_error *error)
{
	process->epoch = 0;
	sink_drop(&process->sink);
	if (answer == ANSWER_UNKNOWN) {
		process->broker->covered[CLASS_ZOMBIE_REFUSED] |= process->was_frozen;
		return tide_error_stop(error, TIDE_ERROR_RESTART, "no member");
	}
	if (answer == ANSWER_FENCED) {
		process->broker->covered[CLASS_TWIN_REPLACED] = true;
		return tide_error_stop(error, TIDE_ERROR_REPLACED, "another one has our name");
	}
	return tide_error_set(error, TIDE_ERROR_UNAVAILABLE, TIDE_ABORT_TRANSACTION, "aborted");
}

static int
letters_send(struct process *process, struct tide_error *error)
{
	struct broker *broker = process->broker;

	for (size_t i = 0; i < process->held_count; i++) {
		const struct letter *letter = &process->held[i];
		if (letter->kind == TIDE_LETTER_STATE && broker->broken == BREAK_NO_STATE)
			continue;
		if (process_step(process, 100, CLASS_CRASH_IN_PRODUCE, error))
			return -1;
		enum broker_answer answer =
		    broker_produce(broker, process->worker, process->epoch, letter);
		if (answer)
			return commit_fail(process, answer, error);
	}
	return 0;
}

static void
committed_of(const struct tide_position *position, struct broker_committed *at)
{
	at->offset = position->offset;
	TIDE_ASSERT(strlen(position->metadata) < sizeof at->metadata);
	snprintf(at->metadata, sizeof at->metadata, "%s", position->metadata);
}

static int
positions_send(struct process *process, const struct tide_position *positions, size_t count,
	       struct tide_error *error)
{
	struct broker *broker = process->broker;

	if (process_step(process, 25, CLASS_CRASH_BEFORE_OFFSETS, error))
		return -1;
	for (size_t i = 0; i < count; i++) {
		int queue = broker_queue_of(broker, positions[i].role, positions[i].partition);
		struct broker_committed at;
		committed_of(&positions[i], &at);
		if (broker->broken == BREAK_NO_POSITIONS || broker->broken == BREAK_POSITIONS_FIRST)
			continue;
		enum broker_answer answer =
		    broker_offset(broker, process->worker, process->epoch, process->member,
				  process->generation, queue, &at);
		if (answer)
			return commit_fail(process, answer, error);
	}
	return 0;
}

/* Who acknowledges first, and sends then. */
static void
positions_first(struct broker *broker, const struct tide_position *positions, size_t count)
{
	for (size_t i = 0; i < count; i++)
		committed_of(&positions[i],
			     &broker->committed[broker_queue_of(broker, positions[i].role,
								positions[i].partition)]);
}

static int
transaction_end(struct process *process, struct tide_error *error)
{
	struct broker *broker = process->broker;

	if (process_step(process, 15, CLASS_CRASH_BEFORE_COMMIT, error))
		return -1;
	bool unknown = broker_fault(broker, 25, CLASS_UNKNOWN_OUTCOME);
	if (unknown && broker_chance(broker, 2))
		return process_crash(process, error);
	enum broker_answer answer = broker_end(broker, process->worker, process->epoch, true);
	if (answer)
		return commit_fail(process, answer, error);
	if (unknown)
		return process_crash(process, error);
	if (broker_fault(broker, 15, CLASS_END_TWICE)) {
		broker_end_again(broker, process->worker, process->epoch);
		process->is_tainted = broker->broken != BREAK_KEEP_PRODUCER;
	}
	held_forget(process);
	return process_step(process, 15, CLASS_CRASH_AFTER_COMMIT, error);
}

static int
transaction_send(struct process *process, const struct tide_position *positions, size_t count,
		 struct tide_error *error)
{
	struct broker *broker = process->broker;

	if (process_step(process, 25, CLASS_CRASH_BEFORE_PRODUCE, error))
		return -1;
	if (broker_fault(broker, 25, CLASS_RETRIED))
		return tide_error_set(error, TIDE_ERROR_UNAVAILABLE, TIDE_RETRY, "away");
	if (!process->epoch || process->is_tainted)
		process->epoch = broker_producer(broker, process->worker);
	process->is_tainted = false;
	if (letters_send(process, error))
		return -1;
	if (broker->broken == BREAK_LETTERS_FIRST)
		broker_end(broker, process->worker, process->epoch, true);
	if (broker_fault(broker, 25, CLASS_ABORTED))
		return commit_fail(process, ANSWER_OK, error);
	return positions_send(process, positions, count, error) || transaction_end(process, error)
		   ? -1
		   : 0;
}

static int
sink_commit(struct tide_sink *sink, const struct tide_position *positions, size_t count,
	    struct tide_error *error)
{
	struct process *process = PROCESS_OF(sink);
	struct broker *broker = process->broker;

	for (size_t i = 0; process->bounded && i < process->held_count; i++)
		ledger_add(&broker->visible, &process->held[i]);
	if (process->bounded)
		return 0;
	if (!process->generation)
		return commit_fail(process, ANSWER_UNKNOWN, error);
	if (broker->broken == BREAK_POSITIONS_FIRST)
		positions_first(broker, positions, count);
	return transaction_send(process, positions, count, error);
}

static void
sink_close(struct tide_sink *sink)
{
	held_forget(PROCESS_OF(sink));
	free(PROCESS_OF(sink)->held);
	PROCESS_OF(sink)->held = NULL;
}

static int64_t
clock_now(void *closure)
{
	return ((const struct process *)closure)->broker->now_ms;
}

/* A snapshot was not there, or was damaged: somebody must have done that, or others went on while
 * this one slept. */
static void
snapshot_doubt(struct process *process, bool distrusted)
{
	struct broker *broker = process->broker;

	if (distrusted || !process->revoke.distrusts)
		return;
	if (process->spoilt)
		broker->covered[process->spoilt] = true;
	else if (!broker->is_spoilt && process->generation == broker->generation &&
		 process->member == broker->members[process->worker].id)
		tide_error_stop(&process->error, TIDE_ERROR_BUG, "no snapshot, and nobody took it");
}

/* As tidemark run: it reads again by itself after an aborted transaction. */
static void
process_body(void *closure)
{
	struct process *process = closure;
	struct broker *broker = process->broker;
	bool live = !process->bounded;
	struct tide_worker_summary summary = {0};
	struct tide_worker_setup setup = {.config = process->config,
					  .sink = &process->sink,
					  .columns = tide_mapping_columns_new(),
					  .closure = process,
					  .seed = world_random(&broker->state),
					  .version = "0",
					  .from_ms = INT64_MIN,
					  .until_ms = INT64_MAX,
					  .live = live,
					  .stop = &process->stop,
					  .commit_interval_ms = process->commit_interval_ms,
					  .snapshot_interval_ms = process->snapshot_interval_ms,
					  .now_ms = clock_now,
					  .state_open = live ? process_state_open : NULL,
					  .partials_count =
					      live ? broker->partitions[TIDE_LETTER_PARTIAL] : 0,
					  .revoke = live ? &process->revoke : NULL};
	struct tide_reference *reference;
	int failed = tide_worker_reference(process->config, setup.columns, &reference,
					   &process->error);

	setup.reference = reference;
	if (live)
		process->epoch = broker_producer(broker, process->worker);
	for (bool again = !failed; again;) {
		bool distrusted = process->revoke.distrusts;
		setup.source = process_source_open(process);
		failed = tide_worker_run(&setup, &summary, &process->error);
		setup.source->ops->close(setup.source);
		snapshot_doubt(process, distrusted);
		again = failed && process->error.remedy == TIDE_ABORT_TRANSACTION &&
			!process->stop;
	}
	tide_reference_free(reference);
	process->sink.ops->close(&process->sink);
	tide_mapping_columns_free(setup.columns);
	if (live)
		fall_silent(process);
}

static void
process_init(struct process *process, struct broker *broker, const struct tide_config *config)
{
	static const struct tide_sink_ops ops = {sink_give, sink_commit, sink_close, sink_drop};

	*process = (struct process){.broker = broker, .config = config, .sink.ops = &ops};
	process->commit_interval_ms =
	    1 + broker_below(broker, broker_chance(broker, 2) ? 50 : 1000);
	process->fetch_max = 1 + broker_below(broker, broker_chance(broker, 2) ? 4 : 200);
	if (!broker_chance(broker, 4)) /* else none */
		process->snapshot_interval_ms =
		    1 + broker_below(broker, broker_chance(broker, 2) ? 100 : 3000);
}

void
process_start(struct process *process, struct broker *broker, const struct tide_config *config,
	      int worker)
{
	process_init(process, broker, config);
	process->worker = worker;
	process->is_running = true;
	strand_start(&process->strand, process_body, process);
}

bool
process_turn(struct process *process)
{
	if (strand_run(&process->strand))
		process->is_running = false;
	return !process->is_running;
}

int
process_run_bounded(struct process *process, struct broker *broker,
		    const struct tide_config *config)
{
	process_init(process, broker, config);
	process->bounded = true;
	broker->partitions[TIDE_LETTER_PARTIAL] = 0;
	process_body(process);
	return process->error.code;
}
