#ifndef TIDE_APP_WORKER_PRIVATE_H
#define TIDE_APP_WORKER_PRIVATE_H
#include "alerts/encode.h"
#include "app/poison.h"
#include "app/position.h"
#include "app/state_snapshot.h"
#include "app/worker.h"
#include "schemas/decode.h"
#include "windowing/panes.h"
/*
 * What the files of the worker share. A record goes through them in this order: worker.c (take,
 * decode, merge), worker_task.c (join, window), worker_partials.c (from one worker to another,
 * where there are several), worker_stage.c (detect, weigh, encode), worker_live.c (commit, recover)
 * with worker_state.c and worker_snapshot.c (what a commit remembers).
 */

#define WORKER_BYTES_MAX ((size_t) 1 << 30) /* of one partial, and of the items of a snapshot */

struct worker_queue {
	const struct tide_queue *about;
	struct worker_task *task;   /* of predictions and labels */
	struct worker_stage *stage; /* of partials */
	struct tide_decoder *decoder;
	struct tide_mapping mapping;
	struct tide_clock clock;
	struct tide_batch batch;
	size_t at;
	struct tide_event event;
	enum tide_supply supply;
	bool has_event, ended;
	struct tide_poison poison;
	int64_t first_ms;             /* first valid timestamp; TIDE_NO_TIME */
	uint64_t held[TIDE_OUTCOMES]; /* refused before it: charged there (SPEC 2.3) */
	int64_t next_offset; /* everything before it has been dealt with */
	int64_t told_offset; /* everything before it was dealt with before a restart */
	int64_t began_ms;    /* as in struct tide_position_note */
	int64_t snapshot_offset; /* where the task's snapshot goes on */
	int64_t read_ms;     /* when it last gave a record, on the steady clock */
	struct tide_position_trail trail;
};

/* One partition of the inputs: nothing in it depends on any other. */
struct worker_task {
	int32_t partition, partitions; /* how many there are */
	struct tide_windows *windows;
	int64_t clock_ms; /* as far as it ever was */
	int64_t from_ms;  /* windows that start before it are not whole after a rewind */
	int64_t told_ms, told_input_ms; /* partials up to here were sent before a restart */
	struct tide_progress progress;
	bool has_progress; /* that was not sent; partials go to a topic */
	uint64_t seed;     /* of the hashes of its ids (SPEC 3.6) */
	int64_t snapshot, snapshot_last; /* number of the one that offsets name; 0: none; and used last */
	int64_t snapshot_due_ms;         /* on the steady clock */
	uint64_t snapshot_bytes;         /* of the newest one */
	int64_t snapshot_ms;             /* wall clock at it, or at the assignment */
	struct tide_state_snapshot loading; /* that is being read */
};

/* Where panes come about, are judged and weighed: one, or one a partition of the partials. */
struct worker_stage {
	int32_t number; /* of that partition, and of the one that keeps its state */
	struct tide_panes *panes;
	struct tide_alerts *alerts;
	int64_t from_ms, until_ms; /* starts of judged windows */
	int64_t told_ms, told_input_ms; /* what left up to here left before a restart */
	int64_t epoch;            /* how many commits its state has seen */
	bool adopts; /* it has no offsets yet: what state is there is its own */
	bool has_moved;            /* since the last one */
	struct tide_buffer forgotten; /* keys of partials that left, each behind its length */
	struct worker_join *joins; /* by partition: what came in parts */
	size_t join_count;
};

struct worker_join {
	struct tide_buffer bytes;
	uint64_t parts; /* how many came of those that there are; 0: nothing is joined */
	int64_t offset; /* of the first */
};

struct worker {
	const struct tide_worker_setup *setup;
	struct tide_worker_summary *summary;
	struct worker_queue *queues;
	size_t queue_count;
	struct worker_task *tasks;
	size_t task_count;
	struct worker_stage *stages;
	size_t stage_count;
	struct tide_pool pool;
	struct tide_finding *findings;
	struct tide_scratch scratch;
	struct tide_alert *found;
	struct tide_buffer value, key, partial;
	struct tide_encode_context context;
	struct tide_shape no_shape;
	size_t sent_bytes; /* since the last commit */
	int64_t committed_ms;
	int64_t opened_ms; /* wall clock; 0: told since that it is ready */
	bool has_moved; /* since the last commit */
};

/** True where partials go from worker to worker through a topic; else from hand to hand. */
static inline bool
worker_is_one_of_many(const struct worker *worker)
{
	return worker->setup->partials_count > 0;
}

/** Windows, alerts, and queues as the source lists them now, each at its note's position. */
int tide_worker_open(struct worker *worker, struct tide_error *error);
void tide_worker_close(struct worker *worker);
/** One step of the merge: 1 an event was added, 0 there is none for now, -1 failed. *wait: more is
 *  known to be there; *done: every queue has ended. */
int tide_worker_step(struct worker *worker, bool *wait, bool *done, struct tide_error *error);
int64_t tide_worker_watermark(const struct worker *worker, const struct worker_queue *queue);
int tide_worker_full(const struct worker *worker, struct tide_error *error);

/** The tasks of the queues of predictions and labels. */
int tide_worker_task_open(struct worker *worker, struct tide_error *error);
void tide_worker_task_close(struct worker *worker);
/** Closes what the watermarks of the task's queues allow. */
int tide_worker_task_move(struct worker *worker, struct worker_task *task,
                          struct tide_error *error);
/** The same for all tasks. */
int tide_worker_task_move_all(struct worker *worker, struct tide_error *error);

/** One stage, or those of the queues of partials. */
int tide_worker_stage_open(struct worker *worker, struct tide_error *error);
void tide_worker_stage_close(struct worker *worker);
/** Judges every pane whose time has come, and sends what it finds. */
int tide_worker_stage_judge(struct worker *worker, struct worker_stage *stage,
                            struct tide_error *error);
/** What an answer other than OK and NONE means for the worker. */
int tide_worker_stage_refuse(const struct worker *worker, enum tide_panes_answer answer,
                             struct tide_error *error);
int tide_worker_stage_dead(struct worker *worker, const struct worker_queue *queue,
                           const struct tide_record *record, const char *code, const char *field,
                           struct tide_error *error);
int tide_worker_stage_letter(struct worker *worker, const struct tide_letter *letter,
                             struct tide_error *error);

/** Gives the sink a partial of the task. */
int tide_worker_partials_give(struct worker *worker, const struct worker_task *task,
                              const struct tide_partial *partial, struct tide_error *error);
/** The stage remembers which partials have left, and the sink forgets them. */
void tide_worker_partials_forget(void *stage, int32_t partition, struct tide_text name,
                                 size_t size);
int tide_worker_partials_clear(struct worker *worker, struct worker_stage *stage,
                               struct tide_error *error);
/** And how far each task is, where that is news. */
int tide_worker_partials_tell(struct worker *worker, struct tide_error *error);
/** Takes what there is of a queue of partials. */
int tide_worker_partials_take(struct worker *worker, struct worker_queue *queue, size_t number,
                              struct tide_error *error);

/** The least offset that the stage still needs of its partials. */
int64_t tide_worker_partials_low_water(const struct worker_stage *stage, int64_t next_offset);

/** What the last commit remembers comes back. */
int tide_worker_state_restore(struct worker *worker, struct tide_error *error);
/** Gives the sink what is to be remembered and is news. */
int tide_worker_state_give(struct worker *worker, struct tide_error *error);

/** Gives the sink a snapshot of the task where its time has come; one that does not fit is told. */
int tide_worker_snapshot_give(struct worker *worker, struct worker_task *task, int64_t now_ms,
                              struct tide_error *error);
/** A record of a snapshot, in the order of the topic. */
void tide_worker_snapshot_take(struct worker *worker, struct worker_task *task,
                               const struct tide_record *record);
/** There are no more: ABORT_TRANSACTION where the one that was wanted is not whole. */
int tide_worker_snapshot_end(struct worker *worker, struct worker_task *task,
                             struct tide_error *error);

/** The wall clock: for people, nothing depends on it. */
int64_t tide_worker_counters_now_ms(void);
/** Partitions were assigned; nothing is restored yet. */
void tide_worker_counters_open(struct worker *worker);
/** The worker is alive. */
void tide_worker_counters_move(const struct worker *worker);
/** What it has done so far. */
void tide_worker_counters_update(struct worker *worker);

/** Reads the note of every queue into the queues, tasks and stages; what was given and not
 *  committed is forgotten, for it will be given again. */
int tide_worker_live_recover(struct worker *worker, struct tide_error *error);
/** Takes down where the partition of a queue of predictions began (SPEC 8.6). */
int tide_worker_live_begin(struct worker_queue *queue, int64_t began_ms,
                           struct tide_error *error);
int tide_worker_live_commit(struct worker *worker, struct tide_error *error);
/** Runs until the setup's `stop` is set, or something fails. */
int tide_worker_live_run(struct worker *worker, struct tide_error *error);
/** While what was read before the restart is read again there is nothing new to commit. */
bool tide_worker_live_is_rewinding(const struct worker *worker);
/** True for a queue that has said nothing for idle_timeout. */
bool tide_worker_live_is_idle(const struct worker *worker, const struct worker_queue *queue);
#endif
