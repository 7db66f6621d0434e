#ifndef TIDE_DETECTORS_BUSINESS_MEASURE_H
#define TIDE_DETECTORS_BUSINESS_MEASURE_H
#include "detectors/finding.h"
/*
 * How a business measure is read from its fold (w: weights, 1 where none is mapped).
 *
 *  (1) rate: sum w over the rows that meet the condition / sum w. 95 % Wilson interval on
 *      n_eff = (sum w)^2 / sum w^2 rows (SPEC 7.8).
 *  (2) mean: sum w x / sum w; +- 1.96 s / sqrt(n_eff), from two effective rows on, where s^2 is the
 *      weighted variance times n_eff / (n_eff - 1).
 *  (3) sum, value_matrix: sum w x; +- 1.96 sqrt(n s^2), s^2 the sample variance of w x, from two
 *      rows on.
 *  (4) No row: NO_DATA, but the sum of no row is 0. No weight: UNDEFINED.
 *  (5) n is n_eff of a rate and a mean, the number of rows of a sum.
 */

static inline void
measure_rate(const struct tide_business_fold *fold, struct tide_finding *finding)
{
	double weight = tide_sum_round(&fold->weight), n = tide_business_rows(fold);
	double share = tide_sum_round(&fold->value) / weight;
	struct tide_rate_interval wilson = tide_rate_wilson(share * n, n, FINDING_Z95);

	finding_value(finding, share, n);
	finding->lower = wilson.low;
	finding->upper = wilson.high;
}

static inline void
measure_mean(const struct tide_business_fold *fold, struct tide_finding *finding)
{
	double weight = tide_sum_round(&fold->weight), n = tide_business_rows(fold);

	finding_value(finding, tide_sum_round(&fold->value) / weight, n);
	finding_mean_interval(finding,
	                      tide_sum_variance(&fold->value, &fold->value_squares, weight, 0) *
	                          (n / (n - 1)));
}

static inline void
measure_sum(const struct tide_business_fold *fold, struct tide_finding *finding)
{
	double n = (double)fold->rows;

	finding_value(finding, tide_sum_round(&fold->value), n);
	/* the standard error of a sum is that of a mean, n times */
	finding_mean_interval(
	    finding, n * n * tide_sum_variance(&fold->value, &fold->value_squares, n, 1));
}

static inline void
measure_judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_business_fold *fold = subject->measured;
	bool total = subject->business->kind == TIDE_BUSINESS_SUM ||
	             subject->business->kind == TIDE_BUSINESS_MATRIX;

	if (!fold || fold->rows == 0) {
		if (total)
			finding_value(finding, 0, 0);
		else
			finding_fails(finding, TIDE_NO_DATA, "no row");
	} else if (total) {
		measure_sum(fold, finding);
	} else if (tide_business_rows(fold) == 0) {
		finding_fails(finding, TIDE_UNDEFINED, "no row has a weight");
	} else if (subject->business->kind == TIDE_BUSINESS_RATE) {
		measure_rate(fold, finding);
	} else {
		measure_mean(fold, finding);
	}
}
#endif
