#include "alerts/encode.h"
#include "detectors/performance/reliability.h"

/* What a label-side result says beside its findings: the confusion matrix, the ROC curve and the
 * reliability diagram. */
#define CURVE_POINTS_MAX 64

/* Rows are what was true, columns what was predicted, both by name (scikit-learn's form). */
static void
encode_matrix(struct tide_buffer *buffer, const struct tide_evidence *evidence)
{
	const struct tide_label_fold *labels = evidence->labels;
	uint8_t order[TIDE_CLASSES_MAX + 1];
	size_t count = tide_classes_sort(evidence->classes, order), kept = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t rows = 0;
		for (size_t j = 0; j <= TIDE_CLASSES_MAX; j++)
			rows += tide_labelled_confusion(labels, order[i], j) +
			        tide_labelled_confusion(labels, j, order[i]);
		if (rows)
			order[kept++] = order[i];
	}
	tide_text_json_key(buffer, "classes");
	tide_text_json_open(buffer, '[');
	for (size_t i = 0; i < kept; i++)
		tide_text_json_text(buffer, tide_classes_name(evidence->classes, order[i]));
	tide_text_json_close(buffer, ']');
	tide_text_json_key(buffer, "counts");
	tide_text_json_open(buffer, '[');
	for (size_t i = 0; i < kept; i++) {
		tide_text_json_open(buffer, '[');
		for (size_t j = 0; j < kept; j++)
			tide_text_json_integer(buffer, (int64_t) tide_labelled_confusion(
			                                       labels, order[i], order[j]));
		tide_text_json_close(buffer, ']');
	}
	tide_text_json_close(buffer, ']');
}

static void
encode_confusion(struct tide_buffer *buffer, const struct tide_evidence *evidence)
{
	const struct tide_label_fold *labels = evidence->labels;

	tide_text_json_key(buffer, "confusion");
	if (!labels || (evidence->problem != TIDE_PROBLEM_BINARY &&
	                evidence->problem != TIDE_PROBLEM_MULTICLASS)) {
		tide_text_json_null(buffer);
		return;
	}
	tide_text_json_open(buffer, '{');
	if (evidence->problem == TIDE_PROBLEM_BINARY) {
		tide_text_json_put_integer(buffer, "tp", (int64_t) labels->confusion.tp);
		tide_text_json_put_integer(buffer, "fp", (int64_t) labels->confusion.fp);
		tide_text_json_put_integer(buffer, "tn", (int64_t) labels->confusion.tn);
		tide_text_json_put_integer(buffer, "fn", (int64_t) labels->confusion.fn);
	} else {
		encode_matrix(buffer, evidence);
	}
	tide_text_json_close(buffer, '}');
}

static void
put_above(struct tide_buffer *buffer, const char *key, const struct tide_score_curve *curve,
          double above)
{
	if (curve->weighted)
		tide_text_json_put_number(buffer, key, above);
	else
		tide_text_json_put_integer(buffer, key, (int64_t) above);
}

/* NULL (and the member is null) without scores of a binary model. */
static const struct tide_score_curve *
curve_open(struct tide_buffer *buffer, const char *key, const struct tide_evidence *evidence)
{
	const struct tide_label_fold *labels = evidence->labels;
	bool has_scores = labels && evidence->problem == TIDE_PROBLEM_BINARY &&
	                  labels->score.scored > 0;

	tide_text_json_key(buffer, key);
	if (has_scores)
		return tide_score_curve(&labels->score, &evidence->label_shape->score, 0,
		                        evidence->scratch);
	tide_text_json_null(buffer);
	return NULL;
}

/* The ROC curve as cumulated counts, or weights, at falling scores, thinned evenly to at most 64
 * points, the last one among them. */
static void
encode_curve(struct tide_buffer *buffer, const struct tide_evidence *evidence)
{
	const struct tide_score_curve *curve = curve_open(buffer, "curve", evidence);
	double above[2] = {0};

	if (!curve)
		return;
	tide_text_json_open(buffer, '[');
	size_t step = (curve->count + CURVE_POINTS_MAX - 1) / CURVE_POINTS_MAX;
	for (size_t i = 0; i < curve->count; i++) {
		above[0] += curve->points[i].positives;
		above[1] += curve->points[i].negatives;
		if ((curve->count - 1 - i) % step)
			continue;
		tide_text_json_open(buffer, '{');
		tide_text_json_put_number(buffer, "score", curve->points[i].score);
		put_above(buffer, "tp", curve, above[0]);
		put_above(buffer, "fp", curve, above[1]);
		tide_text_json_close(buffer, '}');
	}
	tide_text_json_close(buffer, ']');
}

/* Mean score and share of positives of the bins that have rows. */
static void
encode_reliability(struct tide_buffer *buffer, const struct tide_evidence *evidence)
{
	const struct tide_score_curve *curve = curve_open(buffer, "reliability", evidence);
	struct tide_reliability_bin bins[TIDE_RELIABILITY_BINS];

	if (!curve)
		return;
	tide_reliability_bins(curve, bins);
	tide_text_json_open(buffer, '[');
	for (size_t i = 0; i < TIDE_RELIABILITY_BINS; i++) {
		if (!(bins[i].n > 0))
			continue;
		tide_text_json_open(buffer, '{');
		tide_text_json_put_number(buffer, "score", bins[i].score);
		tide_text_json_put_number(buffer, "share", bins[i].share);
		put_above(buffer, "n", curve, bins[i].n);
		tide_text_json_close(buffer, '}');
	}
	tide_text_json_close(buffer, ']');
}

void
tide_encode_labels(struct tide_buffer *buffer, const struct tide_evidence *evidence)
{
	encode_confusion(buffer, evidence);
	encode_curve(buffer, evidence);
	encode_reliability(buffer, evidence);
}
