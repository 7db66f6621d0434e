#ifndef TIDE_ALERTS_THRESHOLD_H
#define TIDE_ALERTS_THRESHOLD_H
#include "base/assert.h"
#include <stdbool.h>
/*
 * What a model must reach before it may be deployed: MLflow's MetricThreshold.
 *
 *  (1) A number that is not said is NaN; at least one of the three is said.
 *  (2) A value that is NaN reaches nothing. Differences are rounded to doubles as MLflow rounds
 *      them: baseline + change is computed first, then compared.
 *  (3) Against a baseline of 0 a relative change asks for 1e-10 more (or less) than it.
 * Source: mlflow.models.MetricThreshold and validate_evaluation_results, MLflow 3.
 */
struct tide_threshold {
	const char *metric;
	double threshold, min_absolute_change, min_relative_change;
	bool greater_is_better;
};

enum tide_threshold_failure {
	TIDE_THRESHOLD_NO_VALUE = 1,
	TIDE_THRESHOLD_LEVEL = 2,
	TIDE_THRESHOLD_NO_BASELINE = 4,
	TIDE_THRESHOLD_ABSOLUTE = 8,
	TIDE_THRESHOLD_RELATIVE = 16
};

/** Whether there is something to compare with a baseline. */
bool tide_threshold_compares(const struct tide_threshold *threshold);
/** The failures, as bits; 0: it passes. NaN: there is no such value. */
unsigned tide_threshold_judge(const struct tide_threshold *threshold, double value,
                              double baseline);
#endif
