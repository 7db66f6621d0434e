#ifndef TIDE_SIMULATION_CLASSES_H
#define TIDE_SIMULATION_CLASSES_H
#include <stdbool.h>
/*
 * What seeds bring about, and which promises can be broken on purpose.
 */
enum broker_class {
	CLASS_CRASH_BEFORE_PRODUCE,
	CLASS_CRASH_IN_PRODUCE,
	CLASS_CRASH_BEFORE_OFFSETS,
	CLASS_CRASH_BEFORE_COMMIT,
	CLASS_CRASH_AFTER_COMMIT,
	CLASS_CRASH_IN_TAKE,
	CLASS_CRASH_IN_GIVE,
	CLASS_CRASH_IN_REWIND,
	CLASS_CRASH_IN_REBALANCE,
	CLASS_CRASH_IN_RESTORE,
	CLASS_ABORTED,
	CLASS_RETRIED,
	CLASS_UNKNOWN_OUTCOME,
	CLASS_LEFT_OPEN,
	CLASS_TRANSACTION_TIMEOUT,
	CLASS_MARKER_LATE,
	CLASS_UNSTABLE,
	CLASS_RESTORE_WAITS,
	CLASS_END_TWICE,
	CLASS_LATE_END_FENCED,
	CLASS_REVOKED,
	CLASS_REVOKED_IN_REWIND,
	CLASS_LOST,
	CLASS_FROZEN,
	CLASS_ZOMBIE_REFUSED,
	CLASS_TWIN,
	CLASS_TWIN_REPLACED,
	CLASS_WORKERS_2,
	CLASS_WORKERS_3,
	CLASS_WORKERS_4,
	CLASS_WORKERS_CHANGE,
	CLASS_WORKERS_DIE,
	CLASS_TAKEN_OVER,
	CLASS_REVOKED_IN_COMMIT,
	CLASS_PARTIAL_OF_ANOTHER,
	CLASS_SNAPSHOT_RESTORED,
	CLASS_SNAPSHOT_OF_ANOTHER,
	CLASS_SNAPSHOT_SPOILT,
	CLASS_SNAPSHOT_DAMAGED,
	CLASS_SNAPSHOT_LOST,
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
	CLASS_IMPUTED,
	CLASS_INELIGIBLE,
	CLASSES
};

enum broker_break {
	BREAK_NOTHING,
	BREAK_POSITIONS_FIRST, /* positions are committed before the letters */
	BREAK_LETTERS_FIRST,   /* and the other way round */
	BREAK_NO_POSITIONS,    /* a commit leaves positions out */
	BREAK_NO_STATE,        /* ... or what rules remember */
	BREAK_FRONTIER,        /* a restart does not know F */
	BREAK_INPUT,           /* I */
	BREAK_WHOLE_START,     /* J */
	BREAK_WATERMARK,       /* W */
	BREAK_READ_OFFSET,     /* R */
	BREAK_LOW_WATER,       /* a restart reads one record too few again */
	BREAK_NO_REWIND,       /* it reads on where it was */
	BREAK_DROP,            /* letters that were not committed stay in the sink */
	BREAK_FENCING,         /* a producer's epoch stands still */
	BREAK_GENERATION,      /* positions are taken of who is no member any more */
	BREAK_UNSTABLE,        /* positions are asked for while a transaction with them is open */
	BREAK_STATE_SHORT,     /* a restore ends at the first open transaction */
	BREAK_KEEP_PRODUCER,   /* a producer is used again after an answer was lost */
	BREAK_SNAPSHOT_OFFSET, /* a restart loads the snapshot, and reads on from R instead of O */
	BREAKS
};

extern const char *const class_names[CLASSES];
extern const char *const break_names[BREAKS];
/** The break of a name; false: none has it. */
bool break_find(const char *name, enum broker_break *broken);
/** Prints the classes; false: one is missing. What no seed brought about is not known to work. */
bool classes_say(const bool covered[CLASSES]);
#endif
