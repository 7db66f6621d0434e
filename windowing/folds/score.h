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
 *  (5) Where a weight is mapped, sums take each row times its weight, and a bin holds the weights
 *      of its rows in multiples of 2^-64. A weight outside [2^-40, 2^40) does not fit a bin: a
 *      curve of bins that has met one is not a number. Elsewhere weights take no room.
 */
#define TIDE_SCORE_BINS 1986

struct tide_score_shape {
	size_t exact_rows;
	size_t curves; /* 1: binary; else how many classes have a score */
	bool binary;
	bool weighted;
};

struct tide_score_weights { /* of the rows with a loss: w, w^2 */
	struct tide_sum all, squares;
};

struct tide_score_side { /* binned: what the negatives, or the positives, of a curve have in all */
	uint64_t rows, unfit;
	struct tide_sum squares;
};

struct tide_score_fold {
	uint64_t scored; /* rows with a loss */
	struct tide_score_weights *weights; /* NULL: none mapped */
	struct tide_sum log_loss, log_loss_squares;
	struct tide_sum brier, brier_squares; /* binary */
	struct tide_rows rows; /* binary: the score, its sign bit set where the target is negative;
	                          otherwise the target's number and the scores; then the weight */
	bool binned;
	uint64_t **bins; /* 2 a curve: counts of negatives, of positives; NULL while exact; weighted:
	                    4 a curve, of both the whole weights and what is left in 2^-64 */
	struct tide_score_side **sides; /* weighted: 2 a curve */
};

/* Binary: target is 1 or 0 and scores has one; otherwise target is a class number. */
void tide_score_add(struct tide_score_fold *fold, const struct tide_score_shape *shape,
                    size_t target, const double *scores, double weight, int sign,
                    struct tide_arena *arena);
/** The same for the curves alone: no loss. */
void tide_score_keep(struct tide_score_fold *fold, const struct tide_score_shape *shape,
                     size_t target, const double *scores, double weight, int sign,
                     struct tide_arena *arena);
/** `from` stays as it is for as long as `to` is read. */
void tide_score_merge(struct tide_score_fold *to, const struct tide_score_fold *from,
                      const struct tide_score_shape *shape, struct tide_arena *arena);

/* The classes that bytes speak of: the first of them has the number numbers[0] at this end. */
struct tide_class_numbers {
	uint8_t numbers[256];
	size_t count;
};

/** Marks the classes that are there: as a target, or with a score. */
void tide_score_classes(const struct tide_score_fold *fold, const struct tide_score_shape *shape,
                        bool used[256]);
/** `classes` are all that are there; binary: none. */
void tide_score_save(const struct tide_score_fold *fold, const struct tide_score_shape *shape,
                     const struct tide_class_numbers *classes, struct tide_buffer *out);
/** Scores of classes without a curve here are dropped. 17 kB of stack. */
bool tide_score_load(struct tide_score_fold *fold, const struct tide_score_shape *shape,
                     const struct tide_class_numbers *classes, struct tide_reader *in,
                     struct tide_arena *arena);
/** Most blocks that an add or a merge can take. */
size_t tide_score_blocks_max(const struct tide_score_shape *shape);

/* Rows of one score, or of one bin, by descending score. */
struct tide_score_point {
	double score; /* of a bin: its middle */
	double positives, negatives; /* rows or, where mapped, their weights */
};

struct tide_score_curve {
	const struct tide_score_point *points;
	size_t count;
	uint64_t rows;
	double positives, negatives;
	double positive_rows, negative_rows; /* n_eff = (sum w)^2 / sum w^2 of either side */
	bool exact, weighted;
};

/* Where curves are made: room for `rows` rows, of two values each where weighted; `of` and `curve`
 * are what it holds. */
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
/** The rows of width 1 or 2, ascending; they live in the scratch until the next call. */
const double *tide_score_curve_sorted(const struct tide_rows *rows,
                                      struct tide_score_scratch *scratch);
#endif
