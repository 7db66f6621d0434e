#ifndef TIDE_WINDOWING_FOLDS_SCORE_H
#define TIDE_WINDOWING_FOLDS_SCORE_H
#include "base/sum.h"
#include "windowing/folds/rows.h"
/*
 * The fold of the scores of labelled rows: log loss, Brier score, and the curves behind ROC-AUC and
 * average precision.
 *
 *  (1) Rows are kept up to `exact_rows`; one more, and for good, they become counts in fixed bins,
 *      1986 a class and target. A merge keeps rows only if the sum fits (SPEC 6.1).
 *  (2) A bin is 1/32 of an octave of the distance to 0 below 1/2 and to 1 above it, down to 2^-32.
 *  (3) Binary: one curve, of the positive class. Otherwise one a class, by number: this class
 *      against all others. A score that is NaN enters no curve, and no loss where it is that of
 *      the target.
 *  (4) Sums are exact; a row is taken back exactly.
 */
#define TIDE_SCORE_BINS 1986

struct tide_score_shape {
	size_t exact_rows;
	size_t curves; /* 1: binary; else how many classes have a score */
	bool binary;
};

struct tide_score_fold {
	uint64_t scored;                 /* rows with a loss */
	struct tide_sum log_loss, brier; /* brier: binary */
	struct tide_rows rows;           /* binary: the score, its sign bit set where the target is
	                                    negative; otherwise the target's number and the scores */
	bool binned;
	uint64_t **bins; /* 2 a curve: counts of negatives, of positives; NULL while exact */
};

/* Binary: target is 1 or 0 and scores has one; otherwise target is a class number. */
void tide_score_add(struct tide_score_fold *fold, const struct tide_score_shape *shape,
                    size_t target, const double *scores, int sign, struct tide_arena *arena);
/** `from` stays as it is for as long as `to` is read. */
void tide_score_merge(struct tide_score_fold *to, const struct tide_score_fold *from,
                      const struct tide_score_shape *shape, struct tide_arena *arena);
/** Most blocks that an add or a merge can take. */
size_t tide_score_blocks_max(const struct tide_score_shape *shape);

/* Rows of one score, or of one bin, by descending score. */
struct tide_score_point {
	double score; /* of a bin: its middle */
	uint64_t positives, negatives;
};

struct tide_score_curve {
	const struct tide_score_point *points;
	size_t count;
	uint64_t positives, negatives;
	bool exact;
};

/* Where curves are made: room for `rows` rows; `of` and `curve` are what it holds. */
struct tide_score_scratch {
	size_t rows;
	double *values;
	struct tide_score_point *points;
	const void *of;
	size_t at;
	struct tide_score_curve curve;
};

/** The curve of a class (binary: 0). It lives in the scratch until the next call. */
const struct tide_score_curve *tide_score_curve(const struct tide_score_fold *fold,
                                                const struct tide_score_shape *shape, size_t class,
                                                struct tide_score_scratch *scratch);
/** The rows of width 1, ascending; they live in the scratch until the next call. */
const double *tide_score_sorted(const struct tide_rows *rows, struct tide_score_scratch *scratch);
#endif
