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
#define BIASED 0.01 /* p */

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
select_test(const uint64_t *labelled, const uint64_t *without, size_t count,
            struct tide_finding *finding)
{
	struct tide_pair pair;
	uint64_t came = 0, missing = 0;

	for (size_t i = 0; i < count; i++) {
		came += labelled[i];
		missing += without[i];
	}
	finding->n = (double) (came + missing);
	if (!tide_pair_counts(&pair, labelled, without, count)) {
		finding_fails(finding, TIDE_INSUFFICIENT,
		              missing ? "no label came" : "every label came");
		return;
	}
	struct tide_column_test test = tide_pair_judge(&pair, 0, NULL);
	if (isnan(test.square)) {
		finding_fails(finding, TIDE_INSUFFICIENT, "no two cells to compare");
		return;
	}
	finding_value(finding, sqrt(test.square / finding->n), finding->n);
	finding->p_value = test.p_value;
	finding->log10_p = test.log10_p;
	if (finding->p_value < BIASED)
		finding->reason = "biased";
}

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_evidence *evidence = subject->evidence;
	const struct tide_selection_fold *fold = evidence->cell ? evidence->cell->selection : NULL;
	uint64_t counts[2][256];

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
		select_test(fold->bins[1], fold->bins[0], TIDE_SELECTION_BINS, finding);
	} else if (evidence->problem != TIDE_PROBLEM_REGRESSION) {
		size_t count = classes_fill(evidence, fold, counts);
		select_test(counts[1], counts[0], count, finding);
	} else {
		finding_fails(finding, TIDE_UNDEFINED, "no reference says where to cut");
	}
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
