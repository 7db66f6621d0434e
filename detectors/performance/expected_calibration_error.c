#include "detectors/performance/reliability.h"
/*
 *  (1) The mean over the labelled rows with a score of how far their bin's mean score is from its
 *      share of positives; bins in reliability.h. Multiclass: of each class against all others.
 *  (2) No row has a score: NO_DATA. It is above 0 also where scores are right: by chance a bin is
 *      off by some sqrt(p (1 - p) / n_i). So it has no interval; compare it with the reference's.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_score_curve *curve = tide_reliability_curve(subject, finding);
	struct tide_reliability_bin bins[TIDE_RELIABILITY_BINS];
	double sum = 0;

	if (!curve)
		return;
	tide_reliability_bins(curve, bins);
	for (size_t i = 0; i < TIDE_RELIABILITY_BINS; i++)
		if (bins[i].n > 0)
			sum += bins[i].n * fabs(bins[i].score - bins[i].share);
	finding_value(finding, sum / (curve->positives + curve->negatives), (double)curve->rows);
}

const struct tide_detector tide_detector_expected_calibration_error = {
	.name = "expected_calibration_error",
	.aliases = "ece",
	.title = "Expected calibration error",
	.unit = "1",
	.formula = "sum over 15 bins of n_i / n |mean score - share of positives|",
	.source = "Naeini, Cooper and Hauskrecht 2015; Guo et al. 2017",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_CLASSES | TIDE_OF_CLASS,
	.judge = judge,
};
