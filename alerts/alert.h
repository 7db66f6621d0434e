#ifndef TIDE_ALERTS_ALERT_H
#define TIDE_ALERTS_ALERT_H
#include "alerts/rule.h"
#include "base/error.h"
#include "detectors/detector.h"
/*
 * Rules over findings: a breach is counted, M of N make an incident, and its transitions are the
 * alerts (SPEC 4.4, 5.5).
 *
 *  (1) One state for each (rule, model, version, segment value, column). A window whose finding is
 *      not OK, or whose n is below min_n, counts neither for nor against.
 *  (2) firing when M of the last N judged windows breach; resolved at the first judged window after
 *      that which does not. Nothing is said while it keeps firing.
 *  (3) Only final panes are judged, and the cell {all versions, total} unless the rule says so.
 *  (4) certainty > 0: a finding that has an interval breaches only when the whole interval does
 *      (above: lower > threshold; below: upper < threshold); without one the value is compared.
 *  (5) alert_id and record_id as SPEC 4.4: SHA-256 over length-prefixed parts, first 32 hex digits.
 *  (6) A rule against the reference without a reference value judges nothing.
 */
enum tide_alert_state { TIDE_ALERT_FIRING, TIDE_ALERT_RESOLVED };

struct tide_alert {
	char alert_id[33], record_id[33];
	const struct tide_rule *rule;
	enum tide_alert_state state;
	const char *kind; /* SPEC 4.4: data_drift, concept_drift, data_quality, performance … */
	struct tide_cell_key key;
	const struct tide_finding *finding;
	double threshold;
	bool threshold_of_reference, has_inputs_drifted, inputs_drifted;
	int64_t window_start_ms, window_end_ms, first_window_start_ms, transition_ms;
	uint64_t revision;
	double coverage; /* NaN on the prediction side */
};

struct tide_alerts;

/** `rules` outlive it. NULL: out of memory. */
struct tide_alerts *tide_alert_new(const char *name, const struct tide_rule *rules, size_t count,
                                   const struct tide_segment *segments, size_t segment_count);
void tide_alert_free(struct tide_alerts *alerts);
/** Weighs the findings of one evidence; writes at most `room` transitions and returns their
 *  number; -1: out of memory. Alerts borrow from evidence and findings. */
int tide_alert_weigh(struct tide_alerts *alerts, const struct tide_evidence *evidence,
                     const struct tide_finding *findings, size_t count, struct tide_alert *out,
                     size_t room);
#endif
