#include "detectors/dialects/evidently.h"
/*
 *  (1) The score of the test that Evidently takes by default (dialects/evidently.h); `reason` says
 *      which, and where drift begins.
 *  (2) Matches: DataDriftPreset of Evidently.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	tide_evidently_drift(subject, finding);
}

const struct tide_detector tide_detector_evidently_drift_score = {
	.name = "evidently_drift_score",
	.aliases = "",
	.title = "Drift score of Evidently",
	.unit = "1",
	.formula = "the default test of the column",
	.source = "Evidently 0.7.23",
	.dialect = "evidently",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_NONE,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_ON_DEMAND,
	.judge = judge,
};
