#ifndef TIDE_DETECTORS_PERFORMANCE_WEIGHT_H
#define TIDE_DETECTORS_PERFORMANCE_WEIGHT_H
#include "detectors/finding.h"
/*
 * How much rows weigh (SPEC 7.8).
 *
 *  (1) A mean divides by the sum of weights and its interval by n_eff = (sum w)^2 / sum w^2, where
 *      the variance takes n_eff / (n_eff - 1). The finding's n counts the rows.
 *  (2) No weight mapped: all three are the number of rows, and so are the bits.
 *  (3) Source: Kish 1965 (n_eff).
 */
struct weight_of {
	double rows, sum, effective;
	const struct tide_sum *weights; /* NULL: none mapped */
};

static inline struct weight_of
weight_read(uint64_t rows, const struct tide_sum *weights, const struct tide_sum *squares)
{
	double n = (double)rows;

	if (!weights)
		return (struct weight_of){n, n, n, NULL};
	n = tide_sum_round(weights);
	return (struct weight_of){(double)rows, n, n / tide_sum_round(squares) * n, weights};
}

/* Of the rows that have an error, of those that have a loss. */
static inline struct weight_of
weight_of_errors(const struct tide_subject *subject)
{
	const struct tide_label_fold *labels = subject->evidence->labels;
	const struct tide_weight_fold *weights = labels->weights;

	return weight_read(labels->error.count, weights ? &weights->all : NULL,
	                   weights ? &weights->squares : NULL);
}

static inline struct weight_of
weight_of_scores(const struct tide_score_fold *score)
{
	const struct tide_score_weights *weights = score->weights;

	return weight_read(score->scored, weights ? &weights->all : NULL,
	                   weights ? &weights->squares : NULL);
}

/* Of values from the sums of w x and w x^2; ddof 0 or 1. */
static inline double
weight_variance(const struct weight_of *of, const struct tide_sum *sum,
                const struct tide_sum *squares, double ddof)
{
	if (!of->weights)
		return tide_sum_variance(sum, squares, of->sum, ddof);
	return tide_sum_variance_weighted(sum, squares, of->weights,
	                                  ddof * of->sum / of->effective);
}

/* The value plus and minus z standard errors of a mean with this sample variance. */
static inline void
weight_interval(struct tide_finding *finding, const struct weight_of *of, double variance)
{
	double half = FINDING_Z95 * sqrt(variance / of->effective);

	if (finding->status != TIDE_OK || of->rows < 2 || !isfinite(half))
		return;
	finding->lower = finding->value - half;
	finding->upper = finding->value + half;
}

/* The mean and its interval; without `squares` no interval. */
static inline void
weight_mean(struct tide_finding *finding, const struct weight_of *of, const struct tide_sum *sum,
            const struct tide_sum *squares)
{
	finding_value(finding, tide_sum_round(sum) / of->sum, of->rows);
	if (squares)
		weight_interval(finding, of, weight_variance(of, sum, squares, 1));
}

/* A share of weights with the Wilson interval of as much of n_eff. */
static inline void
weight_share(struct tide_finding *finding, double over, double under, double effective,
             double rows)
{
	double k = fmin(over * (effective / under), effective);
	struct tide_rate_interval wilson = tide_rate_wilson(k, effective, FINDING_Z95);

	finding_value(finding, over / under, rows);
	if (finding->status != TIDE_OK)
		return;
	finding->lower = wilson.low;
	finding->upper = wilson.high;
}
#endif
