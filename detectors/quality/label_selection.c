#include "base/statistics.h"
#include "detectors/drift/pair.h"
/*
 *  (1) Do labels come for some predictions rather than for others? Pearson X^2 of the table of
 *      eligible predictions, with and without their label, by score bin (binary with a score), by
 *      bin of what is predicted (regression with a reference), else by predicted class; bins as in
 *      `coverage_by`, neighbours lumped as in pair.h (classes by name). p is that of X^2.
 *  (2) The value is Cramer's V of that table, sqrt(X^2 / n): 0 labels come alike, 1 the bin says
 *      whether they come. `biased` where p < .01.
 *  (3) Final panes only (NO_DATA on early ones). INSUFFICIENT: no or every label came, or there
 *      are no two cells to test. UNDEFINED where absence is a label (SPEC 8.3): nothing is missing.
 *  (4) Source: Pearson 1900, Cramer 1946. Matches: scipy.stats.chi2_contingency(correction=False)
 *      and scipy.stats.contingency.association(method="cramer") on the lumped cells.
 */
#define BIASED 0.01
#define LN_10  2.30258509299404568402

static size_t
classes_fill(const struct tide_evidence *evidence, const struct tide_selection_fold *fold,
             uint64_t counts[2][256])
{
	uint8_t order[TIDE_CLASSES_MAX + 1] = {0, 1};
	size_t count = 2;

	if (evidence->problem == TIDE_PROBLEM_MULTICLASS)
		count = tide_classes_sort(evidence->classes, order);
	for (size_t i = 0; i < count; i++)
		for (size_t has = 0; has < 2; has++)
			counts[has][i] = fold->classes[has][order[i]];
	return count;
}

static void
test_pair(struct tide_pair *pair, struct tide_finding *finding)
{
	size_t cells;

	for (size_t i = 0; i < pair->count; i++) {
		pair->n += (double) pair->current[i];
		pair->m += (double) pair->reference[i];
	}
	finding->n = pair->n + pair->m;
	if (pair->n == 0 || pair->m == 0) {
		finding_fails(finding, TIDE_INSUFFICIENT,
		              pair->m > 0 ? "no label came" : "every label came");
		return;
	}
	double square = tide_pair_square(pair, &cells);
	if (cells < 2) {
		finding_fails(finding, TIDE_INSUFFICIENT, "no two cells to compare");
		return;
	}
	finding_value(finding, sqrt(square / finding->n), finding->n);
	finding->p_value = tide_statistics_chi2_sf(square, (double) (cells - 1));
	finding->log10_p = tide_statistics_chi2_log_sf(square, (double) (cells - 1)) / LN_10;
	if (finding->p_value < BIASED)
		finding->reason = "biased";
}

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_evidence *evidence = subject->evidence;
	const struct tide_selection_fold *fold = evidence->cell ? evidence->cell->selection : NULL;
	uint64_t counts[2][256];
	struct tide_pair pair = {0};

	if (!fold) {
		finding_fails(finding, TIDE_NO_DATA,
		              evidence->timing == TIDE_TIMING_EARLY
		                      ? "labels are still to come"
		                      : "no eligible prediction");
		return;
	}
	if (evidence->absence && evidence->absence->is_label) {
		finding_fails(finding, TIDE_UNDEFINED, "no label is a label");
		return;
	}
	if (evidence->selection_edges->count) {
		pair = (struct tide_pair){.current = fold->bins[1],
		                          .reference = fold->bins[0],
		                          .count = TIDE_SELECTION_BINS};
	} else if (evidence->problem != TIDE_PROBLEM_REGRESSION) {
		pair = (struct tide_pair){.current = counts[1], .reference = counts[0]};
		pair.count = classes_fill(evidence, fold, counts);
	} else {
		finding_fails(finding, TIDE_UNDEFINED, "no reference says where to cut");
		return;
	}
	test_pair(&pair, finding);
}

const struct tide_detector tide_detector_label_selection = {
	.name = "label_selection",
	.aliases = "",
	.title = "Do labels come for some predictions rather than for others",
	.unit = "1",
	.formula = "Cramer's V of labelled or not by score bin or predicted class",
	.source = "Cramer 1946",
	.dialect = "",
	.family = TIDE_QUALITY,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_WITHOUT_REFERENCE,
	.judge = judge,
};
