#ifndef TIDE_SIMULATION_PROCESS_H
#define TIDE_SIMULATION_PROCESS_H
#include "app/worker.h"
#include "tests/simulation/broker.h"
#include "tests/simulation/strand.h"
/*
 * A process of the worker, with what a client library would be to it.
 *
 *  (1) It runs tide_worker_run on a source and a sink of this broker, and again after an aborted
 *      transaction. It gives the baton back now and then at a call to the broker.
 *  (2) It is killed by an error that no caller mends, at its next call or where the dice say so:
 *      what it held is forgotten, what it left open at the broker stays open.
 *  (3) It may be frozen: it is not run for a while, and its session runs out. Awake again it goes
 *      on where it was.
 *  (4) What it knows of damaged snapshots it knows as long as it lives. It may only find one that
 *      the broker has spoilt, or that it was too slow for.
 *  (5) A bounded one reads all records of the world, alone; its letters are visible at once.
 */
struct process_source;

struct process {
	struct broker *broker;
	const struct tide_config *config;
	int worker;
	bool bounded;
	int64_t commit_interval_ms, snapshot_interval_ms, fetch_max;
	struct strand strand;
	bool is_running; /* it has a strand */
	bool is_dead;    /* every call fails */
	bool was_frozen;
	int64_t wake_ms; /* it sleeps, or is frozen, until then */
	sig_atomic_t stop;
	struct tide_error error; /* what it ended with */
	struct tide_worker_revoke revoke;
	struct tide_sink sink;
	struct process_source *source;
	struct letter *held;
	size_t held_count, held_room;
	int epoch; /* of the producer; 0: none */
	bool is_tainted;
	uint64_t news; /* that it has seen; and how often, and since when, it saw no other */
	int quiet;
	int64_t quiet_ms;
	int member, generation; /* generation: when partitions were assigned; 0: none are */
	int snapshot_of[BROKER_PARTITIONS]; /* who wrote the last one that it read there */
	enum broker_class spoilt;           /* what became of one; 0: nothing */
};

void process_start(struct process *process, struct broker *broker, const struct tide_config *config,
		   int worker);
/** Runs a while; true: it has ended with process->error. */
bool process_turn(struct process *process);
/** A bounded one, from beginning to end. */
int process_run_bounded(struct process *process, struct broker *broker,
			const struct tide_config *config);
/** It has all that there is, has had time to say so, and nobody else had anything to say. */
bool process_is_at_rest(const struct process *process);

/* between the files of a process: */

/** A call to the broker: others may run first. It crashes once in `in` calls, for that class. */
int process_step(struct process *process, int64_t in, enum broker_class class,
		 struct tide_error *error);
/** Others run until so much time has passed. */
void process_sleep(struct process *process, int64_t ms);
int process_crash(struct process *process, struct tide_error *error);
struct tide_source *process_source_open(struct process *process);
bool process_is_rewinding(const struct process *process);
bool process_is_away(const struct process *process);
/** For tide_worker_setup.state_open. */
int process_state_open(void *process, const int32_t *partitions, size_t count,
		       struct tide_source **source, struct tide_error *error);
#endif
