#ifndef TIDE_DETECTORS_DRIFT_UNION_H
#define TIDE_DETECTORS_DRIFT_UNION_H
#include "detectors/finding.h"
/*
 * All categories of two samples: those of the shape, then those that are none, each alone.
 *
 *  (1) Missing and mistyped values are no categories. A category with no value on either side is
 *      left out.
 */

/** The sizes of the samples. False, and the finding says why: nothing to compare, or more unseen
 *  categories than are kept. */
bool tide_union_start(const struct tide_subject *subject, double *n, double *m,
                      struct tide_finding *finding);
/** Calls `cell` with the counts (current, reference) of every category. */
void tide_union_walk(const struct tide_subject *subject,
                     void (*cell)(void *closure, double current, double reference), void *closure);
#endif
