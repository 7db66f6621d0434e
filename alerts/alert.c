#include "alerts/alert.h"
#include "alerts/encode.h"
#include "base/hash.h"
#include "base/pool.h"
#include <math.h>
#include <string.h>

#define ALERT_CAP_BYTES ((size_t) 64 << 20)
#define ALERT_ID_BYTES (16 * (size_t) TIDE_TEXT_BYTES_MAX)
#define ALERT_WINDOWS 64       /* windows whose input drift a model remembers */
#define ALERT_DRIFTED_P 1e-3   /* below: the inputs of the window drifted */
#define ALERT_FULL_DIGITS 64   /* states and models are known by the SHA-256 of their parts */
#define ALERT_SLOTS_FIRST 1024 /* a power of two */

struct alert_state {
	char identity[ALERT_FULL_DIGITS + 1];
	size_t rule;
	uint32_t breaches; /* bit 0: the newest judged window */
	unsigned judged;   /* windows in `breaches`, at most the rule's N */
	bool firing, was_resolved;
	int64_t first_start_ms, resolved_start_ms;
	int64_t *starts; /* of the last N judged windows, newest first */
};

struct alert_model {
	struct alert_model *next;
	char identity[ALERT_FULL_DIGITS + 1];
	int64_t starts[ALERT_WINDOWS];
	bool drifted[ALERT_WINDOWS];
	size_t count; /* windows ever remembered; the newest is at (count - 1) % ALERT_WINDOWS */
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
	struct alert_state **slots; /* open addressing, slot_count a power of two */
	size_t slot_count, state_count;
	struct alert_model *models;
	const struct tide_detector *detectors[]; /* of the rules; NULL: unknown metric */
};

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
alert_slot(struct alert_state *const *slots, size_t slot_count, const char *identity, size_t rule)
{
	struct tide_text text = {identity, ALERT_FULL_DIGITS};
	size_t slot = (size_t) tide_hash_plain(text) + rule;

	for (;; slot++) {
		const struct alert_state *state = slots[slot & (slot_count - 1)];
		if (!state ||
		    (state->rule == rule && !memcmp(state->identity, identity, ALERT_FULL_DIGITS)))
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
			slots[alert_slot(slots, slot_count, state->identity, state->rule)] = state;
	}
	tide_pool_table_free(&alerts->pool, alerts->slots,
	                     alerts->slot_count * sizeof *alerts->slots);
	alerts->slots = slots;
	alerts->slot_count = slot_count;
	return true;
}

/* The state of a rule, cell and column, made when new; NULL: out of memory. */
static struct alert_state *
alert_find(struct tide_alerts *alerts, size_t rule, const struct tide_cell_key *key,
           struct tide_text column)
{
	char identity[ALERT_FULL_DIGITS + 1];
	struct alert_state *state;
	size_t slot;

	if (!alert_identity(alerts, &alerts->rules[rule], key, column) || !alert_grow(alerts))
		return NULL;
	tide_hash_sha256((struct tide_text){alerts->scratch.bytes, alerts->scratch.length},
	                 identity, ALERT_FULL_DIGITS);
	slot = alert_slot(alerts->slots, alerts->slot_count, identity, rule);
	if (alerts->slots[slot])
		return alerts->slots[slot];
	if (!tide_pool_reserve(&alerts->pool, 2)) /* a state and its starts */
		return NULL;
	state = tide_pool_arena_take(&alerts->arena, sizeof *state);
	state->starts = tide_pool_arena_take(&alerts->arena, alerts->rules[rule].for_n *
	                                                             sizeof *state->starts);
	state->rule = rule;
	memcpy(state->identity, identity, sizeof identity);
	alerts->slots[slot] = state;
	alerts->state_count++;
	return state;
}

static struct alert_model *
alert_model_find(struct tide_alerts *alerts, struct tide_text model, bool add)
{
	char identity[ALERT_FULL_DIGITS + 1];
	struct alert_model *found;

	tide_hash_sha256(model, identity, ALERT_FULL_DIGITS);
	for (found = alerts->models; found; found = found->next)
		if (!memcmp(found->identity, identity, ALERT_FULL_DIGITS))
			return found;
	if (!add || !tide_pool_reserve(&alerts->pool, 1))
		return NULL;
	found = tide_pool_arena_take(&alerts->arena, sizeof *found);
	memcpy(found->identity, identity, sizeof identity);
	found->next = alerts->models;
	return alerts->models = found;
}

/* Remembers whether the inputs of a whole model drifted. Reserved columns are the model's own
 * output: that they moved says nothing of its inputs. False: out of memory. */
static bool
alert_remember(struct tide_alerts *alerts, const struct tide_evidence *evidence,
               const struct tide_finding *findings, size_t count)
{
	bool judged = false, drifted = false;
	struct alert_model *model;

	if (evidence->side != TIDE_SIDE_PREDICTION || evidence->key.version.length ||
	    evidence->key.segment >= 0)
		return true;
	for (size_t i = 0; i < count; i++) {
		const struct tide_finding *finding = &findings[i];
		if (finding->status != TIDE_OK || !isfinite(finding->p_value) ||
		    finding->detector->family != TIDE_DRIFT ||
		    strcmp(finding->detector->name, "drift") != 0 ||
		    (finding->column.length && finding->column.bytes[0] == '$'))
			continue;
		judged = true;
		drifted = drifted || finding->p_value < ALERT_DRIFTED_P;
	}
	if (!judged)
		return true;
	model = alert_model_find(alerts, evidence->key.model, true);
	if (!model)
		return false;
	model->starts[model->count % ALERT_WINDOWS] = evidence->start_ms;
	model->drifted[model->count % ALERT_WINDOWS] = drifted;
	model->count++;
	return true;
}

static void
alert_recall(struct tide_alerts *alerts, struct tide_alert *alert)
{
	const struct alert_model *model = alert_model_find(alerts, alert->key.model, false);

	for (size_t i = 0; model && i < model->count && i < ALERT_WINDOWS; i++) {
		size_t at = (model->count - 1 - i) % ALERT_WINDOWS;
		if (model->starts[at] != alert->window_start_ms)
			continue;
		alert->has_inputs_drifted = true;
		alert->inputs_drifted = model->drifted[at];
		return;
	}
}

/* Segments and versions add to the total: a window of one version has no cell of that version
 * (SPEC 4.3), and must not go unjudged for that. */
static bool
alert_concerns_cell(const struct tide_alerts *alerts, const struct tide_rule *rule,
                    const struct tide_cell_key *key)
{
	if (key->version.length && !rule->each_version)
		return false;
	if (key->segment < 0 || rule->all_segments)
		return true;
	TIDE_ASSERT((size_t) key->segment < alerts->segment_count);
	for (size_t i = 0; i < rule->segment_count; i++)
		if (!strcmp(rule->segments[i], alerts->segments[key->segment].name))
			return true;
	return false;
}

static bool
alert_concerns_column(const struct tide_rule *rule, struct tide_text column)
{
	if (rule->all_columns)
		return column.length > 0;
	if (!rule->column_count)
		return column.length == 0;
	for (size_t i = 0; i < rule->column_count; i++)
		if (tide_text_is(column, rule->columns[i]))
			return true;
	return false;
}

/* NaN: there is no reference to hold the value against. */
static double
alert_threshold(const struct tide_rule *rule, const struct tide_finding *finding)
{
	switch (rule->side) {
	case TIDE_RULE_TIMES_REFERENCE:
		return rule->number * finding->reference;
	case TIDE_RULE_SHARE_OF_REFERENCE:
		return finding->reference + rule->number * fabs(finding->reference);
	case TIDE_RULE_REFERENCE_PLUS:
		return finding->reference + rule->number;
	default:
		return rule->number;
	}
}

static bool
alert_breaches(const struct tide_rule *rule, const struct tide_finding *finding, double threshold)
{
	bool interval = rule->certainty > 0 && isfinite(finding->lower) && isfinite(finding->upper);
	double low = interval ? finding->lower : finding->value;
	double high = interval ? finding->upper : finding->value;

	switch (rule->op) {
	case TIDE_RULE_ABOVE:
		return low > threshold;
	case TIDE_RULE_AT_LEAST:
		return low >= threshold;
	case TIDE_RULE_BELOW:
		return high < threshold;
	default:
		return high <= threshold;
	}
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
	if (state->judged < for_n)
		state->judged++;
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

static const char *const alert_kinds[] = {
        [TIDE_PERFORMANCE] = "performance", [TIDE_QUALITY] = "data_quality",
        [TIDE_DRIFT] = "data_drift",        [TIDE_BUSINESS] = "business",
        [TIDE_OPERATIONS] = "operations",
};

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
	alert_part(scratch, tide_text_of(alert->rule->severity));
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
           const struct tide_evidence *evidence, const struct tide_finding *finding,
           struct tide_alert *alert)
{
	const struct tide_rule *rule = &alerts->rules[state->rule];

	*alert = (struct tide_alert){
	        .rule = rule,
	        .state = state->firing ? TIDE_ALERT_FIRING : TIDE_ALERT_RESOLVED,
	        .kind = alert_kinds[finding->detector->family],
	        .key = evidence->key,
	        .finding = finding,
	        .threshold = alert_threshold(rule, finding),
	        .threshold_of_reference = rule->side != TIDE_RULE_NUMBER,
	        .window_start_ms = evidence->start_ms,
	        .window_end_ms = evidence->end_ms,
	        .first_window_start_ms = state->first_start_ms,
	        .transition_ms = evidence->trigger_ms,
	        .coverage = NAN,
	};
	if (evidence->side == TIDE_SIDE_LABEL && evidence->predictions)
		alert->coverage = (double) evidence->labelled / (double) evidence->predictions;
	if (finding->detector->family == TIDE_PERFORMANCE)
		alert_recall(alerts, alert);
	return alert_name(alerts, alert);
}

/* One rule, one finding: 1 when the state has a transition, 0 when not, -1 out of memory. A
 * transition without room is not made; it is made at the next judged window that asks for it. */
static int
alert_judge(struct tide_alerts *alerts, size_t index, const struct tide_evidence *evidence,
            const struct tide_finding *finding, struct tide_alert *out)
{
	const struct tide_rule *rule = &alerts->rules[index];
	double threshold = alert_threshold(rule, finding);
	struct alert_state *state;
	bool breach;

	if (finding->status != TIDE_OK || !isfinite(finding->value) || !isfinite(threshold))
		return 0;
	if (rule->min_n > 0 && !(finding->n >= rule->min_n))
		return 0;
	state = alert_find(alerts, index, &evidence->key, finding->column);
	if (!state)
		return -1;
	breach = alert_breaches(rule, finding, threshold);
	alert_push(state, rule->for_n, breach, evidence->start_ms);
	if (!out)
		return 0;
	if (state->firing && !breach) {
		state->firing = false;
		state->was_resolved = true;
		state->resolved_start_ms = evidence->start_ms;
	} else if (!state->firing && breach && alert_count_bits(state->breaches) >= rule->for_m) {
		state->firing = true;
		state->first_start_ms = alert_first_start(state);
	} else {
		return 0;
	}
	return alert_make(alerts, state, evidence, finding, out) ? 1 : -1;
}

int
tide_alert_weigh(struct tide_alerts *alerts, const struct tide_evidence *evidence,
                 const struct tide_finding *findings, size_t count, struct tide_alert *out,
                 size_t room)
{
	size_t written = 0;

	if (evidence->timing != TIDE_TIMING_FINAL || evidence->side == TIDE_SIDE_INPUT)
		return 0;
	if (!alert_remember(alerts, evidence, findings, count))
		return -1;
	for (size_t i = 0; i < count; i++) {
		for (size_t rule = 0; rule < alerts->rule_count; rule++) {
			int made;
			if (!alerts->detectors[rule] ||
			    alerts->detectors[rule] != findings[i].detector ||
			    !alert_concerns_cell(alerts, &alerts->rules[rule], &evidence->key) ||
			    !alert_concerns_column(&alerts->rules[rule], findings[i].column))
				continue;
			made = alert_judge(alerts, rule, evidence, &findings[i],
			                   written < room ? &out[written] : NULL);
			if (made < 0)
				return -1;
			written += (size_t) made;
		}
	}
	return (int) written;
}
