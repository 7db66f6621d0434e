#ifndef TIDE_WINDOWING_FOLDS_SCORE_PRIVATE_H
#define TIDE_WINDOWING_FOLDS_SCORE_PRIVATE_H
#include "windowing/folds/score.h"
#include <math.h>
/* What score.c (the fold) and score_curve.c (the curves that it holds) share. */

#define OCTAVES 31
#define OCTAVE_BINS 32
#define HALF_BINS (OCTAVES * OCTAVE_BINS + 1) /* below 2^-32 there is one more */


_Static_assert(2 * HALF_BINS == TIDE_SCORE_BINS, "two halves");

static inline size_t
row_width(const struct tide_score_shape *shape)
{
	return (shape->binary ? 1 : 1 + shape->curves) + shape->weighted;
}

/* What a row says about a class: its score, and whether the row is of the class. */
static inline double
row_score(const double *row, const struct tide_score_shape *shape, size_t class, bool *positive)
{
	if (shape->binary) {
		*positive = !signbit(row[0]);
		return fabs(row[0]);
	}
	*positive = row[0] == (double) class;
	return row[1 + class];
}
#endif
