#include "detectors/finding.h"
#include <string.h>
/*
 *  (1) value: the share of the feature columns that drift, at a false discovery rate of .05 (the
 *      step-up of Benjamini and Hochberg) over the p of `drift`, "more than min_effect"; n: the
 *      columns that have a test. Reserved columns ($prediction …) are no features.
 *  (2) p: that no feature drifts: n times the least p, at most 1 (Bonferroni), which holds however
 *      the columns depend on each other.
 *  (3) No column has a test: INSUFFICIENT.
 */
#define DISCOVERY_RATE .05

extern const struct tide_detector tide_detector_drift;

static bool
is_test(const struct tide_finding *finding)
{
	return finding->detector == &tide_detector_drift && finding->column.length > 0 &&
	       finding->column.bytes[0] != '$' && finding->status == TIDE_OK &&
	       isfinite(finding->p_value);
}

static size_t
tests_below(const struct tide_subject *subject, double p)
{
	size_t count = 0;

	for (size_t i = 0; i < subject->finding_count; i++)
		count += is_test(subject->findings + i) && subject->findings[i].p_value <= p;
	return count;
}

/* The largest k such that k tests have p <= rate k / n: from n down, each count is the next k. */
static size_t
discoveries(const struct tide_subject *subject, size_t n)
{
	size_t k = n, next;

	while ((next = tests_below(subject, DISCOVERY_RATE * (double)k / (double)n)) < k)
		k = next;
	return k;
}

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	size_t n = tests_below(subject, 1);
	double least = 0;

	if (n == 0) {
		finding_fails(finding, TIDE_INSUFFICIENT, "no feature column has a test");
		return;
	}
	for (size_t i = 0; i < subject->finding_count; i++)
		if (is_test(subject->findings + i))
			least = fmin(least, subject->findings[i].log10_p);
	finding_value(finding, (double)discoveries(subject, n) / (double)n, (double)n);
	finding->log10_p = fmin(0, least + log10((double)n));
	finding->p_value = pow(10, finding->log10_p);
}

const struct tide_detector tide_detector_dataset_drift = {
	.name = "dataset_drift",
	.aliases = "",
	.title = "Share of drifted columns",
	.unit = "1",
	.formula = "k / n, k the most columns with p <= .05 k / n; p: n min p",
	.source = "Benjamini and Hochberg 1995",
	.dialect = "",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_TESTS | TIDE_NEEDS_REFERENCE | TIDE_HAS_TEST,
	.judge = judge,
};
