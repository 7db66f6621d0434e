#ifndef TIDE_APP_STATE_VIEW_H
#define TIDE_APP_STATE_VIEW_H
#include "app/config.h"
#include "app/position.h"
#include "app/service.h"
#include "app/state_record.h"
#include "app/state_snapshot.h"
#include "base/pool.h"
/*
 * What a worker of this config would find if it started now: committed offsets with their notes,
 * snapshots, and the small state of stages (SPEC 3.1).
 *
 *  (1) read joins no group and writes nothing. Everything is as of one moment while no worker runs;
 *      else a commit may come between the offsets and the state.
 *  (2) A refusal with a code is why a start would end; without one it would not.
 */

struct tide_state_queue { /* one partition of a topic that is read */
	int role;
	int32_t partition, partitions; /* how many there are now */
	const char *topic;
	int64_t first, end; /* of the topic */
	int64_t committed;  /* -1: none */
	struct tide_position_note note;
	struct tide_error refusal;
};

struct tide_state_place { /* a stage */
	int32_t number;
	int64_t epoch, clock_ms, input_ms; /* as the notes have them */
	struct tide_state_table table;
	struct tide_state_stage found;
	bool fits;             /* its own record is of the committed offsets */
	bool adopts;           /* it has no offsets, and takes the state that is there */
	size_t alerts, drifts, follows; /* records that can be read */
	size_t open;           /* incidents */
	size_t strange;        /* records of another program or config, or damaged */
	struct tide_error refusal;
};

struct tide_state_view {
	struct tide_config *config;
	struct tide_service_names names; /* at the broker */
	struct tide_state_queue *queues; /* by role, then by partition */
	size_t queue_count;
	struct tide_state_snapshot *snapshots; /* the one that the notes of a task name, by partition */
	size_t task_count;
	struct tide_state_place *stages;
	size_t stage_count;
	struct tide_pool pool;
	struct tide_columns *columns;
};

/** The records of the state topic of a config (closure) so far, to their end, as role 0; count 0:
 *  of all partitions. */
int tide_state_view_source(void *closure, const int32_t *partitions, size_t count,
                           struct tide_source **source, struct tide_error *error) TIDE_MUSTCHECK;
/** The config outlives the view, which is closed also after a failure. */
int tide_state_view_read(struct tide_state_view *view, struct tide_config *config,
                         struct tide_error *error) TIDE_MUSTCHECK;
void tide_state_view_close(struct tide_state_view *view);

/** The offset at which a start begins: -1: the config's `start` says it. */
int64_t tide_state_view_start(const struct tide_state_view *view,
                              const struct tide_state_queue *queue);
/** New panes for a stage of the config, of the view's pool; NULL: no memory. */
struct tide_panes *tide_state_view_panes(struct tide_state_view *view);
/** The first thing that a start would refuse; NULL: nothing. */
const struct tide_error *tide_state_view_refusal(const struct tide_state_view *view);
#endif
