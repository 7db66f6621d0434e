#ifndef TIDE_DETECTORS_ESTIMATE_ESTIMATE_H
#define TIDE_DETECTORS_ESTIMATE_ESTIMATE_H
#include "detectors/finding.h"
/*
 * Performance of a binary model without labels: confidence-based performance estimation, CBPE
 * (SPEC 7.12).
 *
 *  (1) Every prediction with a score is positive with the probability that the reference's
 *      calibration gives its score; the expected confusion matrix follows from what was said, the
 *      ROC curve from the scores. n counts these rows; where a weight is mapped they are weighted.
 *  (2) 95 % interval: the variance of the outcomes given their probabilities (Poisson binomial) and
 *      that of the calibration's shares, each block by itself, both to first order.
 *  (3) It holds as long as a score means what it meant in the reference: it cannot see concept
 *      drift. UNRELIABLE, with its value, when more than 5 % of the rows have a score outside the
 *      reference's. No row: NO_DATA. No calibration: not asked.
 *  (4) Source: NannyML CBPE (Kivimäki et al. 2023); its numbers at 1e-9 given its calibration.
 */
struct tide_estimate_form { /* n = positives + negatives were said; tp, fn are expected */
	double positives, negatives, tp, fn;
};

/** A ratio of two linear forms of the expected confusion matrix; `reason`: what 0 below says. */
void tide_estimate_ratio(const struct tide_subject *subject, struct tide_finding *finding,
                         const struct tide_estimate_form *over,
                         const struct tide_estimate_form *under, const char *reason);
/** The area under the expected ROC curve. */
void tide_estimate_area(const struct tide_subject *subject, struct tide_finding *finding);
/** Label side: what came less what is expected of the same rows, share of positives or area; the
 *  interval is that of what would come if a score still meant what it did (2), so that 0 is outside
 *  where it does not. */
void tide_estimate_error_prevalence(const struct tide_subject *subject,
                                    struct tide_finding *finding);
void tide_estimate_error_area(const struct tide_subject *subject, struct tide_finding *finding);
/** The mean of a sureness of the rows. */
void tide_estimate_mean(const struct tide_subject *subject, struct tide_finding *finding,
                        enum tide_sureness sureness);

extern const struct tide_detector tide_detector_accuracy_score, tide_detector_f1_score,
	tide_detector_precision_score, tide_detector_recall_score, tide_detector_roc_auc,
	tide_detector_specificity;
#endif
