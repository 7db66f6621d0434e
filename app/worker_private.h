#ifndef TIDE_APP_WORKER_PRIVATE_H
#define TIDE_APP_WORKER_PRIVATE_H
#include "alerts/encode.h"
#include "app/position.h"
#include "app/worker.h"
#include "schemas/decode.h"
#include "windowing/window.h"
/* What worker.c (take, merge, join), worker_judge.c (judge, weigh, send) and worker_live.c (commit,
 * recover) share. */

struct worker_queue {
	const struct tide_queue *about;
	struct tide_decoder *decoder;
	struct tide_mapping mapping;
	struct tide_clock clock;
	struct tide_batch batch;
	size_t at;
	struct tide_event event;
	enum tide_supply supply;
	bool has_event, ended;
	uint64_t read, poisoned;
	int64_t first_ms;             /* first valid timestamp; TIDE_NO_TIME */
	uint64_t held[TIDE_OUTCOMES]; /* refused before it: charged there (SPEC 2.3) */
	int64_t next_offset; /* everything before it has been dealt with */
	int64_t told_offset; /* dead letters before it were sent before a restart */
	int64_t began_ms;    /* as in struct tide_position_note */
	int64_t read_ms;     /* when it last gave a record, on the steady clock */
	struct tide_position_trail trail;
};

/* Which panes are judged, which were sent before a restart, and how far we are (SPEC 3.1). */
struct worker_range {
	int64_t from_ms, until_ms;      /* starts of judged windows */
	int64_t told_ms, told_input_ms; /* frontiers of the last commit before the restart */
	int64_t frontier_ms, input_ms;  /* and now: see struct tide_position_note */
};

struct worker {
	const struct tide_worker_setup *setup;
	struct tide_worker_summary *summary;
	struct worker_queue *queues;
	size_t queue_count;
	int64_t clock_ms; /* of the task */
	struct worker_range range;
	struct tide_pool pool;
	struct tide_windows *windows;
	struct tide_alerts *alerts;
	struct tide_finding *findings;
	struct tide_scratch scratch;
	struct tide_alert *found;
	struct tide_buffer value, key;
	struct tide_encode_context context;
	struct tide_shape no_shape;
	size_t sent_bytes; /* since the last commit */
	int64_t committed_ms;
	bool has_moved; /* since the last commit */
};

/** Windows, alerts, and queues as the source lists them now, each at its note's position. */
int tide_worker_open(struct worker *worker, struct tide_error *error);
void tide_worker_close(struct worker *worker);
/** One step of the merge: 1 an event was added, 0 there is none for now, -1 failed. *wait: more is
 *  known to be there; *done: every queue has ended. */
int tide_worker_step(struct worker *worker, bool *wait, bool *done, struct tide_error *error);

/** Closes what the watermarks of the queues allow. */
int tide_worker_panes_close(struct worker *worker, struct tide_error *error);

int tide_worker_judge_open(struct worker *worker, struct tide_error *error);
void tide_worker_judge_close(struct worker *worker);
/** Judges every pane whose time has come, and sends what it finds. whole_ms: the least watermark of
 *  all queues, idle or not; panes beyond it are not complete. */
int tide_worker_judge_panes(struct worker *worker, int64_t clock_ms, int64_t prediction_clock_ms,
                            int64_t whole_ms,
			    struct tide_error *error);
int tide_worker_judge_dead(struct worker *worker, const struct worker_queue *queue,
			   const struct tide_record *record, const char *code, const char *field,
			   struct tide_error *error);

int tide_worker_judge_letter(struct worker *worker, const struct tide_letter *letter,
                             struct tide_error *error);

/** What rules remembered at the last commit comes back. */
int tide_worker_state_restore(struct worker *worker, struct tide_error *error);
/** Gives the sink what rules remember and did not at the last commit. */
int tide_worker_state_give(struct worker *worker, struct tide_error *error);

/** The worker is alive. */
void tide_worker_counters_move(const struct worker *worker);
/** What it has done so far. */
void tide_worker_counters_update(const struct worker *worker);

/** Reads the note of every queue into the queues and worker->range; what was given and not
 *  committed is forgotten, for it will be given again. */
int tide_worker_live_recover(struct worker *worker, struct tide_error *error);
/** Takes down where the partition of a queue of predictions began (SPEC 8.6). */
int tide_worker_live_begin(struct worker *worker, struct worker_queue *queue, int64_t began_ms,
			   struct tide_error *error);
int tide_worker_live_commit(struct worker *worker, struct tide_error *error);
/** Runs until the setup's `stop` is set, or something fails. */
int tide_worker_live_run(struct worker *worker, struct tide_error *error);
/** True for a queue that has said nothing for idle_timeout. */
bool tide_worker_live_is_idle(const struct worker *worker, const struct worker_queue *queue);
#endif
