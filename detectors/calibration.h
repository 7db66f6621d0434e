#ifndef TIDE_DETECTORS_CALIBRATION_H
#define TIDE_DETECTORS_CALIBRATION_H
#include "windowing/folds/score.h"
/*
 * What a score of a binary model means: the share of positives, learnt from labelled rows.
 *
 *  (1) Isotonic regression of the target on the score by pooling adjacent violators: blocks of
 *      scores [low, high] of one share, ascending. Between blocks the share is linear, beyond the
 *      first and the last it stays.
 *  (2) The shares are used only where that lowers the expected calibration error (ten bins of as
 *      many rows) on rows that they were not learnt from: ten parts, each judged by the others. A
 *      row's part is a fixed hash of its place by score, positives first: the order in which rows
 *      came says nothing. Where they are not used a score means itself.
 *  (3) rows is what a block's share rests on, n_eff where weights are mapped.
 *  (4) Cost: 11 passes over the curve. Source: Barlow et al. 1972, Zadrozny and Elkan 2002.
 *      Matches: scikit-learn IsotonicRegression(out_of_bounds="clip"), 1e-9.
 */
struct tide_calibration_block {
	double low, high, share, rows;
};

struct tide_calibration {
	const struct tide_calibration_block *blocks;
	size_t count;
	bool used; /* (2) */
};

/* Room for learning from a curve of so many points. */
struct tide_calibration_room {
	struct tide_calibration_block *blocks; /* as many as the curve has points */
	struct tide_score_point *points;       /* twice as many */
};

/** Sets the calibration; its blocks are those of the room. False: the curve has not both, positives
 *  and negatives, or weights that did not fit. */
bool tide_calibration_learn(struct tide_calibration *calibration,
                            const struct tide_score_curve *curve,
                            const struct tide_calibration_room *room);

/* Scores one after the other, descending. */
struct tide_calibration_walk {
	const struct tide_calibration *calibration;
	size_t at;   /* the block, and how much of the share is that of the next one */
	double next;
};

void tide_calibration_start(struct tide_calibration_walk *walk,
                            const struct tide_calibration *calibration);
/** The share of positives among rows of that score, at most that of the call before. */
double tide_calibration_share(struct tide_calibration_walk *walk, double score);
/** The variance of a block's share: of a proportion with half a row of either side added. */
double tide_calibration_variance(const struct tide_calibration_block *block);
#endif
