#ifndef TIDE_DETECTORS_DIALECTS_DISTANCE_H
#define TIDE_DETECTORS_DIALECTS_DISTANCE_H
#include "detectors/drift/table.h"
/* Distances of the two rows of a table, as shares p and q. Cells that only one side has add up, so
 * they may be one cell or many. */

/** (KL(p, s) + KL(q, s)) / 2 in nats, s = (p + q) / 2; never below 0. Source: Lin 1991. */
double tide_distance_jensen_shannon(struct tide_table *table);
/** sqrt(sum (sqrt p - sqrt q)^2 / 2). Source: Hellinger 1909. */
double tide_distance_hellinger(struct tide_table *table);
#endif
