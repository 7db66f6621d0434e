#ifndef TIDE_DETECTORS_OPERATIONS_GAUGE_H
#define TIDE_DETECTORS_OPERATIONS_GAUGE_H
#include "detectors/finding.h"
/* What latency, processor, memory and label delay share: one fold, three readings of it. */

/* The fold of a gauge of the cell, NULL (and the finding says so) where it has no value. */
static inline const struct tide_operation_fold *
gauge_of(const struct tide_subject *subject, enum tide_operation gauge,
         struct tide_finding *finding)
{
	const struct tide_cell *cell = subject->evidence->cell;

	if (cell && cell->gauges[gauge])
		return cell->gauges[gauge];
	finding_fails(finding, TIDE_NO_DATA, "no value");
	return NULL;
}

/* The same of the delays of the labels that the pane holds. */
static inline const struct tide_operation_fold *
gauge_delay(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_cell *cell = subject->evidence->cell;

	if (cell && cell->delays[0])
		return cell->delays[0];
	finding_fails(finding, TIDE_NO_DATA, "no labelled row");
	return NULL;
}

static inline void
gauge_mean(const struct tide_operation_fold *fold, struct tide_finding *finding)
{
	if (!fold)
		return;
	double n = (double) fold->count;
	finding_value(finding, tide_sum_round(&fold->sum) / n, n);
	finding_mean_interval(finding, tide_sum_variance(&fold->sum, &fold->squares, n, 1));
}

static inline void
gauge_max(const struct tide_operation_fold *fold, struct tide_finding *finding)
{
	if (fold)
		finding_value(finding, fold->max, (double) fold->count);
}

/* A quantile, and the values whose ranks are 1.96 binomial standard errors away from its own;
 * where the sample has no such rank there is no interval. */
static inline void
gauge_quantile(const struct tide_operation_fold *fold, double q, struct tide_finding *finding)
{
	if (!fold)
		return;
	double n = (double) tide_sketch_count(&fold->sketch);
	double half = FINDING_Z95 * sqrt(q * (1 - q) / n);
	finding_value(finding, tide_sketch_quantile(&fold->sketch, q), n);
	if (q - half < 0 || q + half > 1)
		return;
	finding->lower = tide_sketch_quantile(&fold->sketch, q - half);
	finding->upper = tide_sketch_quantile(&fold->sketch, q + half);
}
#endif
