#ifndef TIDE_DETECTORS_QUALITY_RATE_H
#define TIDE_DETECTORS_QUALITY_RATE_H
#include "detectors/finding.h"
/*
 * The judge of every rate: the detector's `part` of its `whole`, both places in struct tide_counts.
 *
 *  (1) 95 % Wilson interval. p: exact two-sample mid-p test against the reference's same rate
 *      (SPEC 7.2), which is also `reference`. Nothing in the whole: NO_DATA.
 *  (2) Source: Lancaster 1961, Wilson 1927. Matches: exact hypergeometric sums.
 */
tide_detector_judge_fn tide_rate_judge;
#endif
