#ifndef TIDE_WINDOWING_FOLDS_LABELLED_H
#define TIDE_WINDOWING_FOLDS_LABELLED_H
#include "base/pool.h"
#include "base/sum.h"
#include "schemas/mapping.h"
/*
 * The fold of the labelled rows of one cell: predictions that have met their label.
 *
 *  (1) Everything is a count or an exact sum: add and merge commute and give the same bits in any
 *      order, and a row is taken back exactly (SPEC 2.4, 3.7). The one exception is max_error,
 *      which `last` leaves undefined.
 */
struct tide_row {
	double prediction, target; /* numbers; binary: 1 or 0 */
};

struct tide_error_fold { /* regression; error = prediction - target */
	uint64_t count, relative_count; /* relative: target != 0 */
	struct tide_sum error, absolute, squares, relative;
	struct tide_sum target, target_squares, prediction;
	double max_error;
};

struct tide_confusion_fold { /* binary */
	uint64_t tp, fp, tn, fn, scored;
	struct tide_sum log_loss, brier;
};

struct tide_label_fold {
	uint64_t labelled;
	struct tide_error_fold error;
	struct tide_confusion_fold confusion;
};

/** One labelled row, added (sign > 0) or taken back (sign < 0). */
void tide_labelled_add(struct tide_label_fold *fold, enum tide_problem problem,
                       const struct tide_row *row, int sign);
void tide_labelled_merge(struct tide_label_fold *to, const struct tide_label_fold *from);
#endif
