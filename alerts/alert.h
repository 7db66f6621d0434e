#ifndef TIDE_ALERTS_ALERT_H
#define TIDE_ALERTS_ALERT_H
#include "alerts/budget.h"
#include "base/error.h"
/*
 * Rules over findings: a breach is counted, M of N make an incident, and its transitions are the
 * alerts (SPEC 4.4, 5.5).
 *
 *  (1) One state for each (rule, model, version, segment value, column). A window whose finding is
 *      not OK, or whose n is below min_n, counts neither for nor against.
 *  (2) firing when M of the last N judged windows breach; resolved at the first judged window after
 *      that which does not, or as clear and resolve_after say. While it keeps firing, firing is
 *      said again where it has become critical, and as often as the rule wants to be reminded.
 *  (3) Only final panes are judged, or early panes of one age where the rule says so, and the cell
 *      {all versions, total} unless it says so.
 *  (4) A rule without a comparison needs the budget; without one it judges nothing.
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
	const struct tide_evidence *evidence; /* the finding is of it */
	const struct tide_finding *finding;
	double threshold; /* of a test: alpha */
	bool opens;           /* the first record of the incident */
	bool is_critical;     /* the incident went beyond the rule's critical level */
	bool beyond_critical; /* so does the value, and `threshold` is that level */
	bool only_informs; /* of drift in a column that fails its own back-test (SPEC 7.5) */
	bool threshold_of_reference, has_inputs_drifted, inputs_drifted;
	int64_t window_start_ms, window_end_ms, first_window_start_ms, transition_ms;
	enum tide_timing timing;
	bool complete;
	uint64_t revision;
	double coverage; /* NaN on the prediction side */
};

struct tide_alerts;

/** `rules` outlive it. NULL: out of memory. */
struct tide_alerts *tide_alert_new(const char *name, const struct tide_rule *rules, size_t count,
                                   const struct tide_segment *segments, size_t segment_count);
/** `budget` is copied, what it points to is not. To be told before the first weigh. */
void tide_alert_budget(struct tide_alerts *alerts, const struct tide_budget *budget);
void tide_alert_free(struct tide_alerts *alerts);
/** Goes on with the detectors that follow a cell from final pane to final pane (SPEC 2.5) and that
 *  a rule asks for: their findings become what they are by all panes so far. To be called once a
 *  pane, before weigh. False: out of memory. */
bool tide_alert_follow(struct tide_alerts *alerts, const struct tide_evidence *evidence,
                       struct tide_finding *findings, size_t count) TIDE_MUSTCHECK;
/** Weighs the findings of one evidence, whose pane has this revision (SPEC 4.2); writes at most
 *  `room` transitions and returns their number; -1: out of memory. Alerts borrow from evidence
 *  and findings. */
int tide_alert_weigh(struct tide_alerts *alerts, const struct tide_evidence *evidence,
                     uint64_t revision, const struct tide_finding *findings, size_t count,
                     struct tide_alert *out, size_t room);
/** The rule's; critical where the incident is; info where the alert only informs. */
const char *tide_alert_severity(const struct tide_alert *alert);
/** Only takes note of what rules of later panes ask of this one (inputs_drifted): for a pane that
 *  was weighed before a restart. False: out of memory. */
bool tide_alert_remember(struct tide_alerts *alerts, const struct tide_evidence *evidence,
                         const struct tide_finding *findings, size_t count);
#endif
