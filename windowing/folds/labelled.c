#include "windowing/folds/labelled.h"
#include "windowing/folds/weighted.h"
#include <math.h>
#include <string.h>

#define CLASS_WIDTH 16 /* counts that a row gets at once */

/* The sums of an error fold and of a margin, in the order of their bytes. */
#define ERROR_SUMS(DO)                                                                             \
	DO(error)                                                                                  \
	DO(absolute)                                                                               \
	DO(squares)                                                                                \
	DO(fourths)                                                                                \
	DO(relative)                                                                               \
	DO(target)                                                                                 \
	DO(target_squares)                                                                         \
	DO(target_absolute)                                                                        \
	DO(prediction)                                                                             \
	DO(symmetric)
#define MARGIN_SUMS(DO)                                                                            \
	DO(target)                                                                                 \
	DO(target_squares)                                                                         \
	DO(predicted)                                                                              \
	DO(predicted_squares)                                                                      \
	DO(correct)
#define MERGE(name) tide_sum_merge(&to->name, &from->name);
#define PUT(name) tide_bytes_put_sum(out, &fold->name);
#define GET(name) tide_bytes_sum(in, &fold->name);

static void
error_row(struct tide_error_fold *fold, const struct tide_score_shape *shape, double absolute,
          double weight, int sign, struct tide_arena *arena)
{
	const double row[] = {absolute, weight};

	fold->rows.width = shape->weighted ? 2 : 1;
	fold->taken_back += sign < 0;
	if (sign > 0 && (fold->count == 0 || absolute > fold->max_error))
		fold->max_error = absolute;
	if (sign > 0 && fold->rows.count == shape->exact_rows) {
		fold->too_many = true;
		fold->rows = (struct tide_rows){.width = fold->rows.width};
	}
	if (fold->too_many)
		return;
	if (sign > 0)
		tide_rows_add(&fold->rows, row, arena);
	else
		tide_rows_remove(&fold->rows, row);
}

static void
error_label(struct tide_error_fold *fold, double prediction, double target, double weight, int sign)
{
	double error = prediction - target, size = fabs(prediction) / 2 + fabs(target) / 2;
	uint64_t one = sign > 0 ? 1 : UINT64_MAX; /* unsigned: adding the maximum takes one away */

	fold->count += one;
	tide_weighted_add(&fold->error, weight, error, sign);
	tide_weighted_add(&fold->absolute, weight, fabs(error), sign);
	tide_weighted_square(&fold->squares, weight, error, sign);
	if (tide_sum_product_fits(weight * error * error, error * error)) {
		tide_weighted_square(&fold->fourths, weight, error * error, sign);
		fold->fourth_count += one;
	}
	tide_weighted_add(&fold->target, weight, target, sign);
	tide_weighted_add(&fold->target_absolute, weight, fabs(target), sign);
	tide_weighted_square(&fold->target_squares, weight, target, sign);
	tide_weighted_add(&fold->prediction, weight, prediction, sign);
	if (size > 0)
		tide_weighted_add(&fold->symmetric, weight, fabs(error) / size, sign);
}

/* MAPE has no term for a target of 0. */
static bool
relative_fits(double error, double target, double weight)
{
	return target != 0 && isfinite(weight * (error / target));
}

/* False: something of the row has no double (2). */
static bool
error_fits(double prediction, double target, double weight)
{
	double error = prediction - target;

	return isfinite(error) && isfinite(weight * error) && isfinite(weight * prediction) &&
	       isfinite(weight * target);
}

static bool
error_add(struct tide_label_fold *labels, const struct tide_score_shape *shape,
          const struct tide_row *row, int sign, struct tide_arena *arena)
{
	struct tide_error_fold *fold = &labels->error;
	double error = row->prediction - row->target;

	if (!error_fits(row->prediction, row->target, row->weight))
		return false;
	error_row(fold, shape, fabs(error), row->weight, sign, arena);
	error_label(fold, row->prediction, row->target, row->weight, sign);
	if (!relative_fits(error, row->target, row->weight))
		return true;
	fold->relative_count += sign > 0 ? 1 : UINT64_MAX;
	tide_weighted_add(&fold->relative, row->weight, fabs(error / row->target), sign);
	if (labels->weights)
		tide_weighted_add(&labels->weights->relative, 1, row->weight, sign);
	return true;
}

static void
error_merge(struct tide_error_fold *to, const struct tide_error_fold *from, size_t exact_rows,
            struct tide_arena *arena)
{
	if (from->count && (to->count == 0 || from->max_error > to->max_error))
		to->max_error = from->max_error;
	to->count += from->count;
	to->relative_count += from->relative_count;
	to->taken_back += from->taken_back;
	to->fourth_count += from->fourth_count;
	ERROR_SUMS(MERGE)
	to->too_many |= from->too_many || to->rows.count + from->rows.count > exact_rows;
	if (to->too_many)
		to->rows = (struct tide_rows){.width = from->rows.width};
	else
		tide_rows_merge(&to->rows, &from->rows, arena);
}

static uint64_t *
class_cell(struct tide_label_fold *fold, size_t target, size_t predicted, struct tide_arena *arena)
{
	if (!fold->classes)
		fold->classes = tide_pool_arena_take(arena, sizeof *fold->classes);
	struct tide_class_row *row = &fold->classes->rows[target];
	if (predicted >= row->width) {
		size_t width = (predicted / CLASS_WIDTH + 1) * CLASS_WIDTH;
		uint64_t *counts = tide_pool_arena_take(arena, width * sizeof *counts);
		if (row->width)
			memcpy(counts, row->counts, row->width * sizeof *counts);
		*row = (struct tide_class_row){counts, width};
	}
	return &row->counts[predicted];
}

static void
classes_merge(struct tide_label_fold *to, const struct tide_label_fold *from,
              struct tide_arena *arena)
{
	for (size_t target = 0; from->classes && target < 256; target++) {
		const struct tide_class_row *row = &from->classes->rows[target];
		if (row->width)
			class_cell(to, target, row->width - 1, arena);
		for (size_t predicted = 0; predicted < row->width; predicted++)
			to->classes->rows[target].counts[predicted] += row->counts[predicted];
	}
}

uint64_t
tide_labelled_confusion(const struct tide_label_fold *fold, size_t target, size_t predicted)
{
	if (!fold->classes || predicted >= fold->classes->rows[target].width)
		return 0;
	return fold->classes->rows[target].counts[predicted];
}

uint64_t
tide_labelled_rows(const struct tide_label_fold *fold)
{
	return fold->weights ? fold->weights->rows : fold->labelled;
}

size_t
tide_labelled_weight_blocks(size_t classes)
{
	size_t bytes = sizeof(struct tide_weight_fold) + classes * sizeof(struct tide_weight_margin);

	/* less than one margin's room is lost in a block */
	return bytes / (TIDE_POOL_PIECE_MAX - sizeof(struct tide_weight_margin)) + 1;
}

static struct tide_weight_margin *
weight_margin(struct tide_weight_fold *fold, size_t class, struct tide_arena *arena)
{
	if (!fold->classes[class])
		fold->classes[class] = tide_pool_arena_take(arena, sizeof **fold->classes);
	return fold->classes[class];
}

static void
weight_add(struct tide_weight_fold *fold, bool classes, const struct tide_row *row, int sign,
           struct tide_arena *arena)
{
	double weight = row->weight;

	fold->rows += sign > 0 ? 1 : UINT64_MAX;
	tide_weighted_add(&fold->all, 1, weight, sign);
	tide_weighted_product(&fold->squares, weight, weight, sign);
	if (!classes)
		return;
	struct tide_weight_margin *target = weight_margin(fold, (size_t) row->target, arena);
	struct tide_weight_margin *predicted = weight_margin(fold, (size_t) row->prediction, arena);
	tide_weighted_add(&target->target, 1, weight, sign);
	tide_weighted_product(&target->target_squares, weight, weight, sign);
	tide_weighted_add(&predicted->predicted, 1, weight, sign);
	tide_weighted_product(&predicted->predicted_squares, weight, weight, sign);
	if (target == predicted)
		tide_weighted_add(&target->correct, 1, weight, sign);
}

static void
margin_merge(struct tide_weight_margin *to, const struct tide_weight_margin *from)
{
	MARGIN_SUMS(MERGE)
}

static void
weight_merge(struct tide_label_fold *to, const struct tide_weight_fold *from,
             struct tide_arena *arena)
{
	if (!from)
		return;
	if (!to->weights)
		to->weights = tide_pool_arena_take(arena, sizeof *to->weights);
	to->weights->rows += from->rows;
	tide_sum_merge(&to->weights->all, &from->all);
	tide_sum_merge(&to->weights->squares, &from->squares);
	tide_sum_merge(&to->weights->relative, &from->relative);
	for (size_t class = 0; class < 256; class++) {
		if (!from->classes[class])
			continue;
		margin_merge(weight_margin(to->weights, class, arena), from->classes[class]);
	}
}

void
tide_labelled_add(struct tide_label_fold *fold, const struct tide_label_shape *shape,
                  const struct tide_row *row, int sign, struct tide_arena *arena)
{
	uint64_t one = sign > 0 ? 1 : UINT64_MAX;
	bool numbers = shape->problem == TIDE_PROBLEM_REGRESSION;

	fold->labelled += one;
	if (shape->score.weighted && !fold->weights)
		fold->weights = tide_pool_arena_take(arena, sizeof *fold->weights);
	if (!tide_weighted_counts(row->weight))
		return;
	if (numbers && !error_add(fold, &shape->score, row, sign, arena))
		return;
	if (shape->problem == TIDE_PROBLEM_BINARY) {
		struct tide_confusion_fold *confusion = &fold->confusion;
		bool said = row->prediction != 0, was = row->target != 0;
		*(was ? (said ? &confusion->tp : &confusion->fn)
		      : (said ? &confusion->fp : &confusion->tn)) += one;
	} else if (shape->problem == TIDE_PROBLEM_MULTICLASS) {
		*class_cell(fold, (size_t) row->target, (size_t) row->prediction, arena) += one;
	}
	if (fold->weights)
		weight_add(fold->weights, !numbers, row, sign, arena);
	if (shape->score.curves)
		tide_score_add(&fold->score, &shape->score, (size_t) row->target, row->scores,
		               row->weight, sign, arena);
}

void
tide_labelled_merge(struct tide_label_fold *to, const struct tide_label_fold *from,
                    const struct tide_label_shape *shape, struct tide_arena *arena)
{
	to->labelled += from->labelled;
	if (shape->problem == TIDE_PROBLEM_REGRESSION)
		error_merge(&to->error, &from->error, shape->score.exact_rows, arena);
	to->confusion.tp += from->confusion.tp;
	to->confusion.fp += from->confusion.fp;
	to->confusion.tn += from->confusion.tn;
	to->confusion.fn += from->confusion.fn;
	classes_merge(to, from, arena);
	weight_merge(to, from->weights, arena);
	if (shape->score.curves)
		tide_score_merge(&to->score, &from->score, &shape->score, arena);
}

void
tide_labelled_classes(const struct tide_label_fold *fold, const struct tide_label_shape *shape,
                      bool used[256])
{
	if (shape->problem == TIDE_PROBLEM_BINARY)
		used[0] = used[1] = true;
	if (shape->problem != TIDE_PROBLEM_MULTICLASS)
		return;
	for (size_t target = 0; fold->classes && target < 256; target++) {
		const struct tide_class_row *row = &fold->classes->rows[target];
		for (size_t predicted = 0; predicted < row->width; predicted++) {
			used[target] |= row->counts[predicted] != 0;
			used[predicted] |= row->counts[predicted] != 0;
		}
	}
	for (size_t class = 0; fold->weights && class < 256; class++)
		used[class] |= fold->weights->classes[class] != NULL;
	if (shape->score.curves)
		tide_score_classes(&fold->score, &shape->score, used);
}


static void
error_save(const struct tide_error_fold *fold, struct tide_buffer *out)
{
	tide_bytes_put_number(out, fold->count);
	tide_bytes_put_number(out, fold->relative_count);
	tide_bytes_put_number(out, fold->fourth_count);
	tide_bytes_put_number(out, fold->taken_back);
	tide_bytes_put_double(out, fold->max_error);
	ERROR_SUMS(PUT)
	tide_bytes_put_number(out, fold->too_many);
	tide_rows_save(&fold->rows, out);
}

static bool
error_load(struct tide_error_fold *fold, const struct tide_score_shape *shape,
           struct tide_reader *in, struct tide_arena *arena)
{
	uint64_t count = tide_bytes_number(in);

	fold->relative_count += tide_bytes_number(in);
	fold->fourth_count += tide_bytes_number(in);
	fold->taken_back += tide_bytes_number(in);
	double max_error = tide_bytes_double(in);
	if (!isfinite(max_error))
		return false;
	if (count && (fold->count == 0 || max_error > fold->max_error))
		fold->max_error = max_error;
	fold->count += count;
	ERROR_SUMS(GET)
	fold->too_many |= tide_bytes_number(in) != 0;
	fold->rows.width = shape->weighted ? 2 : 1;
	return tide_rows_load(&fold->rows, shape->exact_rows, &fold->too_many, in, arena);
}

/* Of every class that was true, how often each was predicted. */
static void
classes_save(const struct tide_label_fold *fold, const struct tide_class_numbers *classes,
             struct tide_buffer *out)
{
	uint64_t counts[256];

	for (size_t i = 0; i < classes->count; i++) {
		for (size_t j = 0; j < classes->count; j++)
			counts[j] = tide_labelled_confusion(fold, classes->numbers[i],
			                                    classes->numbers[j]);
		tide_bytes_put_counts(out, counts, classes->count);
	}
}

/* The widest is made first: a row grows at most once. */
static void
classes_load(struct tide_label_fold *fold, const struct tide_class_numbers *classes,
             struct tide_reader *in, struct tide_arena *arena)
{
	for (size_t i = 0; i < classes->count && !in->bad; i++) {
		uint64_t counts[256] = {0};
		size_t widest = 0, target = classes->numbers[i];
		bool any = false;
		tide_bytes_counts(in, counts, classes->count);
		for (size_t j = 0; j < classes->count; j++) {
			any |= counts[j] != 0;
			if (counts[j] && classes->numbers[j] > widest)
				widest = classes->numbers[j];
		}
		if (any)
			class_cell(fold, target, widest, arena);
		for (size_t j = 0; j < classes->count; j++)
			if (counts[j])
				fold->classes->rows[target].counts[classes->numbers[j]] +=
				        counts[j];
	}
}

static void
margin_save(const struct tide_weight_margin *fold, struct tide_buffer *out)
{
	MARGIN_SUMS(PUT)
}

static void
margin_load(struct tide_weight_margin *fold, struct tide_reader *in)
{
	MARGIN_SUMS(GET)
}

/* A margin follows the place of its class + 1; then 0. */
static void
weight_save(const struct tide_weight_fold *fold, const struct tide_class_numbers *classes,
            struct tide_buffer *out)
{
	tide_bytes_put_number(out, fold->rows);
	tide_bytes_put_sum(out, &fold->all);
	tide_bytes_put_sum(out, &fold->squares);
	tide_bytes_put_sum(out, &fold->relative);
	for (size_t i = 0; i < classes->count; i++) {
		if (!fold->classes[classes->numbers[i]])
			continue;
		tide_bytes_put_number(out, i + 1);
		margin_save(fold->classes[classes->numbers[i]], out);
	}
	tide_bytes_put_number(out, 0);
}

static bool
weight_load(struct tide_label_fold *labels, const struct tide_class_numbers *classes,
            struct tide_reader *in, struct tide_arena *arena)
{
	if (!labels->weights)
		labels->weights = tide_pool_arena_take(arena, sizeof *labels->weights);
	struct tide_weight_fold *fold = labels->weights;
	fold->rows += tide_bytes_number(in);
	tide_bytes_sum(in, &fold->all);
	tide_bytes_sum(in, &fold->squares);
	tide_bytes_sum(in, &fold->relative);
	for (uint64_t place; (place = tide_bytes_number(in));) {
		if (place > classes->count)
			return false;
		margin_load(weight_margin(fold, classes->numbers[place - 1], arena), in);
	}
	return !in->bad;
}

void
tide_labelled_save(const struct tide_label_fold *fold, const struct tide_label_shape *shape,
                   const struct tide_class_numbers *classes, struct tide_buffer *out)
{
	tide_bytes_put_number(out, fold->labelled);
	if (shape->problem == TIDE_PROBLEM_REGRESSION)
		error_save(&fold->error, out);
	tide_bytes_put_number(out, fold->confusion.tp);
	tide_bytes_put_number(out, fold->confusion.fp);
	tide_bytes_put_number(out, fold->confusion.tn);
	tide_bytes_put_number(out, fold->confusion.fn);
	if (shape->problem == TIDE_PROBLEM_MULTICLASS)
		classes_save(fold, classes, out);
	tide_bytes_put_number(out, fold->weights != NULL);
	if (fold->weights)
		weight_save(fold->weights, classes, out);
	if (shape->score.curves)
		tide_score_save(&fold->score, &shape->score, classes, out);
}

bool
tide_labelled_load(struct tide_label_fold *fold, const struct tide_label_shape *shape,
                   const struct tide_class_numbers *classes, struct tide_reader *in,
                   struct tide_arena *arena)
{
	fold->labelled += tide_bytes_number(in);
	if (shape->problem == TIDE_PROBLEM_REGRESSION &&
	    !error_load(&fold->error, &shape->score, in, arena))
		return false;
	fold->confusion.tp += tide_bytes_number(in);
	fold->confusion.fp += tide_bytes_number(in);
	fold->confusion.tn += tide_bytes_number(in);
	fold->confusion.fn += tide_bytes_number(in);
	if (shape->problem == TIDE_PROBLEM_MULTICLASS)
		classes_load(fold, classes, in, arena);
	bool weighted = tide_bytes_number(in);
	if (in->bad || (weighted && !shape->score.weighted) ||
	    (weighted && !weight_load(fold, classes, in, arena)))
		return false;
	return !shape->score.curves ||
	       tide_score_load(&fold->score, &shape->score, classes, in, arena);
}
