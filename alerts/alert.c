#include "alerts/alert_private.h"
#include "alerts/encode.h"
#include "base/hash.h"
#include <math.h>
#include <string.h>

#define ALERT_CAP_BYTES ((size_t) 64 << 20)
#define ALERT_ID_BYTES (16 * (size_t) TIDE_TEXT_BYTES_MAX)
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
	tide_text_buffer_init(&alerts->scratch, ALERT_ID_BYTES);
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

/* One part of an identity: its length in decimal, a colon, its bytes. */
static void
alert_part(struct tide_buffer *buffer, struct tide_text part)
{
	tide_text_put_integer(buffer, (int64_t) part.length);
	tide_text_put(buffer, ":", 1);
	tide_text_put(buffer, part.bytes, part.length);
}

static void
alert_part_integer(struct tide_buffer *buffer, int64_t number)
{
	char digits[TIDE_TEXT_NUMBER_SIZE];

	/* all numbers here are exact in a double: milliseconds and small counts */
	alert_part(buffer, (struct tide_text){digits, tide_text_number((double) number, digits)});
}

/* The parts that name a state: all of alert_id but first_window_start. */
static bool
alert_identity(struct tide_alerts *alerts, const struct tide_rule *rule,
               const struct tide_cell_key *key, struct tide_text column)
{
	struct tide_buffer segment, *scratch = &alerts->scratch;
	bool failed;

	tide_text_buffer_init(&segment, ALERT_ID_BYTES);
	tide_encode_segment(&segment, alerts->segments, alerts->segment_count, key);
	tide_text_buffer_reset(scratch);
	alert_part(scratch, tide_text_of(alerts->name));
	alert_part(scratch, tide_text_of(rule->name));
	alert_part(scratch, key->model);
	alert_part(scratch, key->version);
	alert_part(scratch, (struct tide_text){segment.bytes, segment.length});
	alert_part(scratch, column);
	failed = segment.failed || scratch->failed;
	tide_text_buffer_fini(&segment);
	return !failed;
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

	if (!alert_identity(alerts, &alerts->rules[rule], key, column))
		return NULL;
	tide_hash_sha256((struct tide_text){alerts->scratch.bytes, alerts->scratch.length},
	                 identity, TIDE_MEMORY_DIGITS);
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
	return alert->only_informs ? "info" : alert->rule->severity;
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

/* alert_id and record_id (SPEC 4.4). False: out of memory. */
static bool
alert_name(struct tide_alerts *alerts, struct tide_alert *alert)
{
	struct tide_buffer *scratch = &alerts->scratch;

	if (!alert_identity(alerts, alert->rule, &alert->key, alert->finding->column))
		return false;
	alert_part_integer(scratch, alert->first_window_start_ms);
	if (scratch->failed)
		return false;
	tide_hash_sha256((struct tide_text){scratch->bytes, scratch->length}, alert->alert_id,
	                 sizeof alert->alert_id - 1);
	tide_text_buffer_reset(scratch);
	alert_part(scratch, tide_text_of(alert->alert_id));
	alert_part(scratch,
	           tide_text_of(alert->state == TIDE_ALERT_FIRING ? "firing" : "resolved"));
	alert_part(scratch, tide_text_of(tide_alert_severity(alert)));
	alert_part_integer(scratch, alert->window_start_ms);
	alert_part_integer(scratch, (int64_t) alert->revision);
	if (scratch->failed)
		return false;
	tide_hash_sha256((struct tide_text){scratch->bytes, scratch->length}, alert->record_id,
	                 sizeof alert->record_id - 1);
	return true;
}

static bool
alert_make(struct tide_alerts *alerts, const struct alert_state *state,
           const struct tide_evidence *evidence, uint64_t revision,
           const struct tide_finding *finding, double threshold, struct tide_alert *alert)
{
	const struct tide_rule *rule = &alerts->rules[state->rule];

	*alert = (struct tide_alert){
	        .rule = rule,
	        .state = state->firing ? TIDE_ALERT_FIRING : TIDE_ALERT_RESOLVED,
	        .kind = tide_detector_family_name(finding->detector->family),
	        .key = evidence->key,
	        .evidence = evidence,
	        .finding = finding,
	        .threshold = threshold,
	        .threshold_of_reference = !rule->tested && rule->side != TIDE_RULE_NUMBER,
	        .window_start_ms = evidence->start_ms,
	        .window_end_ms = evidence->end_ms,
	        .first_window_start_ms = state->first_start_ms,
	        .transition_ms = evidence->trigger_ms,
	        .timing = evidence->timing,
	        .complete = evidence->complete,
	        .revision = revision,
	        .coverage = NAN,
	};
	if (evidence->side == TIDE_SIDE_LABEL && evidence->predictions)
		alert->coverage = (double) evidence->labelled / (double) evidence->predictions;
	if (finding->detector->family == TIDE_PERFORMANCE)
		alert->has_inputs_drifted =
		        tide_model_recall(&alerts->models, evidence, &alert->inputs_drifted);
	alert->only_informs = alert_only_informs(alerts, alert);
	return alert_name(alerts, alert);
}

/* What the finding is held against: the rule's level, or the model's part of the budget. False: out
 * of memory. */
static bool
alert_threshold(struct tide_alerts *alerts, const struct tide_rule *rule, struct tide_text name,
                const struct tide_finding *finding, double *threshold)
{
	struct tide_model *model;

	*threshold = tide_rule_threshold(rule, finding->reference);
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
	double clear = tide_rule_clear_threshold(rule, finding->reference);

	if (rule->has_clear && tide_rule_breaches(rule, finding, clear))
		state->calm = 0;
	else
		state->calm++;
	return state->calm >= (rule->resolve_after ? rule->resolve_after : 1);
}

/* True: the state has a transition. Without `room` it is not made; it is made at the next judged
 * window that asks for it. */
static bool
alert_turns(struct alert_state *state, const struct tide_rule *rule,
            const struct tide_finding *finding, bool breach, bool room)
{
	bool calm = state->firing && !breach && alert_calms(state, rule, finding);

	if (breach)
		state->calm = 0;
	if (!room)
		return false;
	if (calm) {
		state->firing = false;
		state->was_resolved = true;
		state->resolved_start_ms = state->starts[0];
		return true;
	}
	if (state->firing || !breach || alert_count_bits(state->breaches) < rule->for_m)
		return false;
	state->firing = true;
	state->first_start_ms = alert_first_start(state);
	return true;
}

/* One rule, one finding: 1 when the state has a transition, 0 when not, -1 out of memory. */
static int
alert_judge(struct tide_alerts *alerts, size_t index, const struct tide_evidence *evidence,
            uint64_t revision, const struct tide_finding *finding, struct tide_alert *out)
{
	const struct tide_rule *rule = &alerts->rules[index];
	struct alert_state *state;
	double threshold;
	bool breach;

	if (finding->status != TIDE_OK || !isfinite(finding->value))
		return 0;
	if (rule->min_n > 0 && !(finding->n >= rule->min_n))
		return 0;
	if (!alert_threshold(alerts, rule, evidence->key.model, finding, &threshold))
		return -1;
	if (!isfinite(threshold) || (rule->tested && !isfinite(finding->p_value)))
		return 0;
	state = alert_find(alerts, index, &evidence->key, finding->column);
	if (!state)
		return -1;
	breach = tide_rule_breaches(rule, finding, threshold);
	alert_push(state, rule->for_n, breach, evidence->start_ms);
	tide_memory_change(&alerts->changed, &state->memory);
	if (!alert_turns(state, rule, finding, breach, out != NULL))
		return 0;
	return alert_make(alerts, state, evidence, revision, finding, threshold, out) ? 1 : -1;
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
