#ifndef TIDE_WINDOWING_FOLDS_BUSINESS_H
#define TIDE_WINDOWING_FOLDS_BUSINESS_H
#include "base/pool.h"
#include "base/sum.h"
#include "windowing/expression.h"
#include "windowing/folds/labelled.h"
/*
 * The measures that a person defined, and their folds: one a measure and cell (SPEC 5.8).
 *
 *  (1) rate: the weight of the rows where `value` holds among those where `where` holds. mean and
 *      sum: of the value over the rows of `where`. value_matrix: the sum of tp, fp, fn or tn, by
 *      what was predicted and what was true. A row whose value is missing is not there.
 *  (2) A measure that needs the label (`labelled`) is of the label side: its conditions see what
 *      the prediction and the label left as numbers, `kept` and `outcome` (each NaN: missing), so
 *      that a pending prediction holds 8 bytes a name and no text.
 *  (3) Everything is a count or an exact sum: add and merge commute and give the same bits in any
 *      order, and a row is taken back exactly (SPEC 2.4).
 *  (4) Folds, and the table of them, come from an arena whose room was asked for before, with the
 *      first row (SPEC 3.5); NULL: no row.
 */
#define TIDE_BUSINESS_MAX 32

enum tide_business_kind {
	TIDE_BUSINESS_RATE,
	TIDE_BUSINESS_SUM,
	TIDE_BUSINESS_MEAN,
	TIDE_BUSINESS_MATRIX
};

struct tide_business {
	const char *name;
	enum tide_business_kind kind;
	bool labelled;
	struct tide_expression where;    /* no node: every row */
	struct tide_expression value[4]; /* value_matrix: tn, fp, fn, tp; else the first */
};

/* What the person wants measured beside the model. */
struct tide_measures {
	unsigned mapped; /* bit enum tide_operation: the map has it */
	const struct tide_business *business;
	size_t business_count;
	const struct tide_expression *kept, *outcome; /* of predictions, of labels (2) */
	size_t kept_count, outcome_count;
};

struct tide_business_fold {
	uint64_t rows;
	struct tide_sum weight, weight_squares; /* w, w^2 */
	struct tide_sum value, value_squares;   /* w x, and w x^2; of a sum (w x)^2 */
};

/** Values of `count` expressions of an event, into `numbers`. */
void tide_business_keep(const struct tide_expression *expressions, size_t count,
                        const struct tide_event *event, double *numbers);
/** One prediction, for the measures of the prediction side. */
void tide_business_predicted(struct tide_business_fold ***folds,
                             const struct tide_measures *measures, const struct tide_event *event,
                             struct tide_arena *arena);
/** One labelled row, added (sign > 0) or taken back, for those of the label side. */
void tide_business_labelled(struct tide_business_fold ***folds,
                            const struct tide_measures *measures,
                            const struct tide_row *row, int sign,
                            struct tide_arena *arena);
/** Adds all of `from`, which may be NULL. */
void tide_business_merge(struct tide_business_fold ***to, struct tide_business_fold **from,
                         size_t count, struct tide_arena *arena);
/** A table of `count` folds; `folds` may be NULL. */
void tide_business_save(struct tide_business_fold **folds, size_t count, struct tide_buffer *out);
bool tide_business_load(struct tide_business_fold ***folds, size_t count, struct tide_reader *in,
                        struct tide_arena *arena);
/** n_eff = (sum w)^2 / sum w^2: how many rows of equal weight say as much (SPEC 7.8). */
double tide_business_rows(const struct tide_business_fold *fold);
#endif
