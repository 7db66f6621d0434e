#ifndef TIDE_APP_STATE_RECORD_H
#define TIDE_APP_STATE_RECORD_H
#include "alerts/alert_state.h"
#include "app/state_table.h"
#include "windowing/panes.h"
/*
 * What a commit remembers, as records of a compacted topic (SPEC 3.1). The partition of a stage's
 * number holds its small state:
 *
 *  stage        its epoch, the state hash, and what of its panes a rewind does not bring back, as
 *               "s1;E=<epoch>;H=<state hash>;" and hex digits (windowing/panes.h)
 *  alert/…      a record a rule's memory of one cell and column (alerts/alert_state.h)
 *  drift/…      and one a model: in which windows its inputs drifted
 *  follow/…     and one a cell and detector that follows it from pane to pane (alerts/follow.h)
 *
 * and that of a task's number its snapshots (state_snapshot.h).
 *
 *  (1) load takes the records of a table, in which snapshots may stand, too; what is not of this
 *      program and state hash is STRANGE, and the panes and alerts are then good for nothing but
 *      another load into new ones.
 */
enum tide_state_kind {
	TIDE_STATE_STAGE,
	TIDE_STATE_ALERT,
	TIDE_STATE_DRIFT,
	TIDE_STATE_FOLLOW,
	TIDE_STATE_SNAPSHOT,
	TIDE_STATE_OTHER
};

#define TIDE_STATE_STAGE_KEY   "stage"
#define TIDE_STATE_VALUE_BYTES (1u << 20)

enum tide_state_kind tide_state_record_kind(struct tide_text key);
/** The value of a stage's record. */
void tide_state_record_stage(struct tide_buffer *value, int64_t epoch, const char *state_hash,
                             const struct tide_panes *panes);

struct tide_state_stage { /* what records are loaded into */
	const char *state_hash;
	struct tide_panes *panes;
	struct tide_alerts *alerts;
	int64_t epoch; /* what the stage's record says; 0: there is none */
};

/** One record that has a value. */
enum tide_alert_put tide_state_record_load(struct tide_state_stage *stage,
                                           const struct tide_state_entry *entry) TIDE_MUSTCHECK;
#endif
