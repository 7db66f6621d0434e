#include "detectors/performance/reliability.h"
/*
 *  (1) How far the mean score of a bin is from its share of positives, in the bin where it is
 *      farthest; bins in reliability.h. Multiclass: of each class against all others.
 *  (2) No row has a score: NO_DATA. A bin with one row counts as much as any other, so that it says
 *      little of small windows. It has no interval.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_score_curve *curve = tide_reliability_curve(subject, finding);
	struct tide_reliability_bin bins[TIDE_RELIABILITY_BINS];
	double most = 0;

	if (!curve)
		return;
	tide_reliability_bins(curve, bins);
	for (size_t i = 0; i < TIDE_RELIABILITY_BINS; i++)
		if (bins[i].n > 0)
			most = fmax(most, fabs(bins[i].score - bins[i].share));
	finding_value(finding, most, (double)curve->rows);
}

const struct tide_detector tide_detector_maximum_calibration_error = {
	.name = "maximum_calibration_error",
	.aliases = "mce",
	.title = "Maximum calibration error",
	.unit = "1",
	.formula = "max over 15 bins of |mean score - share of positives|",
	.source = "Naeini, Cooper and Hauskrecht 2015; Guo et al. 2017",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_CLASSES | TIDE_OF_CLASS,
	.judge = judge,
};
