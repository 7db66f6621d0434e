#ifndef TIDE_REPORT_COUNTERS_H
#define TIDE_REPORT_COUNTERS_H
#include "windowing/evidence.h"
#include <stdatomic.h>
/*
 * What a running worker says of itself: written by its one thread, read by any other.
 *
 *  (1) One writer: an add is a plain load and store, no lock and no locked instruction. A reader
 *      sees every number whole; two numbers may be some records apart.
 *  (2) Counters only rise while the worker lives; the others are what is now.
 */
#define TIDE_COUNTERS_COMMIT_BUCKETS 10

struct tide_counters {
	_Atomic uint64_t read[2];                    /* [role] */
	_Atomic uint64_t outcomes[2][TIDE_OUTCOMES]; /* [role]; `waiting` is a gauge */
	_Atomic uint64_t results, dead_letters;
	_Atomic uint64_t fired, resolved; /* alert records */
	_Atomic uint64_t commits, aborts;
	_Atomic uint64_t commit_buckets[TIDE_COUNTERS_COMMIT_BUCKETS + 1]; /* not cumulated */
	_Atomic uint64_t commit_ns;                                        /* their sum */
	_Atomic int64_t watermark_ms[2]; /* [role] least of its partitions; INT64_MIN: none yet */
	_Atomic uint64_t pending;        /* predictions and labels that wait */
	_Atomic uint64_t memory_bytes, memory_limit_bytes;
	const char *topics[2];      /* [role] NULL: none; set before there is another thread */
	_Atomic uint64_t broken[2]; /* [role] partitions of it of which half is refused (SPEC 3.8) */
	_Atomic uint64_t capped;    /* dead letters not given */
	_Atomic uint64_t tasks, stages; /* that this worker has (SPEC 3.9) */
	_Atomic bool rewinding;         /* what was read before a restart is read again */
	_Atomic uint64_t restore_ms;    /* from the last assignment until it was ready */
	_Atomic uint64_t snapshot_bytes; /* of the newest ones of all tasks */
	_Atomic int64_t snapshot_ms; /* wall clock at the oldest of these; INT64_MIN: none are made */
	_Atomic int64_t moved_ms; /* wall clock at the worker's last round; 0: none yet */
	_Atomic bool ready;       /* partitions are assigned and what was known is restored */
};

/** Upper ends of the commit buckets in seconds; the last bucket has none. */
extern const double tide_counters_commit_seconds[TIDE_COUNTERS_COMMIT_BUCKETS];

/** Zeroes everything; the watermarks have no value. */
void tide_counters_start(struct tide_counters *counters);
/** One commit that took so long. */
void tide_counters_commit(struct tide_counters *counters, uint64_t duration_ns);

static inline void
tide_counters_add(_Atomic uint64_t *counter, uint64_t more)
{
	uint64_t now = atomic_load_explicit(counter, memory_order_relaxed);

	atomic_store_explicit(counter, now + more, memory_order_relaxed);
}

static inline void
tide_counters_set(_Atomic uint64_t *gauge, uint64_t now)
{
	atomic_store_explicit(gauge, now, memory_order_relaxed);
}

static inline void
tide_counters_set_ms(_Atomic int64_t *gauge, int64_t now_ms)
{
	atomic_store_explicit(gauge, now_ms, memory_order_relaxed);
}
#endif
