#ifndef TIDE_DETECTORS_DIALECTS_GRID_H
#define TIDE_DETECTORS_DIALECTS_GRID_H
#include "detectors/finding.h"
/*
 * The bins on which NannyML compares with a large reference: 10,000 of equal width from its least
 * to its most value; one value alone: one unit around it. The last edge is closed.
 *
 *  (1) Only where both sides keep their values.
 */
#define TIDE_GRID_BINS 10000
#define TIDE_GRID_FROM 10000 /* values of the reference */

struct tide_grid {
	const struct tide_subject *subject;
	double first, last;
	size_t i, j; /* values of current and reference below the edge of the walk */
	size_t bin;
};

/** The walk stands on the first edge. */
void tide_grid_start(struct tide_grid *grid, const struct tide_subject *subject);
/** To the next edge; false behind the last one. */
bool tide_grid_next(struct tide_grid *grid);
#endif
