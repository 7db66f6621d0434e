#ifndef TIDE_SIMULATION_BROKER_H
#define TIDE_SIMULATION_BROKER_H
#include "app/position.h"
#include "tests/simulation/classes.h"
#include "tests/simulation/ledger.h"
#include "tests/simulation/topic.h"
#include "tests/simulation/world.h"
/*
 * A broker in memory, and what can go wrong at it; all of it drawn from a seed.
 *
 *  (1) Transactions (KIP-98): a producer is known by its worker's number; who initialises it gets
 *      a new epoch, what its predecessor left open is aborted, and the predecessor is refused.
 *      A commit is decided at once, but each partition learns of it in its own time.
 *  (2) Offsets in a transaction (KIP-447) are taken of the group's present generation only, and
 *      are the group's when the transaction is committed; until then who asks is told UNSTABLE.
 *  (3) Membership is static: a process that joins with the name of another takes its place without
 *      a rebalance. A rebalance is eager: all must give back what they have before it ends.
 *      Partitions are assigned by range, each role on its own.
 *  (4) It misbehaves as brokers do: a request to end a transaction whose answer was lost may come a
 *      second time, later, and end the next transaction of the same epoch.
 *  (5) `broken` breaks one promise on purpose, so that a check can be seen to fail.
 *  (6) Records become readable bit by bit. Time is a number that moves as it likes, never back.
 */
#define BROKER_WORKERS    4
#define BROKER_PARTIALS   2 /* partitions of the topic of partials, at most */
#define BROKER_QUEUES     (WORLD_QUEUES_MAX + BROKER_PARTIALS)
#define BROKER_PARTITIONS WORLD_PARTITIONS_MAX

enum broker_answer {
	ANSWER_OK,
	ANSWER_FENCED,    /* another one has this name */
	ANSWER_UNKNOWN,   /* no member, or of another generation */
	ANSWER_REBALANCE, /* give back what you have, and join again */
	ANSWER_UNSTABLE   /* a transaction with these offsets is open */
};

struct broker_committed {
	int64_t offset; /* -1: none */
	char metadata[512];
};

enum broker_transaction {
	TRANSACTION_NONE,
	TRANSACTION_OPEN,
	TRANSACTION_COMMIT, /* decided, and not known everywhere */
	TRANSACTION_ABORT
};

struct broker_producer {
	int epoch;
	enum broker_transaction transaction;
	uint64_t partitions; /* that have not learnt of its end: a bit each, one for offsets */
	int64_t began_ms;
	bool has_offset[BROKER_QUEUES];
	struct broker_committed offsets[BROKER_QUEUES];
	int late_epoch; /* of an end of a transaction that comes a second time; 0: none */
	int64_t late_ms;
};

struct broker_member {
	int id; /* of the process; 0: no member */
	bool has_joined;
	int64_t away_ms; /* since when it has been dead or frozen; INT64_MAX: it lives */
};

struct broker {
	const struct world *world;
	uint64_t state;
	enum broker_break broken;
	bool *covered;
	int faults;  /* that are left */
	int workers; /* as many as there may be at once */
	int64_t now_ms, session_ms, transaction_ms;
	int64_t readable[WORLD_QUEUES_MAX];
	uint64_t polls, news; /* how often something was sent or read */
	struct topic topics[TIDE_LETTER_KINDS][BROKER_PARTITIONS];
	int partitions[TIDE_LETTER_KINDS];
	size_t seen[TIDE_LETTER_KINDS][BROKER_PARTITIONS]; /* by the reader of `visible` */
	struct ledger visible;
	struct broker_producer producers[BROKER_WORKERS];
	struct broker_committed committed[BROKER_QUEUES];
	struct broker_member members[BROKER_WORKERS];
	bool went_back; /* positions of the group */
	bool is_spoilt; /* a snapshot */
	int generation, members_made, owner[BROKER_QUEUES];
	bool is_rebalancing;
};

void broker_init(struct broker *broker, const struct world *world, uint64_t seed, int faults,
		 bool covered[CLASSES]);
void broker_fini(struct broker *broker);
int64_t broker_below(struct broker *broker, int64_t limit);
bool broker_chance(struct broker *broker, int64_t in);
/** A fault of the class, if there are some left and the dice say so. */
bool broker_fault(struct broker *broker, int64_t in, enum broker_class class);
/** Time passes, records come, markers are written, sessions and transactions run out. */
void broker_tick(struct broker *broker, int64_t ms);
/** What a read_committed reader has not seen yet goes to `visible`. */
void broker_read(struct broker *broker);
bool broker_queue_exists(const struct broker *broker, int queue);
int broker_queue_role(const struct broker *broker, int queue);
int broker_queue_partition(const struct broker *broker, int queue);
/** Partitions of its topic. */
int broker_queue_count(const struct broker *broker, int queue);
int broker_queue_of(const struct broker *broker, int role, int partition);
/** All that was told by the notes of a queue to have been read. */
int64_t broker_told(const struct broker *broker, int queue);

/** Its epoch. */
int broker_producer(struct broker *broker, int worker);
enum broker_answer broker_produce(struct broker *broker, int worker, int epoch,
				  const struct letter *letter);
enum broker_answer broker_offset(struct broker *broker, int worker, int epoch, int member,
				 int generation, int queue, const struct broker_committed *at);
enum broker_answer broker_end(struct broker *broker, int worker, int epoch, bool commit);
/** The end just asked for will come a second time. */
void broker_end_again(struct broker *broker, int worker, int epoch);
/** What is committed for a queue. */
enum broker_answer broker_offset_fetch(struct broker *broker, int queue,
				       struct broker_committed *at);

/** Its member id. */
int group_join(struct broker *broker, int worker);
/** It has given back what it had. */
void group_rejoin(struct broker *broker, int worker);
enum broker_answer group_heartbeat(const struct broker *broker, int worker, int member);
void group_rebalance(struct broker *broker);
/** It is no member any more. */
void group_expire(struct broker *broker, int worker);
void group_tick(struct broker *broker);
#endif
