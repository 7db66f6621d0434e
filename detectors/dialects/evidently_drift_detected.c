#include "detectors/dialects/evidently.h"
/*
 *  (1) 1 where `evidently_drift_score` is beyond the threshold of its test, else 0.
 *  (2) Matches: DataDriftPreset of Evidently.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	bool drifted = tide_evidently_drift(subject, finding);

	if (finding->status == TIDE_OK)
		finding->value = drifted ? 1 : 0;
}

const struct tide_detector tide_detector_evidently_drift_detected = {
	.name = "evidently_drift_detected",
	.aliases = "",
	.title = "Drift of a column by Evidently",
	.unit = "1",
	.formula = "1 where the default test of the column says drift, else 0",
	.source = "Evidently 0.7.23",
	.dialect = "evidently",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_ON_DEMAND,
	.judge = judge,
};
