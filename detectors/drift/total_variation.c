#include "detectors/drift/pair.h"
/*
 *  (1) sum |p - q| / 2 on the bins of the reference; p, q are plain shares. No value on
 *      either side: NO_DATA.
 *  (2) An effect size; its p is the column's, that of `drift` (SPEC 7.1). Null mean: 
 *      sum sqrt(s (1 - s) / (2 pi ne)), s the pooled shares.
 *  (3) Matches: numpy abs(p - q).sum() / 2.
 */

#define PI 3.14159265358979323846

/* Half the mean sum of |normal| with the variances s (1 - s) / ne of the differences. */
static double
null_mean(const struct tide_pair *pair)
{
	double sum = 0;

	for (size_t i = 0; i < pair->count; i++) {
		double s = (double)(pair->current[i] + pair->reference[i]) / (pair->n + pair->m);
		sum += sqrt(s * (1 - s) / (2 * PI * pair->ne));
	}
	return sum;
}

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_pair pair;
	double sum = 0;

	if (!tide_pair_start(&pair, subject, finding))
		return;
	for (size_t i = 0; i < pair.count; i++) {
		double p = (double)pair.current[i] / pair.n;
		double q = (double)pair.reference[i] / pair.m;
		sum += fabs(p - q);
	}
	finding_effect(finding, subject, sum / 2,
	               null_mean(&pair));
}

const struct tide_detector tide_detector_total_variation = {
	.name = "total_variation",
	.aliases = "",
	.title = "Total variation distance",
	.unit = "1",
	.formula = "sum |p - q| / 2",
	.source = "Levin, Peres and Wilmer 2009",
	.dialect = "",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_REFERENCE,
	.judge = judge,
};
