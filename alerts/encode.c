#include "alerts/encode.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ENCODE_TEXT_BYTES (16 * (size_t) TIDE_TEXT_BYTES_MAX)

const char *
tide_encode_side(enum tide_side side)
{
	static const char *const names[] = {
	        [TIDE_SIDE_PREDICTION] = "prediction",
	        [TIDE_SIDE_LABEL] = "label",
	        [TIDE_SIDE_INPUT] = "input",
	};

	return names[side];
}

const char *
tide_encode_timing(enum tide_timing timing)
{
	static const char *const names[] = {
	        [TIDE_TIMING_EARLY] = "early",
	        [TIDE_TIMING_FINAL] = "final",
	        [TIDE_TIMING_REVISED] = "revised",
	};

	return names[timing];
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
                       const struct tide_evidence *evidence, size_t part)
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
	tide_text_put_string(buffer, tide_encode_side(evidence->side));
	if (part > 1)
		tide_text_put_format(buffer, "|%zu", part);
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
			tide_text_json_put_integer(buffer, names[role][i], (int64_t) counts->outcomes[role][i]);
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
		tide_text_json_put_integer(buffer, "accepted", (int64_t) evidence->predictions);
		tide_text_json_put_integer(buffer, "labelled", (int64_t) evidence->labelled);
		tide_text_json_put_integer(buffer, "unlabelled",
		               (int64_t) evidence->predictions - (int64_t) evidence->labelled);
	} else if (evidence->side == TIDE_SIDE_PREDICTION && evidence->cell) {
		tide_text_json_put_integer(buffer, "accepted", (int64_t) evidence->cell->predictions);
		tide_text_json_put_integer(buffer, "errors", (int64_t) evidence->cell->errors);
	}
	tide_text_json_close(buffer, '}');
}

static void
encode_finding(struct tide_buffer *buffer, const struct tide_encode_context *context,
               const struct tide_evidence *evidence, const struct tide_finding *finding)
{
	tide_text_json_open(buffer, '{');
	tide_text_json_put_string(buffer, "family", tide_detector_family_name(finding->detector->family));
	tide_text_json_put_string(buffer, "metric", finding->detector->name);
	tide_text_json_put_name(buffer, "column", finding->column);
	tide_text_json_put_name(buffer, "dialect", tide_text_of(finding->detector->dialect));
	tide_text_json_put_number(buffer, "value", finding->value);
	tide_text_json_put_number(buffer, "reference", finding->reference);
	tide_text_json_put_number(buffer, "lower", finding->lower);
	tide_text_json_put_number(buffer, "upper", finding->upper);
	tide_text_json_put_number(buffer, "p_value", finding->p_value);
	tide_text_json_put_number(buffer, "log10_p", finding->log10_p);
	if (finding->null) {
		tide_text_json_put_number(buffer, "plain_p_value", finding->plain_p_value);
		tide_text_json_put_string(buffer, "null", finding->null);
		tide_text_json_put_number(buffer, "df", finding->df);
		tide_text_json_put_number(buffer, "phi", finding->phi);
	}
	tide_text_json_put_number(buffer, "n", finding->n);
	tide_text_json_put_string(buffer, "status", tide_detector_status_name(finding->status));
	tide_text_json_put_string(buffer, "reason", finding->reason);
	tide_encode_causes(buffer, context, evidence, finding, false);
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
		tide_text_json_put_string(buffer, "edges_ref", context->reference_id);
	}
	tide_text_json_key(buffer, "current");
	tide_text_json_open(buffer, '[');
	for (size_t i = 0; i < fold->bin_count; i++)
		tide_text_json_integer(buffer, (int64_t) fold->bins[i]);
	tide_text_json_close(buffer, ']');
	tide_text_json_put_integer(buffer, "missing", (int64_t) (absent + fold->nulls));
	tide_text_json_close(buffer, '}');
}

/* Which columns go into the part that is written: all of them, in the order of their names, in
 * runs of equal length. What belongs to the cell itself is in the first part. */
struct encode_split {
	struct tide_text names[TIDE_CELL_COLUMNS_MAX + 1];
	size_t count, part, parts;
};

/* The place of a name, or where it would stand. */
static size_t
encode_split_place(const struct encode_split *split, struct tide_text name)
{
	size_t low = 0, high = split->count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (tide_text_compare(split->names[middle], name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
encode_split_add(struct encode_split *split, struct tide_text name)
{
	size_t place = encode_split_place(split, name);

	if (!name.length || split->count > TIDE_CELL_COLUMNS_MAX ||
	    (place < split->count && tide_text_equal(split->names[place], name)))
		return;
	memmove(split->names + place + 1, split->names + place,
	        (split->count - place) * sizeof *split->names);
	split->names[place] = name;
	split->count++;
}

static bool
encode_split_takes(const struct encode_split *split, struct tide_text name)
{
	size_t part = 1;

	if (name.length && split->count)
		part += encode_split_place(split, name) * split->parts / split->count;
	return part == split->part;
}

static size_t
encode_columns(struct encode_column columns[TIDE_CELL_COLUMNS_MAX + 1],
               const struct tide_evidence *evidence)
{
	struct encode_column prediction = {.name = TIDE_TEXT("$prediction")};
	const struct tide_cell *cell = evidence->cell;
	const struct tide_shape *shape = evidence->shape;
	size_t known = evidence->columns ? tide_mapping_column_count(evidence->columns) : 0;
	size_t count = 1; /* the first place is the prediction's */

	if (evidence->side != TIDE_SIDE_PREDICTION || !cell)
		return 0;
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
		} else if (column.fold && column.fold->bins && count <= TIDE_CELL_COLUMNS_MAX) {
			columns[count++] = column;
		}
	}
	qsort(columns + 1, count - 1, sizeof *columns, encode_compare);
	columns[0] = prediction;
	if (prediction.fold && prediction.fold->bins)
		return count;
	memmove(columns, columns + 1, (count - 1) * sizeof *columns);
	return count - 1;
}

static void
encode_distributions(struct tide_buffer *buffer, const struct tide_encode_context *context,
                     const struct tide_evidence *evidence, const struct encode_split *split)
{
	struct encode_column columns[TIDE_CELL_COLUMNS_MAX + 1];
	size_t count = encode_columns(columns, evidence);

	tide_text_json_key(buffer, "distributions");
	tide_text_json_open(buffer, '[');
	for (size_t i = 0; i < count; i++)
		if (encode_split_takes(split, columns[i].name))
			encode_distribution(buffer, context, evidence->cell->predictions,
			                    &columns[i]);
	tide_text_json_close(buffer, ']');
}

void
tide_encode_cell(struct tide_buffer *buffer, const struct tide_encode_context *context,
                 const struct tide_cell_key *key)
{
	tide_text_json_put_name(buffer, "model", key->model);
	tide_text_json_put_name(buffer, "model_version", key->version);
	tide_text_json_key(buffer, "segment");
	tide_encode_segment(buffer, context->segments, context->segment_count, key);
}

static void
encode_volumes(struct tide_buffer *buffer, const struct tide_evidence *evidence)
{
	if (evidence->side == TIDE_SIDE_INPUT)
		tide_text_json_put_string(buffer, "predictions", NULL);
	else
		tide_text_json_put_integer(
		        buffer, "predictions",
		        (int64_t) (evidence->cell ? evidence->cell->predictions
		                                  : evidence->predictions));
	if (evidence->side != TIDE_SIDE_LABEL) {
		tide_text_json_put_string(buffer, "labels", NULL);
		tide_text_json_put_string(buffer, "coverage", NULL);
		return;
	}
	tide_text_json_put_integer(buffer, "labels", (int64_t) evidence->labelled);
	/* Of no predictions: 0/0, which is written as null. */
	tide_text_json_put_number(buffer, "coverage",
	              evidence->predictions
	                      ? (double) evidence->labelled / (double) evidence->predictions
	                      : NAN);
}

static void
encode_part(struct tide_buffer *buffer, const struct tide_encode_context *context,
            const struct tide_evidence *evidence, uint64_t revision,
            const struct tide_finding *findings, size_t count, const struct encode_split *split)
{
	tide_text_json_open(buffer, '{');
	tide_text_json_put_integer(buffer, "schema", 1);
	tide_text_json_put_string(buffer, "name", context->name);
	tide_encode_cell(buffer, context, &evidence->key);
	tide_text_json_put_integer(buffer, "window_start", evidence->start_ms);
	tide_text_json_put_integer(buffer, "window_end", evidence->end_ms);
	tide_text_json_put_string(buffer, "side", tide_encode_side(evidence->side));
	tide_text_json_put_string(buffer, "timing", tide_encode_timing(evidence->timing));
	if (evidence->timing == TIDE_TIMING_EARLY)
		tide_text_json_put_integer(buffer, "age_ms", evidence->age_ms);
	else
		tide_text_json_put_string(buffer, "age_ms", NULL);
	tide_text_json_put_integer(buffer, "revision", (int64_t) revision);
	tide_text_json_put_bool(buffer, "is_final", evidence->timing == TIDE_TIMING_FINAL);
	tide_text_json_put_bool(buffer, "complete", evidence->complete);
	if (revision)
		tide_text_json_put_integer(buffer, "supersedes", (int64_t) (revision - 1));
	else
		tide_text_json_put_string(buffer, "supersedes", NULL);
	encode_volumes(buffer, evidence);
	encode_counts(buffer, evidence);
	tide_text_json_key(buffer, "findings");
	tide_text_json_open(buffer, '[');
	for (size_t i = 0; i < count; i++)
		if (encode_split_takes(split, findings[i].column))
			encode_finding(buffer, context, evidence, &findings[i]);
	tide_text_json_close(buffer, ']');
	encode_distributions(buffer, context, evidence, split);
	tide_encode_labels(buffer, evidence);
	tide_text_json_put_string(buffer, "reference_id", context->reference_id);
	tide_text_json_put_string(buffer, "config_hash", context->config_hash);
	tide_text_json_put_integer(buffer, "part", (int64_t) split->part);
	tide_text_json_put_integer(buffer, "parts", (int64_t) split->parts);
	tide_text_json_close(buffer, '}');
}

/* Does every part of this many fit? Leaves the buffer as it was. */
static bool
encode_fits(struct tide_buffer *buffer, const struct tide_encode_context *context,
            const struct tide_evidence *evidence, uint64_t revision,
            const struct tide_finding *findings, size_t count, struct encode_split *split)
{
	size_t start = buffer->length, longest = 0;

	for (split->part = 1; split->part <= split->parts; split->part++) {
		encode_part(buffer, context, evidence, revision, findings, count, split);
		if (buffer->length - start > longest)
			longest = buffer->length - start;
		buffer->length = start;
	}
	return longest <= TIDE_ENCODE_PART_BYTES;
}

static void
encode_split_fill(struct encode_split *split, const struct tide_evidence *evidence,
                  const struct tide_finding *findings, size_t count)
{
	struct encode_column columns[TIDE_CELL_COLUMNS_MAX + 1];
	size_t column_count = encode_columns(columns, evidence);

	for (size_t i = 0; i < column_count; i++)
		encode_split_add(split, columns[i].name);
	for (size_t i = 0; i < count; i++)
		encode_split_add(split, findings[i].column);
}

size_t
tide_encode_result(struct tide_buffer *buffer, const struct tide_encode_context *context,
                   const struct tide_evidence *evidence, uint64_t revision,
                   const struct tide_finding *findings, size_t count, size_t part, size_t parts)
{
	struct encode_split split = {.part = part, .parts = parts ? parts : 1};
	size_t start = buffer->length;

	if (parts > 1)
		encode_split_fill(&split, evidence, findings, count);
	encode_part(buffer, context, evidence, revision, findings, count, &split);
	if (parts || buffer->length - start <= TIDE_ENCODE_PART_BYTES)
		return split.parts;
	encode_split_fill(&split, evidence, findings, count);
	split.parts = (buffer->length - start) / TIDE_ENCODE_PART_BYTES + 1;
	buffer->length = start;
	while (split.parts < split.count &&
	       !encode_fits(buffer, context, evidence, revision, findings, count, &split))
		split.parts++;
	split.part = part;
	encode_part(buffer, context, evidence, revision, findings, count, &split);
	return split.parts;
}
