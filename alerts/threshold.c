#include "alerts/threshold.h"
#include <math.h>

#define LEAST_CHANGE 1e-10 /* against a baseline of 0 */

static bool
reaches(const struct tide_threshold *threshold, double value, double level)
{
	return threshold->greater_is_better ? value >= level : value <= level;
}

/* What is better than the baseline by so much. */
static double
better(const struct tide_threshold *threshold, double baseline, double change)
{
	return threshold->greater_is_better ? baseline + change : baseline - change;
}

static bool
reaches_share(const struct tide_threshold *threshold, double value, double baseline)
{
	if (baseline == 0)
		return reaches(threshold, value, better(threshold, baseline, LEAST_CHANGE));
	double gain = threshold->greater_is_better ? value - baseline : baseline - value;
	return gain / fabs(baseline) >= threshold->min_relative_change;
}

bool
tide_threshold_compares(const struct tide_threshold *threshold)
{
	return !isnan(threshold->min_absolute_change) || !isnan(threshold->min_relative_change);
}

unsigned
tide_threshold_judge(const struct tide_threshold *threshold, double value, double baseline)
{
	unsigned failures = 0;

	if (isnan(value))
		return TIDE_THRESHOLD_NO_VALUE;
	if (!isnan(threshold->threshold) && !reaches(threshold, value, threshold->threshold))
		failures |= TIDE_THRESHOLD_LEVEL;
	if (!tide_threshold_compares(threshold))
		return failures;
	if (isnan(baseline))
		return failures | TIDE_THRESHOLD_NO_BASELINE;
	if (!isnan(threshold->min_absolute_change) &&
	    !reaches(threshold, value, better(threshold, baseline, threshold->min_absolute_change)))
		failures |= TIDE_THRESHOLD_ABSOLUTE;
	if (!isnan(threshold->min_relative_change) && !reaches_share(threshold, value, baseline))
		failures |= TIDE_THRESHOLD_RELATIVE;
	return failures;
}
