#include "alerts/alert_private.h"
#include "base/hash.h"
#include <math.h>
#include <string.h>

#define ALERT_CAP_BYTES ((size_t) 64 << 20)
#define ALERT_SLOTS_FIRST 1024 /* a power of two */

struct tide_alerts *
tide_alert_new(const char *name, const struct tide_rule *rules, size_t count,
               const struct tide_segment *segments, size_t segment_count)
{
	struct tide_pool pool;
	struct tide_alerts *alerts;
	size_t size_bytes = sizeof *alerts + count * sizeof *alerts->detectors;

	/* The pool moves into what it handed out, so that one cap covers everything. */
	tide_pool_init(&pool, ALERT_CAP_BYTES);
	alerts = tide_pool_table_new(&pool, size_bytes);
	if (!alerts) {
		tide_pool_fini(&pool);
		return NULL;
	}
	alerts->pool = pool;
	alerts->size_bytes = size_bytes;
	tide_pool_arena_init(&alerts->arena, &alerts->pool);
	alerts->models = (struct tide_models){&alerts->arena, &alerts->changed, NULL, 0};
	alerts->follows.arena = &alerts->arena;
	alerts->follows.changed = &alerts->changed;
	tide_text_buffer_init(&alerts->scratch, TIDE_ALERT_NAME_BYTES);
	alerts->name = name;
	alerts->rules = rules;
	alerts->rule_count = count;
	alerts->segments = segments;
	alerts->segment_count = segment_count;
	for (size_t i = 0; i < count; i++) {
		TIDE_ASSERT(rules[i].for_n >= 1 && rules[i].for_n <= 32);
		TIDE_ASSERT(rules[i].for_m >= 1 && rules[i].for_m <= rules[i].for_n);
		alerts->detectors[i] = tide_detector_find(rules[i].metric);
	}
	alerts->slot_count = ALERT_SLOTS_FIRST;
	alerts->slots =
	        tide_pool_table_new(&alerts->pool, alerts->slot_count * sizeof *alerts->slots);
	if (!alerts->slots) {
		alerts->slot_count = 0;
		tide_alert_free(alerts);
		return NULL;
	}
	return alerts;
}

void
tide_alert_budget(struct tide_alerts *alerts, const struct tide_budget *budget)
{
	alerts->budget = *budget;
}

void
tide_alert_free(struct tide_alerts *alerts)
{
	struct tide_pool pool;

	if (!alerts)
		return;
	tide_text_buffer_fini(&alerts->scratch);
	tide_pool_arena_fini(&alerts->arena);
	tide_pool_table_free(&alerts->pool, alerts->slots,
	                     alerts->slot_count * sizeof *alerts->slots);
	pool = alerts->pool;
	tide_pool_table_free(&pool, alerts, alerts->size_bytes);
	tide_pool_fini(&pool);
}

static size_t
alert_slot(struct alert_state *const *slots, size_t slot_count, const char *identity)
{
	struct tide_text text = {identity, TIDE_MEMORY_DIGITS};
	size_t slot = (size_t) tide_hash_plain(text);

	for (;; slot++) {
		const struct alert_state *state = slots[slot & (slot_count - 1)];
		if (!state || !memcmp(state->memory.identity, identity, TIDE_MEMORY_DIGITS))
			return slot & (slot_count - 1);
	}
}

static bool
alert_grow(struct tide_alerts *alerts)
{
	size_t slot_count = alerts->slot_count * 2;
	struct alert_state **slots;

	if (alerts->state_count * 2 < alerts->slot_count)
		return true;
	slots = tide_pool_table_new(&alerts->pool, slot_count * sizeof *slots);
	if (!slots)
		return false;
	for (size_t i = 0; i < alerts->slot_count; i++) {
		struct alert_state *state = alerts->slots[i];
		if (state)
			slots[alert_slot(slots, slot_count, state->memory.identity)] = state;
	}
	tide_pool_table_free(&alerts->pool, alerts->slots,
	                     alerts->slot_count * sizeof *alerts->slots);
	alerts->slots = slots;
	alerts->slot_count = slot_count;
	return true;
}

struct alert_state *
tide_alert_private_state(struct tide_alerts *alerts, const char *identity, unsigned room)
{
	struct alert_state *state;
	size_t slot;

	if (!alert_grow(alerts) || !tide_pool_reserve(&alerts->pool, 2)) /* a state, its starts */
		return NULL;
	slot = alert_slot(alerts->slots, alerts->slot_count, identity);
	state = alerts->slots[slot];
	if (!state) {
		state = tide_pool_arena_take(&alerts->arena, sizeof *state);
		state->memory.kind = TIDE_MEMORY_ALERT;
		memcpy(state->memory.identity, identity, TIDE_MEMORY_DIGITS);
		alerts->slots[slot] = state;
		alerts->state_count++;
	}
	if (state->room < room) {
		int64_t *starts = tide_pool_arena_take(&alerts->arena, room * sizeof *starts);
		if (state->room)
			memcpy(starts, state->starts, state->room * sizeof *starts);
		state->starts = starts;
		state->room = room;
	}
	return state;
}

/* The state of a rule, cell and column, made when new; NULL: out of memory. */
static struct alert_state *
alert_find(struct tide_alerts *alerts, size_t rule, const struct tide_cell_key *key,
           struct tide_text column)
{
	char identity[TIDE_MEMORY_DIGITS + 1];
	struct alert_state *state;

	if (!tide_alert_name_state(alerts, alerts->rules[rule].name, key, column, identity))
		return NULL;
	state = tide_alert_private_state(alerts, identity, alerts->rules[rule].for_n);
	if (state)
		state->rule = rule;
	return state;
}

static unsigned
alert_count_bits(uint32_t bits)
{
	return bits ? 1 + alert_count_bits(bits & (bits - 1)) : 0;
}

static void
alert_push(struct alert_state *state, unsigned for_n, bool breach, int64_t start_ms)
{
	uint32_t mask = for_n == 32 ? UINT32_MAX : (UINT32_C(1) << for_n) - 1;

	state->breaches = ((state->breaches << 1) | (breach ? 1u : 0u)) & mask;
	memmove(state->starts + 1, state->starts, (for_n - 1) * sizeof *state->starts);
	state->starts[0] = start_ms;
	state->judged = state->judged < for_n ? state->judged + 1 : for_n;
}

/* The oldest breach that belongs to this incident: what an incident before it was made of may
 * still count, but never gives two incidents the same first window. */
static int64_t
alert_first_start(const struct alert_state *state)
{
	int64_t first_ms = state->starts[0];

	for (unsigned i = 0; i < state->judged; i++) {
		if (state->was_resolved && state->starts[i] <= state->resolved_start_ms)
			break;
		if (state->breaches >> i & 1)
			first_ms = state->starts[i];
	}
	return first_ms;
}

const char *
tide_alert_severity(const struct tide_alert *alert)
{
	if (alert->only_informs)
		return "info";
	return alert->is_critical ? "critical" : alert->rule->severity;
}

/* A test of drift in a column that would have alarmed on the reference's own windows (SPEC 7.5). */
static bool
alert_only_informs(const struct tide_alerts *alerts, const struct tide_alert *alert)
{
	const struct tide_reference *reference = alerts->budget.reference;

	return alert->rule->tested && alert->finding->detector->family == TIDE_DRIFT && reference &&
	       tide_reference_backtest_fails(
	               tide_reference_backtest(reference, alert->key.model,
	                                       alert->finding->column),
	               alert->threshold);
}

/* What a rule makes of one finding. */
struct verdict {
	double threshold;
	bool breach;
	bool beyond_critical; /* and the threshold is that level */
};

static bool
alert_make(struct tide_alerts *alerts, const struct alert_state *state,
           const struct tide_evidence *evidence, uint64_t revision,
           const struct tide_finding *finding, const struct verdict *verdict,
           struct tide_alert *alert)
{
	const struct tide_rule *rule = &alerts->rules[state->rule];
	enum tide_rule_side side = verdict->beyond_critical ? rule->critical_side : rule->side;

	*alert = (struct tide_alert){
	        .rule = rule,
	        .state = state->firing ? TIDE_ALERT_FIRING : TIDE_ALERT_RESOLVED,
	        .kind = tide_detector_family_name(finding->detector->family),
	        .key = evidence->key,
	        .evidence = evidence,
	        .finding = finding,
	        .threshold = verdict->threshold,
	        .threshold_of_reference = !rule->tested && side != TIDE_RULE_NUMBER,
	        .is_critical = state->critical,
	        .beyond_critical = verdict->beyond_critical,
	        .window_start_ms = evidence->start_ms,
	        .window_end_ms = evidence->end_ms,
	        .first_window_start_ms = state->first_start_ms,
	        .transition_ms = evidence->trigger_ms,
	        .timing = evidence->timing,
	        .complete = evidence->complete,
	        .revision = revision,
	        .coverage = NAN,
	};
	if (evidence->side == TIDE_SIDE_LABEL)
		alert->coverage = tide_evidence_coverage(evidence);
	if (finding->detector->family == TIDE_PERFORMANCE ||
	    finding->detector->family == TIDE_CONCEPT)
		alert->has_inputs_drifted =
		        tide_model_recall(&alerts->models, evidence, &alert->inputs_drifted);
	alert->only_informs = alert_only_informs(alerts, alert);
	return tide_alert_name(alerts, alert);
}

/* What the finding is held against: the rule's level, or the model's part of the budget. False: out
 * of memory. */
static bool
alert_threshold(struct tide_alerts *alerts, const struct tide_rule *rule, struct tide_text name,
                const struct tide_finding *finding, double *threshold)
{
	struct tide_model *model;

	*threshold = tide_rule_threshold(rule, finding);
	if (!rule->tested)
		return true;
	model = tide_model_find(&alerts->models, name);
	if (!model)
		return false;
	if (!model->has_alpha)
		model->alpha = tide_budget_alpha(&alerts->budget, name);
	model->has_alpha = true;
	*threshold = model->alpha;
	return true;
}

/* Does this judged window, which does not breach, let the incident end? */
static bool
alert_calms(struct alert_state *state, const struct tide_rule *rule,
            const struct tide_finding *finding)
{
	double clear = tide_rule_clear_threshold(rule, finding);

	if (rule->has_clear && tide_rule_breaches(rule, finding, clear))
		state->calm = 0;
	else
		state->calm++;
	return state->calm >= (rule->resolve_after ? rule->resolve_after : 1);
}

/* Does what keeps firing have something to say: is it critical now, or is it time to remind? */
static bool
alert_tells(struct alert_state *state, const struct tide_rule *rule, const struct verdict *verdict)
{
	bool worse = verdict->beyond_critical && !state->critical;

	state->critical |= verdict->beyond_critical;
	return worse || (rule->remind_ms && verdict->breach &&
	                 state->starts[0] - state->told_start_ms >= rule->remind_ms);
}

/* True: there is something to say of the state. Without `room` it is not said, nor does the state
 * change: it will at the next judged window that asks for it. */
static bool
alert_turns(struct alert_state *state, const struct tide_rule *rule,
            const struct tide_finding *finding, const struct verdict *verdict, bool room)
{
	bool calm = state->firing && !verdict->breach && alert_calms(state, rule, finding);

	if (verdict->breach)
		state->calm = 0;
	if (!room)
		return false;
	if (calm) {
		state->firing = false;
		state->was_resolved = true;
		state->resolved_start_ms = state->starts[0];
		return true;
	}
	if (state->firing)
		return alert_tells(state, rule, verdict);
	if (!verdict->breach || alert_count_bits(state->breaches) < rule->for_m)
		return false;
	state->firing = true;
	state->critical = verdict->beyond_critical;
	state->first_start_ms = alert_first_start(state);
	return true;
}

/* Who asks for panes of an age by a number of his own gets what they say (SPEC 7.11). */
static bool
alert_may_judge(const struct tide_rule *rule, const struct tide_finding *finding)
{
	return finding->status == TIDE_OK ||
	       (finding->status == TIDE_PRELIMINARY && rule->early_age_ms &&
	        rule->side == TIDE_RULE_NUMBER && !rule->tested);
}

/* False: the finding says nothing, for or against. */
static bool
alert_verdict(const struct tide_rule *rule, const struct tide_finding *finding, double threshold,
              struct verdict *verdict)
{
	double critical = tide_rule_critical_threshold(rule, finding);

	if (!isfinite(threshold) || (rule->tested && !isfinite(finding->p_value)))
		return false;
	verdict->threshold = threshold;
	verdict->breach = tide_rule_breaches(rule, finding, threshold);
	verdict->beyond_critical = verdict->breach && rule->has_critical &&
	                           tide_rule_breaches(rule, finding, critical);
	if (verdict->beyond_critical)
		verdict->threshold = critical;
	return true;
}

/* One rule, one finding: 1 when there is something to say, 0 when not, -1 out of memory. */
static int
alert_judge(struct tide_alerts *alerts, size_t index, const struct tide_evidence *evidence,
            uint64_t revision, const struct tide_finding *finding, struct tide_alert *out)
{
	const struct tide_rule *rule = &alerts->rules[index];
	struct alert_state *state;
	struct verdict verdict;
	double threshold;

	if (!alert_may_judge(rule, finding) || !isfinite(finding->value))
		return 0;
	if (rule->min_n > 0 && !(finding->n >= rule->min_n))
		return 0;
	if (!alert_threshold(alerts, rule, evidence->key.model, finding, &threshold))
		return -1;
	if (!alert_verdict(rule, finding, threshold, &verdict))
		return 0;
	state = alert_find(alerts, index, &evidence->key, finding->column);
	if (!state)
		return -1;
	bool was_firing = state->firing;
	alert_push(state, rule->for_n, verdict.breach, evidence->start_ms);
	tide_memory_change(&alerts->changed, &state->memory);
	if (!alert_turns(state, rule, finding, &verdict, out != NULL))
		return 0;
	state->told_start_ms = evidence->start_ms;
	if (!alert_make(alerts, state, evidence, revision, finding, &verdict, out))
		return -1;
	out->opens = !was_firing;
	return 1;
}

static bool
alert_concerns(const struct tide_alerts *alerts, size_t index,
               const struct tide_evidence *evidence, const struct tide_finding *finding)
{
	const struct tide_rule *rule = &alerts->rules[index];

	return alerts->detectors[index] && alerts->detectors[index] == finding->detector &&
	       tide_rule_concerns_pane(rule, evidence) &&
	       tide_rule_concerns_cell(rule, alerts->segments, &evidence->key) &&
	       tide_rule_concerns_column(rule, finding->column);
}

/* Does a rule ask for this finding of a cell, whatever the column? */
static bool
alert_asks(const struct tide_alerts *alerts, const struct tide_evidence *evidence,
           const struct tide_finding *finding)
{
	for (size_t i = 0; i < alerts->rule_count; i++)
		if (alerts->detectors[i] == finding->detector &&
		    tide_rule_concerns_cell(&alerts->rules[i], alerts->segments, &evidence->key))
			return true;
	return false;
}

bool
tide_alert_follow(struct tide_alerts *alerts, const struct tide_evidence *evidence,
                  struct tide_finding *findings, size_t count)
{
	char identity[TIDE_MEMORY_DIGITS + 1];

	if (evidence->timing != TIDE_TIMING_FINAL || evidence->side != TIDE_SIDE_LABEL)
		return true;
	tide_follow_forget(&alerts->follows, evidence);
	for (size_t i = 0; i < count; i++) {
		const struct tide_detector *detector = findings[i].detector;
		if (!detector->follower || !alert_asks(alerts, evidence, &findings[i]))
			continue;
		if (!tide_alert_name_state(alerts, detector->name, &evidence->key,
		                           findings[i].column, identity))
			return false;
		struct tide_follow *follow = tide_follow_of(&alerts->follows, identity, detector);
		if (!follow)
			return false;
		tide_follow_take(&alerts->follows, follow, evidence, &findings[i]);
	}
	return true;
}

int
tide_alert_weigh(struct tide_alerts *alerts, const struct tide_evidence *evidence,
                 uint64_t revision, const struct tide_finding *findings, size_t count,
                 struct tide_alert *out, size_t room)
{
	size_t written = 0;

	if (evidence->timing == TIDE_TIMING_REVISED || evidence->side == TIDE_SIDE_INPUT)
		return 0;
	tide_model_forget(&alerts->models, evidence);
	if (!tide_model_remember(&alerts->models, evidence, findings, count))
		return -1;
	for (size_t i = 0; i < count; i++) {
		for (size_t rule = 0; rule < alerts->rule_count; rule++) {
			int made;
			if (!alert_concerns(alerts, rule, evidence, &findings[i]))
				continue;
			made = alert_judge(alerts, rule, evidence, revision, &findings[i],
			                   written < room ? &out[written] : NULL);
			if (made < 0)
				return -1;
			written += (size_t) made;
		}
	}
	return (int) written;
}

bool
tide_alert_remember(struct tide_alerts *alerts, const struct tide_evidence *evidence,
                    const struct tide_finding *findings, size_t count)
{
	return tide_model_remember(&alerts->models, evidence, findings, count);
}
