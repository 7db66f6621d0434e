#include "detectors/finding.h"
/*
 *  (1) The mean of `evidently_drift_detected` over the columns of the cell where it is OK. The data
 *      set drifted from .5 on. No such column: NO_DATA.
 *  (2) Matches: DriftedColumnsCount of Evidently over the same columns.
 */

extern const struct tide_detector tide_detector_evidently_drift_detected;

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	double drifted = 0, columns = 0;

	for (size_t i = 0; i < subject->finding_count; i++) {
		const struct tide_finding *one = subject->findings + i;
		if (one->detector != &tide_detector_evidently_drift_detected ||
		    one->status != TIDE_OK)
			continue;
		drifted += one->value;
		columns++;
	}
	if (columns > 0)
		finding_value(finding, drifted / columns, columns);
	else
		finding_fails(finding, TIDE_NO_DATA, "no column that can be compared");
}

const struct tide_detector tide_detector_evidently_drift_share = {
	.name = "evidently_drift_share",
	.aliases = "",
	.title = "Share of drifted columns by Evidently",
	.unit = "1",
	.formula = "drifted columns / columns",
	.source = "Evidently 0.7.23",
	.dialect = "evidently",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_TESTS | TIDE_NEEDS_REFERENCE | TIDE_ON_DEMAND,
	.of = &tide_detector_evidently_drift_detected,
	.judge = judge,
};
