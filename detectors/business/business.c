#include "detectors/business/measure.h"
/*
 *  (1) What `business:` defines over the predictions (SPEC 5.8); its column is the name.
 *  (2) Value, interval and n by its kind: measure.h.
 */

const struct tide_detector tide_detector_business = {
	.name = "business",
	.aliases = "",
	.title = "Measures that the config defines over the predictions",
	.unit = "as mapped",
	.formula = "rate, mean, sum or value_matrix of the config",
	.source = "Wilson 1927 (rates), normal intervals (means, sums)",
	.dialect = "",
	.family = TIDE_BUSINESS,
	.better = TIDE_BETTER_NONE,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_MEASURE,
	.judge = measure_judge,
};
