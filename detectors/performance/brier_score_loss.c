#include "detectors/performance/weight.h"
/*
 *  (1) sum (score - target)^2 / n over the labelled rows that have a score; n counts these. None:
 *      NO_DATA.
 *  (2) 95 % interval: value +- 1.96 sd / sqrt(n), from two rows on.
 *  (3) Source: Brier 1950. Matches: scikit-learn brier_score_loss, 1e-9 relative.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_score_fold *score = finding_scores(subject, finding);

	if (!score)
		return;
	struct weight_of of = weight_of_scores(score);
	weight_mean(finding, &of, &score->brier, &score->brier_squares);
}

const struct tide_detector tide_detector_brier_score_loss = {
	.name = "brier_score_loss",
	.aliases = "brier",
	.title = "Brier score",
	.unit = "1",
	.formula = "sum (score - target)^2 / n",
	.source = "scikit-learn sklearn.metrics.brier_score_loss",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_BINARY | TIDE_HAS_INTERVAL,
	.judge = judge,
};
