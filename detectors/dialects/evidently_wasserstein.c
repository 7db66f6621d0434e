#include "detectors/drift/empirical.h"
/*
 *  (1) Area between the distribution functions of the values, over the standard deviation of the
 *      reference (ddof 0) or .001, whatever is larger.
 *  (2) UNDEFINED where the values of a side are not kept (SPEC 6.1). No value on either side:
 *      NO_DATA.
 *  (3) Matches: its stattest `wasserstein`.
 */

#define NORM_MIN .001

/* Standard deviation, ddof 0. */
static double
deviation(const double *values, size_t count)
{
	struct tide_sum sum = {0}, squares = {0};

	for (size_t i = 0; i < count; i++) {
		tide_sum_add(&sum, values[i]);
		tide_sum_add_product(&squares, values[i], values[i]);
	}
	return sqrt(tide_sum_variance(&sum, &squares, (double)count, 0));
}

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_empirical pair;

	if (!tide_empirical_exact(&pair, subject, finding))
		return;
	double norm = deviation(subject->distribution->sorted, (size_t)pair.m);
	finding_value(finding,
	              tide_empirical_wasserstein(&pair).value / fmax(norm, NORM_MIN), pair.n);
}

const struct tide_detector tide_detector_evidently_wasserstein = {
	.name = "evidently_wasserstein",
	.aliases = "",
	.title = "Wasserstein distance of Evidently",
	.unit = "1",
	.formula = "integral of |F - G| / max(sd of the reference, .001)",
	.source = "Evidently 0.7.23",
	.dialect = "evidently",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE | TIDE_ON_DEMAND | TIDE_NEEDS_NUMERIC,
	.judge = judge,
};
