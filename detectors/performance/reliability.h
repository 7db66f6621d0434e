#ifndef TIDE_DETECTORS_PERFORMANCE_RELIABILITY_H
#define TIDE_DETECTORS_PERFORMANCE_RELIABILITY_H
#include "detectors/finding.h"
/*
 * Whether scores are probabilities: what was said beside what came, over the labelled rows with a
 * score; of many classes each against all others.
 *
 *  (1) Bins are 15 of equal width: bin i is (i/15, (i + 1)/15], and the first one has 0, too.
 *  (2) Logistic recalibration: ln odds of a positive = intercept + slope logit(score), by maximum
 *      likelihood; scores are kept from 0 and 1 as for log loss. Variances are those of the Fisher
 *      information. The intercept of a slope of 1 says calibration in the large.
 *  (3) A row counts its weight; variances are those of n_eff rows (SPEC 7.8). Past exact_rows a
 *      score is the middle of its bin (SPEC 6.1).
 *  (4) Source: Naeini, Cooper and Hauskrecht 2015, Guo et al. 2017 (bins); Cox 1958, Van Calster et
 *      al. 2019 (recalibration). Matches: scikit-learn calibration_curve, LogisticRegression
 *      without a penalty.
 */
#define TIDE_RELIABILITY_BINS 15

struct tide_reliability_bin {
	double score, share; /* means; n 0: not numbers */
	double n;            /* rows or, where mapped, their weights */
};

void tide_reliability_bins(const struct tide_score_curve *curve,
                           struct tide_reliability_bin bins[TIDE_RELIABILITY_BINS]);
/** The curve of the subject's class; NULL (and the finding says so) where no row has a score. */
const struct tide_score_curve *tide_reliability_curve(const struct tide_subject *subject,
                                                      struct tide_finding *finding);

struct tide_reliability_fit {
	double value, variance;
};

/** The intercept where the slope is 1; false: one class alone. */
bool tide_reliability_intercept(const struct tide_score_curve *curve,
                                struct tide_reliability_fit *fit);
/** The slope beside its intercept; false: a score parts the classes, or there is but one. */
bool tide_reliability_slope(const struct tide_score_curve *curve,
                            struct tide_reliability_fit *fit);
/** The value with its 95 % interval. */
void tide_reliability_finding(struct tide_finding *finding, const struct tide_score_curve *curve,
                              const struct tide_reliability_fit *fit);
#endif
