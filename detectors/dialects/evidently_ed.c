#include "detectors/dialects/evidently.h"
/*
 *  (1) The number of `energy_distance`.
 *  (2) Matches: its stattest `ed`.
 */

extern const struct tide_detector tide_detector_energy_distance;

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	tide_detector_energy_distance.judge(subject, finding);
}

const struct tide_detector tide_detector_evidently_ed = {
	.name = "evidently_ed",
	.aliases = "",
	.title = "Energy distance of Evidently",
	.unit = "sqrt(column)",
	.formula = "sqrt(2 integral of (F - G)^2)",
	.source = "Evidently 0.7.23",
	.dialect = "evidently",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_ON_DEMAND | TIDE_NEEDS_NUMERIC,
	.judge = judge,
};
