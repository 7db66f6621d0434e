#ifndef TIDE_DETECTORS_PERFORMANCE_CLASSES_H
#define TIDE_DETECTORS_PERFORMANCE_CLASSES_H
#include "detectors/performance/curve.h"
#include "detectors/performance/weight.h"
#include <string.h>
/*
 * The margins of a confusion matrix, binary or multiclass, and averages over its classes.
 *
 *  (1) Classes are those that were true or predicted in the cell, in the order of their names, so
 *      that sums round the same way whatever was met first.
 *  (2) An average with a class whose own measure has no denominator is UNDEFINED; scikit-learn
 *      takes 0 for that class.
 */
struct class_margin {
	double target, predicted, correct; /* rows or, where mapped, their weights */
	size_t number;
};

struct class_table {
	struct class_margin classes[TIDE_CLASSES_MAX + 1];
	size_t count;
	double n, correct;
	double rows, effective; /* how many rows n is, and how many of equal weight (SPEC 7.8) */
};

static inline void
class_table_put(struct class_table *table, const struct tide_weight_fold *weights, uint64_t target,
                uint64_t predicted, uint64_t correct, size_t number)
{
	struct class_margin margin = {(double)target, (double)predicted, (double)correct, number};

	if (target + predicted == 0)
		return;
	table->rows += (double)target;
	if (weights) {
		const struct tide_weight_margin *sums = weights->classes[number];
		margin.target = tide_sum_round(&sums->target);
		margin.predicted = tide_sum_round(&sums->predicted);
		margin.correct = tide_sum_round(&sums->correct);
	}
	table->classes[table->count++] = margin;
	table->n += margin.target;
	table->correct += margin.correct;
}

static inline void
class_table_multi(struct class_table *table, const struct tide_evidence *evidence)
{
	const struct tide_label_fold *labels = evidence->labels;
	uint64_t targets[TIDE_CLASSES_MAX + 1] = {0}, predicted[TIDE_CLASSES_MAX + 1] = {0};
	uint8_t order[TIDE_CLASSES_MAX + 1];
	size_t count = tide_classes_sort(evidence->classes, order);

	for (size_t i = 0; labels->classes && i <= TIDE_CLASSES_MAX; i++) {
		for (size_t j = 0; j < labels->classes->rows[i].width; j++) {
			targets[i] += labels->classes->rows[i].counts[j];
			predicted[j] += labels->classes->rows[i].counts[j];
		}
	}
	for (size_t i = 0; i < count; i++)
		class_table_put(table, labels->weights, targets[order[i]], 
		                predicted[order[i]],
		                tide_labelled_confusion(labels, order[i], order[i]), order[i]);
}

/* False (and the finding says so) without a labelled row. */
static inline bool
class_table_read(struct class_table *table, const struct tide_subject *subject,
                 struct tide_finding *finding)
{
	const struct tide_label_fold *labels = subject->evidence->labels;

	table->count = 0;
	table->n = table->correct = table->rows = 0;
	if (labels && subject->evidence->problem == TIDE_PROBLEM_BINARY) {
		const struct tide_confusion_fold *c = &labels->confusion;
		class_table_put(table, labels->weights, c->tn + c->fp, c->tn + c->fn, c->tn, 0);
		class_table_put(table, labels->weights, c->tp + c->fn, c->tp + c->fp, c->tp, 1);
	} else if (labels) {
		class_table_multi(table, subject->evidence);
	}
	table->effective = table->n;
	if (labels && labels->weights)
		table->effective =
			table->n / tide_sum_round(&labels->weights->squares) * table->n;
	if (table->n > 0)
		return true;
	finding_fails(finding, TIDE_NO_DATA, "no labelled row");
	return false;
}

/* The weights of the subject's class; NULL: none mapped. */
static inline const struct tide_weight_margin *
class_weights(const struct tide_subject *subject)
{
	static const struct tide_weight_margin none;
	const struct tide_weight_fold *weights = subject->evidence->labels->weights;

	if (!weights)
		return NULL;
	bool binary = subject->evidence->problem == TIDE_PROBLEM_BINARY;
	const struct tide_weight_margin *margin = weights->classes[binary ? 1 : subject->class];
	return margin ? margin : &none;
}

/* The share of `rows` rows: of their weights, or UNDEFINED where there is none. */
static inline void
class_share(struct tide_finding *finding, const struct tide_sum *over,
            const struct tide_sum *under, const struct tide_sum *squares, uint64_t rows,
            const char *reason)
{
	struct weight_of of = weight_read(rows, under, squares);

	if (rows == 0)
		finding_fails(finding, TIDE_UNDEFINED, reason);
	else
		weight_share(finding, tide_sum_round(over), of.sum, of.effective, of.rows);
}

/* Numerator and denominator of a measure of one class. */
typedef void class_ratio_fn(const struct class_margin *class, double *over, double *under);

static inline void
class_precision(const struct class_margin *class, double *over, double *under)
{
	*over = class->correct;
	*under = class->predicted;
}

static inline void
class_recall(const struct class_margin *class, double *over, double *under)
{
	*over = class->correct;
	*under = class->target;
}

static inline void
class_f1(const struct class_margin *class, double *over, double *under)
{
	*over = 2 * class->correct;
	*under = class->target + class->predicted;
}

enum class_average { CLASS_MACRO, CLASS_MICRO, CLASS_WEIGHTED };

static inline void
class_averaged(const struct tide_subject *subject, struct tide_finding *finding,
               class_ratio_fn *ratio, enum class_average average)
{
	struct class_table table;
	double sum = 0, weights = 0;

	if (!class_table_read(&table, subject, finding))
		return;
	for (size_t i = 0; i < table.count; i++) {
		const struct class_margin *class = &table.classes[i];
		double over, under;
		double weight = average == CLASS_WEIGHTED ? class->target : 1;
		ratio(class, &over, &under);
		if (average == CLASS_MICRO) {
			sum += over;
			weights += under;
			continue;
		}
		if (under == 0 && weight > 0) {
			finding_fails(finding, TIDE_UNDEFINED, "a class has no denominator");
			return;
		}
		sum += weight > 0 ? weight * (over / under) : 0;
		weights += weight;
	}
	finding_value(finding, sum / weights, table.rows);
}

/* The mean of the areas under the ROC curves of each class against all others. */
static inline void
class_roc_averaged(const struct tide_subject *subject, struct tide_finding *finding,
                   enum class_average average)
{
	const struct tide_evidence *evidence = subject->evidence;
	uint8_t order[TIDE_CLASSES_MAX + 1];
	double sum = 0, weights = 0, slack = 0, n = 0;

	if (!finding_scores(subject, finding))
		return;
	size_t count = tide_classes_sort(evidence->classes, order);
	for (size_t i = 0; i < count; i++) {
		const struct tide_score_curve *curve =
			tide_score_curve(&evidence->labels->score, &evidence->label_shape->score,
		                         order[i], evidence->scratch);
		double weight = average == CLASS_WEIGHTED ? curve->positives : 1;
		if (curve->rows == 0)
			continue;
		if (curve_unfit(curve, finding))
			return;
		if (curve->positives == 0 || curve->negatives == 0) {
			finding_fails(finding, TIDE_UNDEFINED,
			              "needs rows of every class that has a score");
			return;
		}
		struct curve_area area = curve_roc(curve);
		sum += weight * area.value;
		slack += weight * area.slack;
		weights += weight;
		n = fmax(n, (double)curve->rows);
	}
	finding_value(finding, sum / weights, n);
	if (slack > 0) {
		finding->lower = fmax((sum - slack) / weights, 0);
		finding->upper = fmin((sum + slack) / weights, 1);
	}
}
#endif
