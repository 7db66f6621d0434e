#ifndef TIDE_APP_WORKER_H
#define TIDE_APP_WORKER_H
#include "alerts/alert.h"
#include "app/config.h"
#include "consumer/sink.h"
#include "consumer/source.h"
#include "detectors/reference.h"
#include "windowing/window.h"
#include <signal.h>
/*
 * The spine: take, decode, merge, join, window, detect, weigh, encode, commit.
 *
 *  (1) Every command that processes records calls tide_worker_run; they differ in the
 *      source and the sink at its ends. The answer depends on neither.
 *  (2) Heads of all queues are merged by (time, role, partition, offset); a queue known to
 *      have more is waited for, a drained one is not (SPEC 1.3).
 *  (3) Live, positions and letters are committed together each commit_interval_ms; a restart reads
 *      again from the positions and sends nothing twice (SPEC 3.1). ABORT_TRANSACTION: open the
 *      source again and run again, with the same sink.
 *  (4) Bad records are counted and given to the sink as dead letters; nothing stops for them,
 *      except when the first 1,000 records of an input are all bad: TIDE_ERROR_DATA (SPEC 3.8).
 */
struct tide_counters;

struct tide_worker_setup {
	const struct tide_config *config;
	struct tide_source *source;
	struct tide_sink *sink;
	struct tide_columns *columns;
	struct tide_reference *reference; /* or NULL */
	/** Called for each event before it is joined; it may change its values. False: it is left
	 *  out. May be NULL. */
	bool (*on_event)(void *closure, struct tide_event *event);
	/** Called for each pane that leaves, with its findings, before its alerts; may be NULL. */
	void (*on_result)(void *closure, const struct tide_evidence *evidence,
			  const struct tide_finding *findings, size_t count);
	/** Called for each alert as it is found, with its message as a JSON string: what came from
	 *  records is escaped in it. May be NULL. */
	void (*on_alert)(void *closure, const struct tide_alert *alert, struct tide_text message);
	/** Bounded: after each step, with the share that has been taken; may be NULL. */
	void (*on_progress)(void *closure, double share);
	void *closure;
	uint64_t seed;
	const char *version;       /* of the program, for headers */
	int64_t from_ms, until_ms; /* windows that start in [from, until) are judged (SPEC 5.6) */
	/* live only: */
	bool live;
	const volatile sig_atomic_t *stop; /* set by a signal: commit and return */
	/** Asked between two transactions. True: return 0. May be NULL. */
	bool (*leaves)(void *closure);
	int64_t commit_interval_ms, snapshot_interval_ms; /* no snapshots: 0 */
	int64_t (*now_ms)(void *closure); /* a clock that never goes back; NULL: the system's */
	void (*heartbeat)(void *closure); /* each turn of the loop; may be NULL */
	struct tide_worker_revoke *revoke;
	struct tide_counters *counters; /* or NULL */
	/** Opens a bounded source of the state letters of all commits so far in these partitions, as
	 *  role 0; NULL: none are kept, and rules forget when the worker ends. */
	int (*state_open)(void *closure, const int32_t *partitions, size_t count,
	                  struct tide_source **source, struct tide_error *error);
	int32_t partials_count; /* partitions of the topic where many workers meet; 0: there is one
	                         * worker, which has every partition */
};

/** Partitions are about to be taken away: the last commit. The caller passes it to the source
 *  before there is a worker; the running worker fills it in. */
struct tide_worker_revoke {
	struct worker *worker; /* NULL: none runs */
	bool distrusts;        /* snapshots: the next start reads from further back */
	bool doubts;           /* small state: where it does not fit once more, that is final */
};

struct tide_worker_summary {
	uint64_t read[2];
	uint64_t outcomes[2][TIDE_OUTCOMES];
	uint64_t results, alerts, fired, commits; /* alerts: fired and resolved */
	uint64_t dead_letters, capped; /* capped: refused records without one (SPEC 3.8) */
	size_t memory_peak_bytes;
};

/** The first event time of a role that brings back every window from whole_start_ms on. */
int64_t tide_worker_live_needed(const struct tide_window_options *window, enum tide_role role,
				int64_t whole_start_ms);
/** For tide_kafka_options.revoke and start_at, with a struct tide_worker_revoke as context. */
void tide_worker_live_revoke(void *context);
int64_t tide_worker_snapshot_start(void *context, const struct tide_queue *queue);

int tide_worker_run(const struct tide_worker_setup *setup, struct tide_worker_summary *summary,
		    struct tide_error *error) TIDE_MUSTCHECK;

/** Windows as the config says them, with these options and this shape. */
struct tide_window_setup tide_worker_windows(const struct tide_config *config,
                                             const struct tide_window_options *window,
                                             struct tide_columns *columns,
                                             const struct tide_shape *shape);

/** The false-alarm budget as the config and its reference say it (SPEC 7.7). */
struct tide_budget tide_worker_stage_budget(const struct tide_worker_setup *setup);

/** Builds the reference of a config from its records (SPEC 5.1); *reference is NULL where the
 *  config names none. */
int tide_worker_reference(const struct tide_config *config, struct tide_columns *columns,
			  struct tide_reference **reference,
			  struct tide_error *error) TIDE_MUSTCHECK;
#endif
