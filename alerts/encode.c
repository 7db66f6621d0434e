#include "alerts/encode.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ENCODE_TEXT_BYTES (16 * (size_t) TIDE_TEXT_BYTES_MAX)
#define ENCODE_DAY_MS 86400000

static const char *const encode_sides[] = {
        [TIDE_SIDE_PREDICTION] = "prediction",
        [TIDE_SIDE_LABEL] = "label",
        [TIDE_SIDE_INPUT] = "input",
};

/* Empty, and so null: all versions, no model, the cell's own column, the house's dialect. */
static void
encode_name(struct tide_buffer *buffer, const char *key, struct tide_text name)
{
	tide_text_json_key(buffer, key);
	if (name.length)
		tide_text_json_text(buffer, name);
	else
		tide_text_json_null(buffer);
}

static void
encode_string(struct tide_buffer *buffer, const char *key, const char *value)
{
	tide_text_json_key(buffer, key);
	tide_text_json_string(buffer, value);
}

static void
encode_integer(struct tide_buffer *buffer, const char *key, int64_t value)
{
	tide_text_json_key(buffer, key);
	tide_text_json_integer(buffer, value);
}

static void
encode_count(struct tide_buffer *buffer, const char *key, uint64_t value)
{
	encode_integer(buffer, key, (int64_t) value);
}

static void
encode_number(struct tide_buffer *buffer, const char *key, double value)
{
	tide_text_json_key(buffer, key);
	tide_text_json_number(buffer, value);
}

void
tide_encode_segment(struct tide_buffer *buffer, const struct tide_segment *segments,
                    size_t segment_count, const struct tide_cell_key *key)
{
	tide_text_json_open(buffer, '{');
	if (key->segment >= 0) {
		TIDE_ASSERT((size_t) key->segment < segment_count);
		tide_text_json_key(buffer, segments[key->segment].name);
		if (key->value_null)
			tide_text_json_null(buffer);
		else
			tide_text_json_text(buffer, key->value);
	}
	tide_text_json_close(buffer, '}');
}

static void
encode_key_part(struct tide_buffer *buffer, struct tide_text part)
{
	for (size_t i = 0; i < part.length; i++) {
		if (part.bytes[i] == '|' || part.bytes[i] == '\\')
			tide_text_put(buffer, "\\", 1);
		tide_text_put(buffer, part.bytes + i, 1);
	}
	tide_text_put(buffer, "|", 1);
}

void
tide_encode_result_key(struct tide_buffer *buffer, const struct tide_encode_context *context,
                       const struct tide_evidence *evidence)
{
	struct tide_buffer segment;

	encode_key_part(buffer, tide_text_of(context->name));
	encode_key_part(buffer, evidence->key.model);
	encode_key_part(buffer, evidence->key.version);
	/* Apart, for the JSON writer puts a comma by what stands before. */
	tide_text_buffer_init(&segment, ENCODE_TEXT_BYTES);
	tide_encode_segment(&segment, context->segments, context->segment_count, &evidence->key);
	tide_text_put(buffer, segment.bytes, segment.length);
	buffer->failed = buffer->failed || segment.failed;
	tide_text_buffer_fini(&segment);
	tide_text_put(buffer, "|", 1);
	tide_text_put_integer(buffer, evidence->start_ms);
	tide_text_put(buffer, "|", 1);
	tide_text_put_string(buffer, encode_sides[evidence->side]);
}

/* The outcomes that a record of the role can have. */
static void
encode_outcomes(struct tide_buffer *buffer, const struct tide_input_counts *counts,
                enum tide_role role)
{
	static const char *const names[2][TIDE_OUTCOMES] = {
	        {[TIDE_ACCEPTED] = "accepted", [TIDE_DUPLICATE] = "duplicate",
	         [TIDE_LATE] = "late", [TIDE_FUTURE] = "future", [TIDE_POISON] = "poison"},
	        {[TIDE_MATCHED] = "matched", [TIDE_DUPLICATE] = "duplicate",
	         [TIDE_CONFLICT] = "conflict", [TIDE_CORRECTED] = "corrected",
	         [TIDE_UNMATCHED] = "unmatched", [TIDE_BEFORE_START] = "before_start",
	         [TIDE_LATE] = "late", [TIDE_FUTURE] = "future", [TIDE_POISON] = "poison"}};

	tide_text_json_key(buffer, role == TIDE_PREDICTIONS ? "predictions" : "labels");
	tide_text_json_open(buffer, '{');
	for (size_t i = 0; i < TIDE_OUTCOMES; i++)
		if (names[role][i])
			encode_count(buffer, names[role][i], counts->outcomes[role][i]);
	tide_text_json_close(buffer, '}');
}

static void
encode_counts(struct tide_buffer *buffer, const struct tide_evidence *evidence)
{
	tide_text_json_key(buffer, "counts");
	tide_text_json_open(buffer, '{');
	if (evidence->side == TIDE_SIDE_INPUT && evidence->counts) {
		encode_outcomes(buffer, evidence->counts, TIDE_PREDICTIONS);
		encode_outcomes(buffer, evidence->counts, TIDE_LABELS);
	} else if (evidence->side == TIDE_SIDE_LABEL) {
		encode_count(buffer, "accepted", evidence->predictions);
		encode_count(buffer, "labelled", evidence->labelled);
		encode_integer(buffer, "unlabelled",
		               (int64_t) evidence->predictions - (int64_t) evidence->labelled);
	} else if (evidence->side == TIDE_SIDE_PREDICTION && evidence->cell) {
		encode_count(buffer, "accepted", evidence->cell->predictions);
		encode_count(buffer, "errors", evidence->cell->errors);
	}
	tide_text_json_close(buffer, '}');
}

static void
encode_finding(struct tide_buffer *buffer, const struct tide_finding *finding)
{
	tide_text_json_open(buffer, '{');
	encode_string(buffer, "family", tide_detector_family_name(finding->detector->family));
	encode_string(buffer, "metric", finding->detector->name);
	encode_name(buffer, "column", finding->column);
	encode_name(buffer, "dialect", tide_text_of(finding->detector->dialect));
	encode_number(buffer, "value", finding->value);
	encode_number(buffer, "reference", finding->reference);
	encode_number(buffer, "lower", finding->lower);
	encode_number(buffer, "upper", finding->upper);
	encode_number(buffer, "p_value", finding->p_value);
	encode_number(buffer, "log10_p", finding->log10_p);
	encode_number(buffer, "n", finding->n);
	encode_string(buffer, "status", tide_detector_status_name(finding->status));
	encode_string(buffer, "reason", finding->reason);
	tide_text_json_close(buffer, '}');
}

struct encode_column {
	struct tide_text name;
	const struct tide_column_fold *fold;
	const struct tide_column_shape *shape; /* or NULL */
};

static int
encode_compare(const void *a, const void *b)
{
	const struct encode_column *left = a, *right = b;

	return tide_text_compare(left->name, right->name);
}

static void
encode_distribution(struct tide_buffer *buffer, const struct tide_encode_context *context,
                    uint64_t records, const struct encode_column *column)
{
	const struct tide_column_fold *fold = column->fold;
	uint64_t absent = records > fold->present ? records - fold->present : 0;

	tide_text_json_open(buffer, '{');
	tide_text_json_key(buffer, "column");
	tide_text_json_text(buffer, column->name);
	if (column->shape && column->shape->type == TIDE_COLUMN_CATEGORICAL) {
		tide_text_json_key(buffer, "categories");
		tide_text_json_open(buffer, '[');
		for (size_t i = 0; i < column->shape->category_count; i++)
			tide_text_json_text(buffer, column->shape->categories[i]);
		tide_text_json_close(buffer, ']');
	} else {
		encode_string(buffer, "edges_ref", context->reference_id);
	}
	tide_text_json_key(buffer, "current");
	tide_text_json_open(buffer, '[');
	for (size_t i = 0; i < fold->bin_count; i++)
		tide_text_json_integer(buffer, (int64_t) fold->bins[i]);
	tide_text_json_close(buffer, ']');
	encode_count(buffer, "missing", absent + fold->nulls);
	tide_text_json_close(buffer, '}');
}

static void
encode_distributions(struct tide_buffer *buffer, const struct tide_encode_context *context,
                     const struct tide_evidence *evidence)
{
	struct encode_column columns[TIDE_CELL_COLUMNS_MAX];
	struct encode_column prediction = {.name = TIDE_TEXT("$prediction")};
	const struct tide_cell *cell = evidence->cell;
	const struct tide_shape *shape = evidence->shape;
	size_t known = evidence->columns ? tide_mapping_column_count(evidence->columns) : 0;
	size_t count = 0;

	tide_text_json_key(buffer, "distributions");
	tide_text_json_open(buffer, '[');
	if (evidence->side == TIDE_SIDE_PREDICTION && cell) {
		prediction.fold = cell->prediction;
		for (size_t i = 0; i < known; i++) {
			struct encode_column column = {
			        .name = tide_mapping_column_name(evidence->columns, (uint32_t) i),
			        .fold = i < cell->column_count ? cell->columns[i] : NULL,
			        .shape = shape && i < shape->count ? &shape->columns[i] : NULL,
			};
			if (tide_text_equal(column.name, prediction.name)) {
				prediction.shape = column.shape;
				if (!prediction.fold)
					prediction.fold = column.fold;
			} else if (column.fold && column.fold->bins &&
			           count < TIDE_CELL_COLUMNS_MAX) {
				columns[count++] = column;
			}
		}
		qsort(columns, count, sizeof *columns, encode_compare);
		if (prediction.fold && prediction.fold->bins)
			encode_distribution(buffer, context, cell->predictions, &prediction);
		for (size_t i = 0; i < count; i++)
			encode_distribution(buffer, context, cell->predictions, &columns[i]);
	}
	tide_text_json_close(buffer, ']');
}

static void
encode_cell(struct tide_buffer *buffer, const struct tide_encode_context *context,
            const struct tide_cell_key *key)
{
	encode_name(buffer, "model", key->model);
	encode_name(buffer, "model_version", key->version);
	tide_text_json_key(buffer, "segment");
	tide_encode_segment(buffer, context->segments, context->segment_count, key);
}

static void
encode_volumes(struct tide_buffer *buffer, const struct tide_evidence *evidence)
{
	if (evidence->side == TIDE_SIDE_INPUT)
		encode_string(buffer, "predictions", NULL);
	else
		encode_count(buffer, "predictions",
		             evidence->cell ? evidence->cell->predictions : evidence->predictions);
	if (evidence->side != TIDE_SIDE_LABEL) {
		encode_string(buffer, "labels", NULL);
		encode_string(buffer, "coverage", NULL);
		return;
	}
	encode_count(buffer, "labels", evidence->labelled);
	/* Of no predictions: 0/0, which is written as null. */
	encode_number(buffer, "coverage",
	              evidence->predictions
	                      ? (double) evidence->labelled / (double) evidence->predictions
	                      : NAN);
}

void
tide_encode_result(struct tide_buffer *buffer, const struct tide_encode_context *context,
                   const struct tide_evidence *evidence, uint64_t revision,
                   const struct tide_finding *findings, size_t count)
{
	static const char *const timings[] = {
	        [TIDE_TIMING_EARLY] = "early",
	        [TIDE_TIMING_FINAL] = "final",
	        [TIDE_TIMING_REVISED] = "revised",
	};

	tide_text_json_open(buffer, '{');
	encode_integer(buffer, "schema", 1);
	encode_string(buffer, "name", context->name);
	encode_cell(buffer, context, &evidence->key);
	encode_integer(buffer, "window_start", evidence->start_ms);
	encode_integer(buffer, "window_end", evidence->end_ms);
	encode_string(buffer, "side", encode_sides[evidence->side]);
	encode_string(buffer, "timing", timings[evidence->timing]);
	if (evidence->timing == TIDE_TIMING_EARLY)
		encode_integer(buffer, "age_ms", evidence->age_ms);
	else
		encode_string(buffer, "age_ms", NULL);
	encode_count(buffer, "revision", revision);
	tide_text_json_key(buffer, "is_final");
	tide_text_json_bool(buffer, evidence->timing == TIDE_TIMING_FINAL);
	tide_text_json_key(buffer, "complete");
	tide_text_json_bool(buffer, evidence->complete);
	if (revision)
		encode_count(buffer, "supersedes", revision - 1);
	else
		encode_string(buffer, "supersedes", NULL);
	encode_volumes(buffer, evidence);
	encode_counts(buffer, evidence);
	tide_text_json_key(buffer, "findings");
	tide_text_json_open(buffer, '[');
	for (size_t i = 0; i < count; i++)
		encode_finding(buffer, &findings[i]);
	tide_text_json_close(buffer, ']');
	encode_distributions(buffer, context, evidence);
	tide_encode_labels(buffer, evidence);
	encode_string(buffer, "reference_id", context->reference_id);
	encode_string(buffer, "config_hash", context->config_hash);
	encode_integer(buffer, "part", 1);
	encode_integer(buffer, "parts", 1);
	tide_text_json_close(buffer, '}');
}

/* A UTC time as a person reads it: the day alone when it is midnight. Days become dates on the
 * proleptic Gregorian calendar, in years that begin in March, so that the leap day is the last. */
static void
encode_time(struct tide_buffer *buffer, int64_t time_ms)
{
	int64_t rest_ms = (time_ms % ENCODE_DAY_MS + ENCODE_DAY_MS) % ENCODE_DAY_MS;
	int64_t days = (time_ms - rest_ms) / ENCODE_DAY_MS + 719468; /* since 0000-03-01 */
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int64_t day = days - era * 146097;
	int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64_t of_year = day - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;

	tide_text_put_format(buffer, "%04d-%02d-%02d",
	                     (int) (year + era * 400 + (month >= 10 ? 1 : 0)),
	                     (int) (month < 10 ? month + 3 : month - 9),
	                     (int) (of_year - (153 * month + 2) / 5 + 1));
	if (rest_ms)
		tide_text_put_format(buffer, "T%02d:%02d", (int) (rest_ms / 3600000),
		                     (int) (rest_ms / 60000 % 60));
	if (rest_ms % 60000)
		tide_text_put_format(buffer, ":%02d", (int) (rest_ms / 1000 % 60));
	if (rest_ms % 1000)
		tide_text_put_format(buffer, ".%03d", (int) (rest_ms % 1000));
}

/* How a value stands to its threshold: when it does not breach, and when it does. */
static const char *const encode_stands[][2] = {
        [TIDE_RULE_ABOVE] = {"not above", "above"},
        [TIDE_RULE_AT_LEAST] = {"below", "at least"},
        [TIDE_RULE_BELOW] = {"not below", "below"},
        [TIDE_RULE_AT_MOST] = {"above", "at most"},
};

static void
encode_side_of_rule(struct tide_buffer *buffer, const struct tide_rule *rule)
{
	if (rule->side == TIDE_RULE_TIMES_REFERENCE)
		tide_text_put_format(buffer, ", %.6gx reference", rule->number);
	if (rule->side == TIDE_RULE_SHARE_OF_REFERENCE)
		tide_text_put_format(buffer, ", %+.6g%% reference", rule->number * 100);
	if (rule->side == TIDE_RULE_REFERENCE_PLUS)
		tide_text_put_format(buffer, ", reference %+.6g", rule->number);
}

void
tide_encode_message(struct tide_buffer *buffer, const struct tide_encode_context *context,
                    const struct tide_alert *alert)
{
	const struct tide_finding *finding = alert->finding;
	const struct tide_cell_key *key = &alert->key;
	struct tide_text model = key->model.length ? key->model : tide_text_of(context->name);
	bool firing = alert->state == TIDE_ALERT_FIRING;

	tide_text_put_string(buffer, finding->detector->name);
	tide_text_put_string(buffer, " of ");
	if (finding->column.length) {
		tide_text_put(buffer, finding->column.bytes, finding->column.length);
		tide_text_put_string(buffer, " in ");
	}
	tide_text_put(buffer, model.bytes, model.length);
	if (key->version.length) {
		tide_text_put_string(buffer, " version ");
		tide_text_put(buffer, key->version.bytes, key->version.length);
	}
	if (key->segment >= 0) {
		struct tide_text value = key->value_null ? TIDE_TEXT("missing") : key->value;
		tide_text_put_format(buffer, " for %s ", context->segments[key->segment].name);
		tide_text_put(buffer, value.bytes, value.length);
	}
	tide_text_put_format(buffer, " was %.6g (%s %.6g", finding->value,
	                     encode_stands[alert->rule->op][firing], alert->threshold);
	encode_side_of_rule(buffer, alert->rule);
	tide_text_put_string(buffer, firing ? ") in " : "; resolved) in ");
	encode_time(buffer, alert->window_start_ms);
	tide_text_put_string(buffer, "..");
	encode_time(buffer, alert->window_end_ms);
	tide_text_put_string(buffer, " UTC");
	if (isfinite(finding->n))
		tide_text_put_format(buffer, ", %.0f %s", finding->n,
		                     finding->detector->side == TIDE_SIDE_LABEL ? "labelled rows"
		                                                                : "records");
}

static void
encode_judgement(struct tide_buffer *buffer, const struct tide_alert *alert)
{
	static const char *const ops[] = {
	        [TIDE_RULE_ABOVE] = "above",
	        [TIDE_RULE_AT_LEAST] = "at_least",
	        [TIDE_RULE_BELOW] = "below",
	        [TIDE_RULE_AT_MOST] = "at_most",
	};
	const struct tide_finding *finding = alert->finding;

	encode_number(buffer, "value", finding->value);
	encode_string(buffer, "op", ops[alert->rule->op]);
	encode_number(buffer, "threshold", alert->threshold);
	encode_string(buffer, "threshold_source",
	              alert->threshold_of_reference ? "reference" : "static");
	encode_number(buffer, "reference_value", finding->reference);
	encode_number(buffer, "p_value", finding->p_value);
	encode_number(buffer, "lower", finding->lower);
	encode_number(buffer, "upper", finding->upper);
	encode_number(buffer, "n", finding->n);
	encode_number(buffer, "coverage", alert->coverage);
}

void
tide_encode_alert(struct tide_buffer *buffer, const struct tide_encode_context *context,
                  const struct tide_alert *alert)
{
	const struct tide_rule *rule = alert->rule;
	struct tide_buffer message;

	tide_text_json_open(buffer, '{');
	encode_integer(buffer, "schema", 1);
	encode_string(buffer, "record_id", alert->record_id);
	encode_string(buffer, "alert_id", alert->alert_id);
	encode_string(buffer, "name", context->name);
	encode_string(buffer, "rule", rule->name);
	encode_string(buffer, "state", alert->state == TIDE_ALERT_FIRING ? "firing" : "resolved");
	encode_string(buffer, "severity", rule->severity);
	encode_string(buffer, "kind", alert->kind);
	encode_cell(buffer, context, &alert->key);
	encode_name(buffer, "column", alert->finding->column);
	encode_string(buffer, "metric", alert->finding->detector->name);
	encode_name(buffer, "dialect", tide_text_of(alert->finding->detector->dialect));
	encode_string(buffer, "side", encode_sides[alert->finding->detector->side]);
	encode_string(buffer, "timing", "final"); /* no other pane is judged */
	encode_count(buffer, "revision", alert->revision);
	encode_string(buffer, "complete", NULL); /* an alert does not carry it */
	encode_judgement(buffer, alert);
	encode_integer(buffer, "window_start", alert->window_start_ms);
	encode_integer(buffer, "window_end", alert->window_end_ms);
	encode_integer(buffer, "first_window_start", alert->first_window_start_ms);
	encode_integer(buffer, "transition_at", alert->transition_ms);
	tide_text_json_key(buffer, "inputs_drifted");
	if (alert->has_inputs_drifted)
		tide_text_json_bool(buffer, alert->inputs_drifted);
	else
		tide_text_json_null(buffer);
	tide_text_json_key(buffer, "contributors");
	tide_text_json_open(buffer, '[');
	tide_text_json_close(buffer, ']');
	encode_string(buffer, "owner", rule->owner);
	encode_string(buffer, "route", rule->route);
	encode_string(buffer, "runbook", rule->runbook);
	encode_string(buffer, "parent_alert_id", NULL);
	encode_string(buffer, "reference_id", context->reference_id);
	encode_string(buffer, "config_hash", context->config_hash);
	tide_text_buffer_init(&message, ENCODE_TEXT_BYTES);
	tide_encode_message(&message, context, alert);
	tide_text_json_key(buffer, "message");
	tide_text_json_text(buffer, (struct tide_text){message.bytes, message.length});
	buffer->failed = buffer->failed || message.failed;
	tide_text_buffer_fini(&message);
	tide_text_json_close(buffer, '}');
}
