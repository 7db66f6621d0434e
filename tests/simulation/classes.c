#include "tests/simulation/classes.h"
#include <stdio.h>
#include <string.h>

const char *const class_names[CLASSES] = {
    [CLASS_CRASH_BEFORE_PRODUCE] = "crash before produce",
    [CLASS_CRASH_IN_PRODUCE] = "crash between two letters",
    [CLASS_CRASH_BEFORE_OFFSETS] = "crash after produce, before positions",
    [CLASS_CRASH_BEFORE_COMMIT] = "crash after positions, before commit",
    [CLASS_CRASH_AFTER_COMMIT] = "crash after commit, before its answer",
    [CLASS_CRASH_IN_TAKE] = "crash while reading",
    [CLASS_CRASH_IN_GIVE] = "crash while judging",
    [CLASS_CRASH_IN_REWIND] = "crash during a rewind",
    [CLASS_CRASH_IN_REBALANCE] = "crash during a rebalance",
    [CLASS_CRASH_IN_RESTORE] = "crash during a restore",
    [CLASS_ABORTED] = "transaction aborted",
    [CLASS_RETRIED] = "commit to be tried again",
    [CLASS_UNKNOWN_OUTCOME] = "commit of unknown outcome",
    [CLASS_LEFT_OPEN] = "transaction left open by a predecessor",
    [CLASS_TRANSACTION_TIMEOUT] = "transaction that ran out of time",
    [CLASS_MARKER_LATE] = "partitions learn of a commit one by one",
    [CLASS_UNSTABLE] = "positions behind an open transaction",
    [CLASS_RESTORE_WAITS] = "state behind an open transaction",
    [CLASS_END_TWICE] = "end of a transaction sent twice",
    [CLASS_LATE_END_FENCED] = "late end of a transaction refused",
    [CLASS_REVOKED] = "partitions revoked",
    [CLASS_REVOKED_IN_REWIND] = "partitions revoked during a rewind",
    [CLASS_LOST] = "partitions lost",
    [CLASS_FROZEN] = "process frozen",
    [CLASS_ZOMBIE_REFUSED] = "commit of a zombie refused",
    [CLASS_TWIN] = "twin started",
    [CLASS_TWIN_REPLACED] = "twin refuses its predecessor",
    [CLASS_WORKERS_2] = "two workers",
    [CLASS_WORKERS_3] = "three workers",
    [CLASS_WORKERS_4] = "four workers",
    [CLASS_WORKERS_CHANGE] = "number of workers changes",
    [CLASS_WORKERS_DIE] = "all workers die",
    [CLASS_TAKEN_OVER] = "partitions of a dead worker taken over",
    [CLASS_REVOKED_IN_COMMIT] = "rebalance while another commits",
    [CLASS_PARTIAL_OF_ANOTHER] = "partial of another worker",
    [CLASS_SNAPSHOT_RESTORED] = "snapshot restored",
    [CLASS_SNAPSHOT_OF_ANOTHER] = "snapshot of another worker restored",
    [CLASS_SNAPSHOT_SPOILT] = "snapshot damaged or lost in the topic",
    [CLASS_SNAPSHOT_DAMAGED] = "rewind for a damaged snapshot",
    [CLASS_SNAPSHOT_LOST] = "rewind for a lost snapshot",
    [CLASS_DEAD_ACROSS_RESTART] = "dead letter across a restart",
    [CLASS_ALERT_ACROSS_RESTART] = "open alert across a restart",
    [CLASS_DUPLICATE_ACROSS_RESTART] = "duplicate across a restart",
    [CLASS_DUPLICATE] = "duplicate",
    [CLASS_LATE] = "late",
    [CLASS_FUTURE] = "future",
    [CLASS_POISON] = "poison",
    [CLASS_UNMATCHED] = "unmatched label",
    [CLASS_CONFLICT] = "conflict",
    [CLASS_CORRECTION] = "correction",
    [CLASS_EARLY_LABEL] = "early label",
    [CLASS_WAITING_LABEL] = "waiting label",
    [CLASS_EARLY_PANE] = "early pane",
    [CLASS_REVISED_PANE] = "revised pane",
    [CLASS_IDLE_RELEASE] = "idle release",
    [CLASS_FIRING] = "alert fires",
    [CLASS_RESOLVED] = "alert resolves",
    [CLASS_NO_LABELS] = "predictions only",
    [CLASS_NO_PREDICTIONS] = "labels only",
    [CLASS_IMPUTED] = "absence as a label",
    [CLASS_INELIGIBLE] = "prediction that can have no label",
};

const char *const break_names[BREAKS] = {
    [BREAK_NOTHING] = "nothing",
    [BREAK_POSITIONS_FIRST] = "positions-first",
    [BREAK_LETTERS_FIRST] = "letters-first",
    [BREAK_NO_POSITIONS] = "no-positions",
    [BREAK_NO_STATE] = "no-state",
    [BREAK_FRONTIER] = "frontier",
    [BREAK_INPUT] = "input",
    [BREAK_WHOLE_START] = "whole-start",
    [BREAK_WATERMARK] = "watermark",
    [BREAK_READ_OFFSET] = "read-offset",
    [BREAK_LOW_WATER] = "low-water",
    [BREAK_NO_REWIND] = "no-rewind",
    [BREAK_DROP] = "drop",
    [BREAK_FENCING] = "fencing",
    [BREAK_GENERATION] = "generation",
    [BREAK_UNSTABLE] = "unstable",
    [BREAK_STATE_SHORT] = "state-short",
    [BREAK_KEEP_PRODUCER] = "keep-producer",
    [BREAK_SNAPSHOT_OFFSET] = "snapshot-offset",
};

bool
break_find(const char *name, enum broker_break *broken)
{
	for (*broken = BREAK_NOTHING; *broken < BREAKS; ++*broken)
		if (strcmp(name, break_names[*broken]) == 0)
			return true;
	return false;
}

bool
classes_say(const bool covered[CLASSES])
{
	bool all = true;

	for (int i = 0; i < CLASSES; i++) {
		printf("%-4s%s\n", covered[i] ? "" : "NOT", class_names[i]);
		all &= covered[i];
	}
	return all;
}
