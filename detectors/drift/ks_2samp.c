#include "base/kolmogorov.h"
#include "detectors/drift/empirical.h"
/*
 *  (1) D of the two-sample Kolmogorov-Smirnov test on the values themselves; p its own: exact
 *      while neither sample exceeds 10,000 values and their work is small, else by the limit law
 *      (base/kolmogorov.h).
 *  (2) UNDEFINED where the values of a side are not kept (SPEC 6.1). No value on either side:
 *      NO_DATA.
 *  (3) Matches: scipy.stats.ks_2samp.
 */

#define WORK_MAX 2e7 /* terms of the exact test: some 0.1 s */

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_empirical pair;

	if (!tide_empirical_exact(&pair, subject, finding))
		return;
	double d = tide_empirical_ks(&pair).value;
	bool small = pair.n * pair.m * d <= WORK_MAX;
	finding_value(finding, d, pair.n);
	finding->p_value = tide_kolmogorov_two_sample(d, subject->counts.values,
	                                              subject->distribution->counts.values,
	                                              subject->spare,
	                                              small ? subject->spare_count : 0);
	finding->log10_p = log10(finding->p_value);
}

const struct tide_detector tide_detector_ks_2samp = {
	.name = "ks_2samp",
	.aliases = "",
	.title = "Two-sample Kolmogorov-Smirnov test",
	.unit = "1",
	.formula = "max |F - G|",
	.source = "Hodges 1957",
	.dialect = "scipy",
	.family = TIDE_DRIFT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_PREDICTION,
	.needs = TIDE_OF_COLUMN | TIDE_NEEDS_NUMERIC | TIDE_NEEDS_REFERENCE,
	.judge = judge,
};
