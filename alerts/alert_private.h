#ifndef TIDE_ALERTS_ALERT_PRIVATE_H
#define TIDE_ALERTS_ALERT_PRIVATE_H
#include "alerts/alert.h"
#include "alerts/follow.h"
#include "alerts/model.h"
#include "base/pool.h"
/* What alert.c (rules over findings) and alert_state.c (their memory, across restarts) share. */

struct alert_state {
	struct tide_memory memory; /* known by the SHA-256 of its parts */
	size_t rule;
	uint32_t breaches; /* bit 0: the newest judged window */
	unsigned judged;   /* windows in `breaches`, at most the rule's N */
	unsigned calm;     /* windows in a row that let it resolve */
	bool firing, was_resolved;
	int64_t first_start_ms, resolved_start_ms;
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
#endif
