#ifndef TIDE_SIMULATION_BROKER_H
#define TIDE_SIMULATION_BROKER_H
#include "app/position.h"
#include "app/worker.h"
#include "tests/simulation/ledger.h"
#include "tests/simulation/world.h"
/*
 * A broker in memory, and what can go wrong between it and a worker; all of it drawn from a seed.
 *
 *  (1) Records become readable bit by bit. Letters and positions of one commit become visible
 *      together or not at all; letters of a transaction that was not committed are seen by nobody.
 *  (2) A crash is an error that no caller mends: the worker ends where it is, the letters that it
 *      gave are forgotten, and the next one starts at the committed positions.
 *  (3) `broken` breaks one promise on purpose, so that a check can be seen to fail.
 *  (4) Time is a number that moves as it likes, and never back.
 */
enum broker_class {
	CLASS_CRASH_BEFORE_PRODUCE,
	CLASS_CRASH_BEFORE_COMMIT,
	CLASS_CRASH_AFTER_COMMIT,
	CLASS_CRASH_IN_TAKE,
	CLASS_CRASH_IN_GIVE,
	CLASS_CRASH_IN_REWIND,
	CLASS_CRASH_IN_REBALANCE,
	CLASS_ABORTED,
	CLASS_RETRIED,
	CLASS_UNKNOWN_OUTCOME,
	CLASS_REVOKED,
	CLASS_REVOKED_IN_REWIND,
	CLASS_LOST,
	CLASS_DEAD_ACROSS_RESTART,
	CLASS_ALERT_ACROSS_RESTART,
	CLASS_DUPLICATE_ACROSS_RESTART,
	CLASS_DUPLICATE,
	CLASS_LATE,
	CLASS_FUTURE,
	CLASS_POISON,
	CLASS_UNMATCHED,
	CLASS_CONFLICT,
	CLASS_CORRECTION,
	CLASS_EARLY_LABEL,
	CLASS_WAITING_LABEL,
	CLASS_EARLY_PANE,
	CLASS_REVISED_PANE,
	CLASS_IDLE_RELEASE,
	CLASS_FIRING,
	CLASS_RESOLVED,
	CLASS_NO_LABELS,
	CLASS_NO_PREDICTIONS,
	CLASSES
};

enum broker_break {
	BREAK_NOTHING,
	BREAK_POSITIONS_FIRST, /* positions are committed before the letters */
	BREAK_LETTERS_FIRST,   /* and the other way round */
	BREAK_FRONTIER,        /* a restart does not know F */
	BREAK_INPUT,           /* I */
	BREAK_WHOLE_START,     /* J */
	BREAK_WATERMARK,       /* W */
	BREAK_READ_OFFSET,     /* R */
	BREAK_LOW_WATER,       /* a restart reads one record too few again */
	BREAK_NO_REWIND,       /* it reads on where it was */
	BREAK_DROP,            /* letters that were not committed stay in the sink */
	BREAKS
};

struct broker_committed {
	int64_t offset; /* -1: none */
	char metadata[TIDE_POSITION_NOTE];
};

struct broker {
	const struct world *world;
	uint64_t state;
	enum broker_break broken;
	struct broker_committed committed[WORLD_QUEUES_MAX];
	int64_t readable[WORLD_QUEUES_MAX], told[WORLD_QUEUES_MAX];
	struct ledger visible, held, states, held_states; /* states: in the order of commits */
	int64_t now_ms, commit_interval_ms, fetch_max;
	int faults, rests; /* faults that are left; looks at a world where all was read */
	uint64_t polls;
	sig_atomic_t stop;
	bool crashed, *covered;
	struct tide_worker_revoke revoke;
	struct tide_sink sink;
	struct broker_source *source;
};

void broker_init(struct broker *broker, const struct world *world, uint64_t seed, int faults,
		 bool covered[CLASSES]);
void broker_fini(struct broker *broker);
/** A member of the group that starts at the committed positions, or (bounded) at the beginning. */
struct tide_source *broker_source_open(struct broker *broker, bool bounded);
/** The process of the worker is gone. */
void broker_crash(struct broker *broker);
bool broker_is_all_read(const struct broker *broker);
int64_t broker_now_ms(void *broker);
/** For tide_worker_setup.state_open. */
int broker_state_open(void *broker, const int32_t *partitions, size_t count,
		      struct tide_source **source, struct tide_error *error);
#endif
