#include "detectors/performance/weight.h"
/*
 *  (1) - sum ln P(target) / n over the labelled rows that have a score; n counts these. None:
 *      NO_DATA.
 *  (2) 95 % interval: value +- 1.96 sd / sqrt(n), from two rows on.
 *  (3) Source: Good 1952; scores are clipped by the fold. Matches: scikit-learn log_loss, 1e-9
 *      relative.
 */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_score_fold *score = finding_scores(subject, finding);

	if (!score)
		return;
	struct weight_of of = weight_of_scores(score);
	weight_mean(finding, &of, &score->log_loss, &score->log_loss_squares);
}

const struct tide_detector tide_detector_log_loss = {
	.name = "log_loss",
	.aliases = "",
	.title = "Log loss",
	.unit = "nat",
	.formula = "- sum ln P(target) / n",
	.source = "scikit-learn sklearn.metrics.log_loss",
	.dialect = "",
	.family = TIDE_PERFORMANCE,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_CLASSES | TIDE_HAS_INTERVAL,
	.judge = judge,
};
