#ifndef TIDE_WINDOWING_FOLDS_LABELLED_H
#define TIDE_WINDOWING_FOLDS_LABELLED_H
#include "schemas/mapping.h"
#include "windowing/folds/score.h"
/*
 * The fold of the labelled rows of one cell: predictions that have met their label.
 *
 *  (1) Everything is a count, an exact sum or a bag of rows: add and merge commute and give the
 *      same bits in any order, and a row is taken back exactly (SPEC 2.4, 3.7). The one exception
 *      is max_error, which is no longer right once something was taken back: `taken_back` says so.
 *  (2) A row whose error has no double counts as labelled and enters no measure. Nor does one of
 *      weight 0, or below 2^-500 or above 2^500, whose squares leave the range of a double.
 *  (3) Counts count rows; sums take each row times its weight. Where a weight is mapped, `weights`
 *      has what stands for the counts in a weighted mean; elsewhere it is NULL and costs nothing.
 */
struct tide_row {
	double prediction, target; /* regression: numbers; binary: 1 or 0; else class numbers */
	const double *scores;      /* binary: P(positive); multiclass: by class number; NaN: none */
	size_t score_count;
	double weight;         /* 1 where no weight is mapped */
	const double *kept;    /* what the prediction left for the business measures; NaN: missing */
	const double *outcome; /* and the label */
};

struct tide_label_shape {
	enum tide_problem problem;
	struct tide_score_shape score;
	double error_cap; /* regression: no loss is larger; 0: losses have no cap */
};

struct tide_error_fold { /* regression; error = prediction - target */
	uint64_t count, relative_count; /* relative: target != 0 */
	uint64_t fourth_count;          /* rows whose error has a fourth power */
	struct tide_sum error, absolute, squares, fourths, relative;
	struct tide_sum target, target_squares, target_absolute, prediction;
	struct tide_sum symmetric; /* 2 |error| / (|prediction| + |target|) */
	struct tide_sum losses;    /* |error|, at most error_cap; whatever the row weighs */
	double max_error;
	uint64_t taken_back;
	struct tide_rows rows; /* |error| and, where mapped, the weight; none past exact_rows */
	bool too_many;
};

struct tide_confusion_fold { /* binary, or one class against all others */
	uint64_t tp, fp, tn, fn;
};

struct tide_class_row { /* what was predicted where a class was true */
	uint64_t *counts;
	size_t width; /* predictions of this number and above: 0 */
};

struct tide_class_fold { /* multiclass */
	struct tide_class_row rows[256];
};

struct tide_weight_margin { /* of one class: w where it was true, predicted, both */
	struct tide_sum target, target_squares, predicted, predicted_squares, correct;
};

struct tide_weight_fold { /* of the rows that enter a measure: w, w^2 */
	uint64_t rows;
	struct tide_sum all, squares;
	struct tide_sum relative; /* regression: target != 0 */
	struct tide_weight_margin *classes[256]; /* binary: 1 is positive; NULL: no row */
};

struct tide_label_fold {
	uint64_t labelled;
	struct tide_error_fold error;
	struct tide_confusion_fold confusion;
	struct tide_class_fold *classes; /* NULL: no row yet */
	struct tide_weight_fold *weights; /* NULL: none mapped */
	struct tide_score_fold score;
};

/** One labelled row, added (sign > 0) or taken back (sign < 0). */
void tide_labelled_add(struct tide_label_fold *fold, const struct tide_label_shape *shape,
                       const struct tide_row *row, int sign, struct tide_arena *arena);
/** `from` stays as it is for as long as `to` is read. */
void tide_labelled_merge(struct tide_label_fold *to, const struct tide_label_fold *from,
                         const struct tide_label_shape *shape, struct tide_arena *arena);
/** Marks the classes that a fold of that shape speaks of, by number. */
void tide_labelled_classes(const struct tide_label_fold *fold,
                           const struct tide_label_shape *shape, bool used[256]);
/** `classes`: all of these, ascending. */
void tide_labelled_save(const struct tide_label_fold *fold, const struct tide_label_shape *shape,
                        const struct tide_class_numbers *classes, struct tide_buffer *out);
/** `classes`: the numbers that the same classes have at this end. */
bool tide_labelled_load(struct tide_label_fold *fold, const struct tide_label_shape *shape,
                        const struct tide_class_numbers *classes, struct tide_reader *in,
                        struct tide_arena *arena);
/** How often `predicted` was said where `target` was true. */
uint64_t tide_labelled_confusion(const struct tide_label_fold *fold, size_t target,
                                 size_t predicted);
/** How many rows enter a measure of classes. */
uint64_t tide_labelled_rows(const struct tide_label_fold *fold);
/** Most blocks that an add or a merge can take while every fold keeps its rows. */
#define TIDE_LABELLED_BLOCKS 5
/** What weights take beyond, where cells have met so many classes. */
size_t tide_labelled_weight_blocks(size_t classes);
#endif
