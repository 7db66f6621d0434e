#ifndef TIDE_ALERTS_ALERT_PRIVATE_H
#define TIDE_ALERTS_ALERT_PRIVATE_H
#include "alerts/alert.h"
#include "alerts/follow.h"
#include "alerts/model.h"
#include "base/pool.h"
/* What alert.c (rules over findings), alert_name.c (ids) and alert_state.c (their memory, across
 * restarts) share. */

struct alert_state {
	struct tide_memory memory; /* known by the SHA-256 of its parts */
	size_t rule;
	uint32_t breaches; /* bit 0: the newest judged window */
	unsigned judged;   /* windows in `breaches`, at most the rule's N */
	unsigned calm;     /* windows in a row that let it resolve */
	bool firing, was_resolved;
	bool critical; /* the incident went beyond the rule's critical level */
	int64_t first_start_ms, resolved_start_ms;
	int64_t told_start_ms; /* the window of its last record */
	int64_t *starts; /* of the last N judged windows, newest first */
	unsigned room;   /* of starts */
};

struct tide_alerts {
	struct tide_pool pool;
	struct tide_arena arena;
	struct tide_buffer scratch;
	const char *name;
	const struct tide_rule *rules;
	size_t rule_count, size_bytes;
	const struct tide_segment *segments;
	size_t segment_count;
	struct tide_budget budget; /* rules NULL: none */
	struct alert_state **slots; /* open addressing, slot_count a power of two */
	size_t slot_count, state_count;
	struct tide_memory *changed; /* since they were taken */
	struct tide_models models;
	struct tide_follows follows;
	const struct tide_detector *detectors[]; /* of the rules; NULL: unknown metric */
};

/* The state of this identity, made when new, with room for the starts of `room` windows. NULL:
 * out of memory. */
struct alert_state *tide_alert_private_state(struct tide_alerts *alerts, const char *identity,
                                             unsigned room);

#define TIDE_ALERT_NAME_BYTES (16 * (size_t) TIDE_TEXT_BYTES_MAX)

/** The identity of what is remembered of a rule, or of a metric that is followed, for a cell and a
 *  column. False: out of memory. */
bool tide_alert_name_state(struct tide_alerts *alerts, const char *name,
                           const struct tide_cell_key *key, struct tide_text column,
                           char identity[TIDE_MEMORY_DIGITS + 1]) TIDE_MUSTCHECK;
/** Sets alert_id and record_id (SPEC 4.4) of an alert that is complete but for them. False: out of
 *  memory. */
bool tide_alert_name(struct tide_alerts *alerts, struct tide_alert *alert) TIDE_MUSTCHECK;
#endif
