#include "detectors/dialects/evidently.h"
/*
 *  (1) The p of `cramervonmises_2samp` as the value; where that has none: UNDEFINED.
 *  (2) Matches: its stattest `cramer_von_mises`.
 */

extern const struct tide_detector tide_detector_cramervonmises_2samp;

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	tide_evidently_p(subject, &tide_detector_cramervonmises_2samp, finding);
}

const struct tide_detector tide_detector_evidently_cramer_von_mises = {
	.name = "evidently_cramer_von_mises",
	.aliases = "",
	.title = "p of the Cramer-von Mises test of Evidently",
	.unit = "1",
	.formula = "p of cramervonmises_2samp",
	.source = "Evidently 0.7.23",
	.dialect = "evidently",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_HIGHER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_ON_DEMAND | TIDE_NEEDS_NUMERIC,
	.judge = judge,
};
