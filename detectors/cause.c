#include "detectors/cause.h"
#include "detectors/drift/pair.h"
#include "detectors/fairness/groups.h"

#define MOVED_P     .05
#define ZERO_SHARE  1e-4 /* as in the metric `psi` */
#define MEANS_AGREE 1e-9 /* relative: the values of a segment add up to the total */

#define TIDE_DETECTOR(folder, name) extern const struct tide_detector tide_detector_##name;
#include "detectors/detectors.def"
#undef TIDE_DETECTOR

/* Measures that are means over the n rows of their finding. */
static const struct tide_detector *const means[] = {
	&tide_detector_accuracy_score,
	&tide_detector_brier_score_loss,
	&tide_detector_log_loss,
	&tide_detector_mean_absolute_error,
	&tide_detector_mean_absolute_percentage_error,
	&tide_detector_mean_error,
	&tide_detector_mean_squared_error,
	&tide_detector_precision_score,
	&tide_detector_recall_score,
	&tide_detector_specificity,
	&tide_detector_symmetric_mean_absolute_percentage_error,
};

struct causes {
	struct tide_cause *list;
	size_t count;
};

/* Kept by |share|; one that is no larger stands behind. */
static void
causes_put(struct causes *causes, const struct tide_cause *cause)
{
	size_t at = causes->count;

	if (!(fabs(cause->share) > 0))
		return;
	while (at > 0 && fabs(causes->list[at - 1].share) < fabs(cause->share))
		at--;
	if (at == TIDE_CAUSES_MAX)
		return;
	if (causes->count < TIDE_CAUSES_MAX)
		causes->count++;
	for (size_t i = causes->count - 1; i > at; i--)
		causes->list[i] = causes->list[i - 1];
	causes->list[at] = *cause;
}

static double
share_floor(double share)
{
	return share > 0 ? share : ZERO_SHARE;
}

static struct tide_cause
bin_of(const struct tide_column_shape *shape, size_t bin)
{
	struct tide_cause cause = {.kind = TIDE_CAUSE_BIN, .low = -INFINITY, .high = INFINITY};

	if (shape->type == TIDE_COLUMN_CATEGORICAL) {
		cause.kind = TIDE_CAUSE_CATEGORY;
		cause.category = bin < shape->category_count ? shape->categories[bin]
		                                             : TIDE_TEXT("__other__");
		return cause;
	}
	if (bin > 0)
		cause.low = shape->deciles[bin - 1];
	if (bin < shape->decile_count)
		cause.high = shape->deciles[bin];
	return cause;
}

static void
drift_causes(const struct tide_evidence *evidence, const struct tide_reference *reference,
             const struct tide_finding *finding, struct causes *causes)
{
	struct tide_subject subject;
	uint64_t counts[2][10];
	struct tide_pair pair;
	double terms[UINT8_MAX + 2], sum = 0;

	if (finding->p_value >= MOVED_P ||
	    !tide_detector_column(evidence, reference, finding->column, &subject) || !subject.shape)
		return;
	bool found = subject.type == TIDE_COLUMN_NUMERIC
	                     ? tide_pair_deciles(&pair, &subject, counts, NULL)
	                     : tide_pair_start(&pair, &subject, NULL);
	if (!found || pair.count > sizeof terms / sizeof *terms)
		return;
	for (size_t i = 0; i < pair.count; i++) {
		double p = share_floor((double)pair.current[i] / pair.n);
		double q = share_floor((double)pair.reference[i] / pair.m);
		terms[i] = (p - q) * log(p / q);
		sum += terms[i];
	}
	for (size_t i = 0; i < pair.count; i++) {
		struct tide_cause cause = bin_of(subject.shape, i);
		cause.share = sum > 0 ? terms[i] / sum : 0;
		causes_put(causes, &cause);
	}
}

/* A mean over rows, now and in the reference. */
struct side {
	double mean, n;
};

struct split { /* of one segment */
	const struct tide_evidence *total;
	const struct tide_reference *reference;
	const struct tide_finding *finding;
	int segment;
	struct side now, before;             /* of the total */
	double now_rows, before_rows;        /* of all values */
	double now_sum, before_sum;
	struct causes *causes; /* NULL: adding up */
};

static struct side
side_before(const struct split *split, const struct tide_cell_key *key)
{
	struct side side = {0, 0};

	side.mean = tide_reference_value(split->reference, key, split->finding->detector,
	                                 (struct tide_text){"", 0}, &side.n);
	return isfinite(side.mean) && side.n > 0 ? side : (struct side){0, 0};
}

static void
split_value(struct split *split, const struct tide_cell_key *key, struct side now,
            struct side before)
{
	struct tide_cause cause = {.key = *key};

	if (!split->causes) {
		split->now_rows += now.n;
		split->now_sum += now.n * now.mean;
		split->before_rows += before.n;
		split->before_sum += before.n * before.mean;
		return;
	}
	double w = now.n / split->now_rows, v = before.n / split->before_rows;
	double a = now.n > 0 ? now.mean : before.mean, b = before.n > 0 ? before.mean : now.mean;
	double middle = (split->now.mean + split->before.mean) / 2;
	double moved = split->now.mean - split->before.mean;
	cause.kind = TIDE_CAUSE_RATE;
	cause.share = (w + v) / 2 * (a - b) / moved;
	causes_put(split->causes, &cause);
	cause.kind = TIDE_CAUSE_MIX;
	cause.share = (w - v) * ((a + b) / 2 - middle) / moved;
	causes_put(split->causes, &cause);
}

/* The values of this window, then those that only the reference has. */
static void
split_values(struct split *split)
{
	const struct tide_evidence *cell = NULL;
	const struct tide_cell_key *key = NULL;
	struct tide_finding finding;

	while ((cell = tide_evidence_group(split->total, split->segment, cell))) {
		struct side now = {0, 0};
		tide_detector_measure(split->finding->detector, cell, &finding);
		if (finding.status == TIDE_OK)
			now = (struct side){finding.value, finding.n};
		split_value(split, &cell->key, now, side_before(split, &cell->key));
	}
	while ((key = tide_reference_next(split->reference, key)))
		if (key->segment == split->segment &&
		    tide_text_equal(key->model, split->total->key.model) &&
		    tide_text_equal(key->version, split->total->key.version) &&
		    !tide_evidence_cell(split->total, key))
			split_value(split, key, (struct side){0, 0}, side_before(split, key));
}

static bool
agrees(double sum, double rows, const struct side *total)
{
	return rows == total->n &&
	       fabs(sum / rows - total->mean) <= MEANS_AGREE * fmax(fabs(total->mean), 1);
}

static void
performance_causes(const struct tide_evidence *evidence, const struct tide_reference *reference,
                   const struct tide_finding *finding, struct causes *causes)
{
	bool inside = finding->reference >= finding->lower && finding->reference <= finding->upper;
	size_t mean = 0;

	while (mean < sizeof means / sizeof *means && means[mean] != finding->detector)
		mean++;
	if (mean == sizeof means / sizeof *means || inside || finding->column.length ||
	    evidence->key.segment >= 0 || !reference || !isfinite(finding->reference) ||
	    finding->value == finding->reference)
		return;
	for (size_t i = 0; i < evidence->segment_count; i++) {
		struct split split = {.total = evidence,
		                      .reference = reference,
		                      .finding = finding,
		                      .segment = (int)i,
		                      .now = {finding->value, finding->n},
		                      .before = {finding->reference, finding->reference_n}};
		split_values(&split);
		if (!agrees(split.now_sum, split.now_rows, &split.now) ||
		    !agrees(split.before_sum, split.before_rows, &split.before))
			continue;
		split.causes = causes;
		split_values(&split);
	}
}

static void
fairness_causes(const struct tide_evidence *evidence, const struct tide_finding *finding,
                struct causes *causes)
{
	const struct tide_evidence *cell = NULL;
	struct tide_groups groups;
	int segment = 0, count = (int)evidence->segment_count;

	while (segment < count &&
	       !tide_text_is(finding->column, evidence->segments[segment].name))
		segment++;
	if (segment == count || finding->status == TIDE_NO_DATA)
		return;
	tide_groups_find(&groups, finding->detector, evidence, segment);
	if (groups.count >= 2) {
		causes->list[causes->count++] = (struct tide_cause){
			.kind = TIDE_CAUSE_HIGHEST,
			.key = groups.highest.cell->key,
			.share = groups.highest.rate};
		causes->list[causes->count++] = (struct tide_cause){
			.kind = TIDE_CAUSE_LOWEST,
			.key = groups.lowest.cell->key,
			.share = groups.lowest.rate};
	}
	while (causes->count < TIDE_CAUSES_MAX &&
	       (cell = tide_evidence_group(evidence, segment, cell)))
		if (tide_groups_leaves_out(&groups, evidence, cell))
			causes->list[causes->count++] = (struct tide_cause){
				.kind = TIDE_CAUSE_LEFT_OUT,
				.key = cell->key,
				.share = (double)tide_labelled_rows(cell->labels) /
				         (double)tide_labelled_rows(evidence->labels)};
}

size_t
tide_cause_find(const struct tide_evidence *evidence, const struct tide_reference *reference,
                const struct tide_finding *finding, struct tide_cause list[TIDE_CAUSES_MAX])
{
	struct causes causes = {list, 0};

	switch (finding->detector->family) {
	case TIDE_DRIFT:
		if (reference && finding->status == TIDE_OK)
			drift_causes(evidence, reference, finding, &causes);
		break;
	case TIDE_PERFORMANCE:
		if (finding->status == TIDE_OK)
			performance_causes(evidence, reference, finding, &causes);
		break;
	case TIDE_FAIRNESS:
		fairness_causes(evidence, finding, &causes);
		break;
	default:
		break;
	}
	return causes.count;
}
