#ifndef TIDE_DETECTORS_QUALITY_QUANTILE_H
#define TIDE_DETECTORS_QUALITY_QUANTILE_H
#include "detectors/finding.h"
/*
 * The judge of every quantile: the detector's `share`.
 *
 *  (1) From the values themselves where they are kept (SPEC 6.1): linear interpolation between two.
 *      Matches: numpy.quantile, its rounding included.
 *  (2) Else from the fine cells: linear within the cell of that rank; lower and upper are the ends
 *      of the cell, between which the quantile lies.
 *  (3) Without a reference, from a sketch: within 1 % of the value of rank floor(share (n - 1)).
 *  (4) No value: NO_DATA.
 */
tide_detector_judge_fn tide_quantile_judge;
/** The share-quantile of `count` > 0 sorted values, as (1). */
double tide_quantile_sorted(const double *sorted, size_t count, double share);
#endif
