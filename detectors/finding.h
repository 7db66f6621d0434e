#ifndef TIDE_DETECTORS_FINDING_H
#define TIDE_DETECTORS_FINDING_H
#include "base/rate.h"
#include "detectors/detector.h"
#include <math.h>
/*
 * How a judge leaves its answer.
 *
 *  (1) The driver has set every number of the finding to NaN, n to 0 and the status to OK.
 *  (2) A value that is not finite never leaves with status OK.
 */
#define FINDING_Z95 1.959963984540054 /* standard normal quantile of .975 */

static inline void
finding_fails(struct tide_finding *finding, enum tide_status status, const char *reason)
{
	finding->value = finding->lower = finding->upper = NAN;
	finding->status = status;
	finding->reason = reason;
}

static inline void
finding_value(struct tide_finding *finding, double value, double n)
{
	finding->n = n;
	finding->value = value;
	if (!isfinite(value))
		finding_fails(finding, TIDE_UNDEFINED, "beyond the range of a double");
}

/* The value plus and minus z standard errors of a mean with this sample variance. */
static inline void
finding_mean_interval(struct tide_finding *finding, double variance)
{
	double half = FINDING_Z95 * sqrt(variance / finding->n);

	if (finding->status != TIDE_OK || finding->n < 2 || !isfinite(half))
		return;
	finding->lower = finding->value - half;
	finding->upper = finding->value + half;
}

/* k of n with its Wilson interval; the caller has made sure that n > 0. */
static inline void
finding_proportion(struct tide_finding *finding, uint64_t k, uint64_t n)
{
	struct tide_rate_interval wilson = tide_rate_wilson((double)k, (double)n, FINDING_Z95);

	finding_value(finding, (double)k / (double)n, (double)n);
	finding->lower = wilson.low;
	finding->upper = wilson.high;
}

/* The exact test of the finding's k of n against the reference's. */
static inline void
finding_rate_test(struct tide_finding *finding, uint64_t k, uint64_t n, uint64_t reference_k,
                  uint64_t reference_n)
{
	double log10_p = NAN, p;

	if (reference_n == 0)
		return;
	finding->reference = (double)reference_k / (double)reference_n;
	p = tide_rate_test(k, n, reference_k, reference_n, &log10_p);
	if (isnan(p))
		return;
	finding->p_value = p;
	finding->log10_p = log10_p;
}

/* What stands beside the p of the column's one test. */
static inline void
finding_test(struct tide_finding *finding, const struct tide_column_test *test)
{
	finding->null = test->null;
	finding->df = test->df;
	finding->phi = test->phi;
	finding->plain_p_value = test->plain_p;
}

/* An effect size of drift: it carries the column's p and, as its reference, its null mean. */
static inline void
finding_effect(struct tide_finding *finding, const struct tide_subject *subject, double value,
               double null_mean)
{
	finding_value(finding, value, (double)subject->counts.values);
	finding->reference = isfinite(null_mean) ? null_mean : NAN;
	finding->p_value = subject->test.p_value;
	finding->log10_p = subject->test.log10_p;
	finding_test(finding, &subject->test);
}

/* The labelled rows of a regression cell, NULL (and the finding says so) where there is none. */
static inline const struct tide_error_fold *
finding_errors(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_label_fold *labels = subject->evidence->labels;

	if (labels && labels->error.count > 0)
		return &labels->error;
	finding_fails(finding, TIDE_NO_DATA, "no labelled row");
	return NULL;
}

/* The counts of the subject's class, NULL (and the finding says so) without a labelled row. */
static inline const struct tide_confusion_fold *
finding_confusion(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_confusion_fold *c = &subject->confusion;

	if (c->tp + c->fp + c->tn + c->fn > 0)
		return c;
	finding_fails(finding, TIDE_NO_DATA, "no labelled row");
	return NULL;
}

/* k of n with its interval, or UNDEFINED where n is 0 and scikit-learn warns and returns 0. */
static inline void
finding_share(struct tide_finding *finding, uint64_t k, uint64_t n, const char *reason)
{
	if (n == 0)
		finding_fails(finding, TIDE_UNDEFINED, reason);
	else
		finding_proportion(finding, k, n);
}

/* The labelled rows of the cell that have a loss, NULL (and the finding says so) without any. */
static inline const struct tide_score_fold *
finding_scores(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_label_fold *labels = subject->evidence->labels;

	if (labels && labels->score.scored > 0)
		return &labels->score;
	finding_fails(finding, TIDE_NO_DATA, "no labelled row has a score");
	return NULL;
}
#endif
