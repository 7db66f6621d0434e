#ifndef TIDE_DETECTORS_DRIFT_PAIR_H
#define TIDE_DETECTORS_DRIFT_PAIR_H
#include "detectors/finding.h"
/*
 * The two samples of a column on the reference's bins.
 *
 *  (1) Missing and unseen values are no cells (SPEC 7.2).
 */
struct pair {
	const uint64_t *current, *reference;
	size_t count;
	double n, m; /* totals of current and reference, > 0 */
};

static inline bool
pair_start(struct pair *pair, const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_column_fold *fold = subject->fold;
	const struct tide_distribution *distribution = subject->distribution;
	uint64_t n = 0, m = 0;

	if (!fold || !fold->bins || !distribution || !distribution->bins ||
	    fold->bin_count != distribution->bin_count) {
		finding_fails(finding, TIDE_NO_DATA, "no values on the bins of the reference");
		return false;
	}
	*pair = (struct pair){fold->bins, distribution->bins, fold->bin_count, 0, 0};
	for (size_t i = 0; i < pair->count; i++) {
		n += fold->bins[i];
		m += distribution->bins[i];
	}
	if (n == 0 || m == 0) {
		finding_fails(finding, TIDE_NO_DATA, "no values on the bins of the reference");
		return false;
	}
	pair->n = (double)n;
	pair->m = (double)m;
	finding->n = pair->n;
	return true;
}
#endif
