#include "detectors/dialects/evidently.h"
/*
 *  (1) The p of `anderson_ksamp` as the value; where that has none: UNDEFINED.
 *  (2) Matches: its stattest `anderson`.
 */

extern const struct tide_detector tide_detector_anderson_ksamp;

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	tide_evidently_p(subject, &tide_detector_anderson_ksamp, finding);
}

const struct tide_detector tide_detector_evidently_anderson = {
	.name = "evidently_anderson",
	.aliases = "",
	.title = "p of the Anderson-Darling test of Evidently",
	.unit = "1",
	.formula = "p of anderson_ksamp",
	.source = "Evidently 0.7.23",
	.dialect = "evidently",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_ON_DEMAND | TIDE_NEEDS_NUMERIC,
	.judge = judge,
};
