#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "detectors/detector.h"
#include <math.h>
#include <string.h>

/* One label-side cell, filled row by row and judged by every detector. */
struct cell {
	struct tide_pool pool;
	struct tide_arena arena;
	struct tide_label_fold labels;
	struct tide_label_shape shape;
	struct tide_classes classes;
	struct tide_score_scratch scratch;
	double values[8192];
	struct tide_score_point points[4096];
	struct tide_evidence evidence;
	struct tide_finding findings[256];
	size_t count;
};

static void
cell_open(struct cell *cell, enum tide_problem problem, size_t exact_rows, size_t curves)
{
	memset(cell, 0, sizeof *cell);
	tide_pool_init(&cell->pool, 16 << 20);
	tide_pool_arena_init(&cell->arena, &cell->pool);
	tide_classes_init(&cell->classes);
	cell->shape = (struct tide_label_shape){
		problem, {exact_rows, curves, problem == TIDE_PROBLEM_BINARY, false}};
	cell->scratch = (struct tide_score_scratch){
		.rows = 4096, .values = cell->values, .points = cell->points};
	cell->evidence = (struct tide_evidence){.side = TIDE_SIDE_LABEL,
	                                        .problem = problem,
	                                        .labels = &cell->labels,
	                                        .label_shape = &cell->shape,
	                                        .classes = &cell->classes,
	                                        .scratch = &cell->scratch};
}

static void
cell_close(struct cell *cell)
{
	tide_pool_arena_fini(&cell->arena);
	tide_pool_fini(&cell->pool);
}

static void
put_weighted(struct cell *cell, double prediction, double target, const double *scores,
             double weight, int sign)
{
	struct tide_row row = {.prediction = prediction, .target = target, .scores = scores,
	                       .score_count = cell->shape.score.curves, .weight = weight};

	tide_labelled_add(&cell->labels, &cell->shape, &row, sign, &cell->arena);
}

static void
put(struct cell *cell, double prediction, double target, const double *scores, int sign)
{
	put_weighted(cell, prediction, target, scores, 1, sign);
}

static void
judge(struct cell *cell)
{
	cell->scratch.of = NULL;
	cell->count = tide_detector_judge(&cell->evidence, NULL, NULL, cell->findings, 256);
}

static const struct tide_finding *
found(const struct cell *cell, const char *metric, const char *column)
{
	for (size_t i = 0; i < cell->count; i++)
		if (cell->findings[i].detector == tide_detector_find(metric) &&
		    tide_text_is(cell->findings[i].column, column))
			return &cell->findings[i];
	fail_msg("no finding %s of %s", metric, column);
	return NULL;
}

static void
is(const struct cell *cell, const char *metric, const char *column, double value)
{
	const struct tide_finding *finding = found(cell, metric, column);

	assert_int_equal(finding->status, TIDE_OK);
	if (fabs(finding->value - value) > 1e-12)
		fail_msg("%s of %s is %.17g, not %.17g", metric, column, finding->value, value);
}

/* The example of scikit-learn's roc_auc_score; DeLong's variance of it by hand is 1/8. */
static void
areas_under_curves_match_their_textbook_example(void **state)
{
	static const double scores[] = {.1, .4, .35, .8};
	static struct cell cell;

	(void)state;
	cell_open(&cell, TIDE_PROBLEM_BINARY, 100, 1);
	for (size_t i = 0; i < 4; i++)
		put(&cell, scores[i] >= .5, i >= 2, &scores[i], 1);
	judge(&cell);
	is(&cell, "auc", "", .75);
	is(&cell, "pr_auc", "", 5 / 6.);
	is(&cell, "recall", "", .5);
	is(&cell, "balanced_accuracy", "", .75);
	is(&cell, "mcc", "", 1 / sqrt(3));
	is(&cell, "kappa", "", .5);
	assert_true(fabs(found(&cell, "auc", "")->lower - (.75 - 1.959963984540054 * sqrt(.125))) <
	            1e-12);
	assert_true(found(&cell, "auc", "")->upper == 1);
	assert_true(isnan(found(&cell, "pr_auc", "")->lower));
	cell_close(&cell);
}

/* By hand: .35 and .4, the edge of 6/15, are in one bin; then scores that part the classes. */
static void
calibration_errors_are_those_of_fifteen_bins(void **state)
{
	static const double scores[] = {.1, .4, .35, .8}, apart[] = {.2, .9};
	static struct cell cell;

	(void)state;
	cell_open(&cell, TIDE_PROBLEM_BINARY, 100, 1);
	for (size_t i = 0; i < 4; i++)
		put(&cell, scores[i] >= .5, i >= 2, &scores[i], 1);
	judge(&cell);
	is(&cell, "ece", "", (.1 + 2 * .125 + .2) / 4);
	is(&cell, "mce", "", .2);
	assert_int_equal(found(&cell, "calibration_slope", "")->status, TIDE_OK);
	cell_close(&cell);
	cell_open(&cell, TIDE_PROBLEM_BINARY, 100, 1);
	put(&cell, 0, 0, &apart[0], 1);
	judge(&cell);
	assert_int_equal(found(&cell, "calibration_intercept", "")->status, TIDE_UNDEFINED);
	put(&cell, 1, 1, &apart[1], 1);
	judge(&cell);
	assert_int_equal(found(&cell, "calibration_slope", "")->status, TIDE_UNDEFINED);
	assert_int_equal(found(&cell, "calibration_intercept", "")->status, TIDE_OK);
	is(&cell, "ece", "", .15);
	cell_close(&cell);
}

static void
a_row_without_a_score_counts_but_enters_no_curve(void **state)
{
	static struct cell cell;
	double none = NAN;

	(void)state;
	cell_open(&cell, TIDE_PROBLEM_BINARY, 100, 1);
	put(&cell, 1, 1, &none, 1);
	judge(&cell);
	is(&cell, "accuracy", "", 1);
	assert_int_equal(found(&cell, "auc", "")->status, TIDE_NO_DATA);
	assert_int_equal(found(&cell, "log_loss", "")->status, TIDE_NO_DATA);
	assert_int_equal(found(&cell, "mcc", "")->status, TIDE_UNDEFINED);
	cell_close(&cell);
}

/* Scores that share a bin: every order of them is between the bounds. */
static void
bounds_of_binned_curves_hold_the_exact_areas(void **state)
{
	static struct cell exact, binned;

	(void)state;
	cell_open(&exact, TIDE_PROBLEM_BINARY, 4096, 1);
	cell_open(&binned, TIDE_PROBLEM_BINARY, 0, 1);
	for (size_t i = 0; i < 1000; i++) {
		double score = .5 + 1e-4 * (double)(i * 7919 % 1000);
		put(&exact, 1, i * 31 % 1000 < 600, &score, 1);
		put(&binned, 1, i * 31 % 1000 < 600, &score, 1);
	}
	judge(&exact);
	judge(&binned);
	static const char *const metrics[] = {"auc", "pr_auc"};
	for (size_t i = 0; i < 2; i++) {
		const struct tide_finding *finding = found(&binned, metrics[i], "");
		double value = found(&exact, metrics[i], "")->value;
		assert_true(finding->value != value);
		assert_true(finding->lower <= value && value <= finding->upper);
		assert_true(finding->upper - finding->lower < .2);
	}
	cell_close(&exact);
	cell_close(&binned);
}

/* The example of scikit-learn's precision_score, average=…; the classes were met in disorder. */
static void
averages_over_classes_match_their_textbook_example(void **state)
{
	static const size_t targets[] = {0, 1, 2, 0, 1, 2}, said[] = {0, 2, 1, 0, 0, 1};
	static struct cell cell;
	uint8_t numbers[3];

	(void)state;
	cell_open(&cell, TIDE_PROBLEM_MULTICLASS, 100, 0);
	numbers[2] = tide_classes_number(&cell.classes, TIDE_TEXT("c"), &cell.arena);
	numbers[0] = tide_classes_number(&cell.classes, TIDE_TEXT("a"), &cell.arena);
	tide_classes_number(&cell.classes, TIDE_TEXT("never"), &cell.arena);
	numbers[1] = tide_classes_number(&cell.classes, TIDE_TEXT("b"), &cell.arena);
	for (size_t i = 0; i < 6; i++)
		put(&cell, numbers[said[i]], numbers[targets[i]], NULL, 1);
	judge(&cell);
	is(&cell, "precision_macro", "", 2 / 9.);
	is(&cell, "precision_micro", "", 1 / 3.);
	is(&cell, "precision_weighted", "", 2 / 9.);
	is(&cell, "recall_macro", "", 1 / 3.);
	is(&cell, "f1_macro", "", 4 / 15.);
	is(&cell, "accuracy", "", 1 / 3.);
	is(&cell, "mcc", "", 0);
	is(&cell, "kappa", "", 0);
	is(&cell, "precision", "$label:a", 2 / 3.);
	is(&cell, "recall", "$label:a", 1);
	is(&cell, "specificity", "$label:c", .75);
	is(&cell, "f1", "$label:b", 0);
	for (size_t i = 0; i < cell.count; i++)
		assert_false(tide_text_is(cell.findings[i].column, "$label:never"));
	put(&cell, numbers[0], TIDE_CLASS_OTHER, NULL, 1);
	judge(&cell);
	assert_int_equal(found(&cell, "precision_macro", "")->status, TIDE_UNDEFINED);
	is(&cell, "recall", "$label:__other__", 0);
	cell_close(&cell);
}

static void
one_class_against_the_rest_has_a_curve_of_its_own(void **state)
{
	static const double scores[][2] = {{.9, .1}, {.6, .4}, {.3, .7}, {.7, .3}};
	static const size_t targets[] = {0, 0, 1, 1};
	static struct cell cell;

	(void)state;
	cell_open(&cell, TIDE_PROBLEM_MULTICLASS, 100, 2);
	tide_classes_number(&cell.classes, TIDE_TEXT("no"), &cell.arena);
	tide_classes_number(&cell.classes, TIDE_TEXT("yes"), &cell.arena);
	for (size_t i = 0; i < 4; i++)
		put(&cell, scores[i][1] > scores[i][0], (double)targets[i], scores[i], 1);
	judge(&cell);
	is(&cell, "auc", "$label:no", .75);
	is(&cell, "auc", "$label:yes", .75);
	is(&cell, "roc_auc_ovr", "", .75);
	is(&cell, "log_loss", "", -(log(.9) + log(.6) + log(.7) + log(.3)) / 4);
	put(&cell, 0, 0, scores[0], 1);
	judge(&cell); /* no: 5 of 6 pairs won, as of yes: they mirror each other */
	is(&cell, "roc_auc_ovr_weighted", "", 5 / 6.);
	cell_close(&cell);
}

static void
measures_of_errors_follow_corrections(void **state)
{
	static struct cell cell;

	(void)state;
	cell_open(&cell, TIDE_PROBLEM_REGRESSION, 4, 0);
	put(&cell, 2, 1, NULL, 1);
	put(&cell, 0, 0, NULL, 1);
	put(&cell, 6, 3, NULL, 1);
	put(&cell, 9, 1, NULL, 1);
	put(&cell, 9, 1, NULL, -1);
	judge(&cell);
	is(&cell, "max_error", "", 3);
	is(&cell, "median_ae", "", 1);
	is(&cell, "wape", "", 1);
	is(&cell, "smape", "", (2 / 3. + 2 / 3.) / 3);
	is(&cell, "explained_variance", "", 0);
	put(&cell, 1, 1, NULL, 1);
	put(&cell, 1, 1, NULL, 1); /* the fifth of four */
	judge(&cell);
	assert_int_equal(found(&cell, "median_ae", "")->status, TIDE_UNDEFINED);
	assert_int_equal(found(&cell, "max_error", "")->status, TIDE_UNDEFINED);
	cell_close(&cell);
}

/* The squared errors 1, 1, 4, 8 have the mean 3.5 and the sample variance 11. */
static void
intervals_of_losses_are_those_of_a_mean(void **state)
{
	const double errors[] = {1, -1, 2, sqrt(8)};
	static struct cell cell;
	double none = NAN, half, score = .5, variance = 11;

	(void)state;
	cell_open(&cell, TIDE_PROBLEM_REGRESSION, 100, 0);
	for (size_t i = 0; i < 4; i++)
		put(&cell, errors[i], 0, &none, 1);
	judge(&cell);
	half = 1.959963984540054 * sqrt(variance / 4);
	is(&cell, "mse", "", 3.5);
	assert_true(fabs(found(&cell, "mse", "")->upper - (3.5 + half)) < 1e-12);
	half = 1.959963984540054 * sqrt(variance / (4 * 4 * 3.5));
	assert_true(fabs(found(&cell, "rmse", "")->lower - (sqrt(3.5) - half)) < 1e-12);
	cell_close(&cell);
	cell_open(&cell, TIDE_PROBLEM_BINARY, 100, 1);
	put(&cell, 1, 1, &score, 1);
	score = 1;
	put(&cell, 1, 1, &score, 1);
	judge(&cell); /* squared errors 1/4 and 0: variance 1/32 */
	half = 1.959963984540054 / 8;
	assert_true(fabs(found(&cell, "brier", "")->upper - (.125 + half)) < 1e-12);
	cell_close(&cell);
}

/* Row i of a problem, with a few scores alike. */
static void
put_row(struct cell *cell, size_t i, double weight, int sign)
{
	size_t hashed = i * 2654435761u >> 7;
	double score = (double)(hashed % 9 + 1) / 16, scores[3] = {score, .75 - score, .25};
	double of_class = (double)(hashed % 3), of_target = (double)(hashed / 9 % 3);

	if (cell->shape.problem == TIDE_PROBLEM_MULTICLASS)
		put_weighted(cell, of_class, of_target, scores, weight, sign);
	else if (cell->shape.problem == TIDE_PROBLEM_BINARY)
		put_weighted(cell, score >= .5, of_target > 0, &score, weight, sign);
	else
		put_weighted(cell, of_class * 7 - 3, of_target + (double)i, NULL, weight, sign);
}

static void
same_values(const struct cell *a, const struct cell *b, double tolerance)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		const struct tide_finding *x = &a->findings[i], *y = &b->findings[i];
		assert_int_equal(x->status, y->status);
		if (fabs(x->value - y->value) > tolerance * fabs(y->value))
			fail_msg("%s is %.17g, not %.17g", x->detector->name, x->value, y->value);
	}
}

#define WEIGHTED_ROWS 60

static const struct {
	enum tide_problem problem;
	size_t curves;
} problems[] = {
	{TIDE_PROBLEM_BINARY, 1}, {TIDE_PROBLEM_MULTICLASS, 3}, {TIDE_PROBLEM_REGRESSION, 0}};

static void
weighted_open(struct cell *cell, size_t problem, size_t exact_rows, bool weighted)
{
	cell_open(cell, problems[problem].problem, exact_rows, problems[problem].curves);
	cell->shape.score.weighted = weighted;
	tide_classes_number(&cell->classes, TIDE_TEXT("a"), &cell->arena);
	tide_classes_number(&cell->classes, TIDE_TEXT("b"), &cell->arena);
	tide_classes_number(&cell->classes, TIDE_TEXT("c"), &cell->arena);
}

/* Exact and in bins; the intervals are not the same, as n_eff is less than the copies. */
static void
a_row_of_a_whole_weight_says_what_as_many_rows_say(void **state)
{
	static struct cell weighted, copies;

	(void)state;
	for (size_t run = 0; run < 6; run++) {
		weighted_open(&weighted, run / 2, run % 2 ? 1000 : 2, true);
		weighted_open(&copies, run / 2, run % 2 ? 1000 : 2, false);
		for (size_t i = 0; i < WEIGHTED_ROWS; i++) {
			put_row(&weighted, i, (double)(i % 4), 1);
			for (size_t copy = 0; copy < i % 4; copy++)
				put_row(&copies, i, 1, 1);
		}
		judge(&weighted);
		judge(&copies);
		assert_true(copies.count > 10);
		same_values(&weighted, &copies, 1e-12);
		assert_int_equal(weighted.labels.labelled, WEIGHTED_ROWS);
		cell_close(&weighted);
		cell_close(&copies);
	}
}

static void
weighted_rows_that_are_taken_back_or_merged_give_the_same_bits(void **state)
{
	static struct cell once, again, part;

	(void)state;
	for (size_t run = 0; run < 6; run++) {
		size_t exact_rows = run % 2 ? 1000 : 2;
		weighted_open(&once, run / 2, exact_rows, true);
		weighted_open(&again, run / 2, exact_rows, true);
		weighted_open(&part, run / 2, exact_rows, true);
		for (size_t i = WEIGHTED_ROWS; i-- > 0;)
			put_row(i % 3 ? &again : &part, i, 1 / (double)(i + 3), 1);
		for (size_t i = 0; i < WEIGHTED_ROWS; i++) {
			put_row(&once, i, 1 / (double)(i + 3), 1);
			put_row(&again, i + 100, .3, 1);
		}
		tide_labelled_merge(&again.labels, &part.labels, &part.shape, &again.arena);
		for (size_t i = 0; i < WEIGHTED_ROWS; i++)
			put_row(&again, i + 100, .3, -1);
		judge(&once);
		judge(&again);
		if (problems[run / 2].problem == TIDE_PROBLEM_REGRESSION && exact_rows == 2) {
			assert_int_equal(found(&again, "max_error", "")->status, TIDE_UNDEFINED);
			again.labels.error.taken_back = 0; /* it alone may not be told any more */
			again.labels.error.max_error = once.labels.error.max_error;
			judge(&again);
		}
		same_values(&again, &once, 0);
		for (size_t i = 0; i < once.count; i++)
			assert_memory_equal(&once.findings[i].lower, &again.findings[i].lower,
			                    sizeof(double));
		cell_close(&once);
		cell_close(&again);
		cell_close(&part);
	}
}

static void
bounds_of_weighted_curves_in_bins_hold_the_exact_areas(void **state)
{
	static struct cell exact, binned;

	(void)state;
	weighted_open(&exact, 0, 1000, true);
	weighted_open(&binned, 0, 2, true);
	for (size_t i = 0; i < 900; i++) {
		double score = .5 + (double)(i * 7919 % 900) / 90000, said = 1;
		double was = i * 7919 % 900 > 300 + i % 7 * 50, weight = .01 + (double)(i % 11);
		put_weighted(&exact, said, was, &score, weight, 1);
		put_weighted(&binned, said, was, &score, weight, 1);
	}
	judge(&exact);
	judge(&binned);
	for (size_t i = 0; i < 2; i++) {
		const char *metric = i ? "auc" : "pr_auc";
		const struct tide_finding *bounds = found(&binned, metric, "");
		double area = found(&exact, metric, "")->value;
		assert_true(bounds->lower <= area && area <= bounds->upper);
		assert_true(bounds->value != area);
		assert_true(bounds->n == 900);
	}
	put_row(&binned, 0, 0x1p41, 1);
	judge(&binned);
	assert_int_equal(found(&binned, "auc", "")->status, TIDE_UNDEFINED);
	assert_int_equal(found(&binned, "log_loss", "")->status, TIDE_OK);
	put_row(&binned, 0, 0x1p41, -1);
	judge(&binned);
	assert_int_equal(found(&binned, "auc", "")->status, TIDE_OK);
	cell_close(&exact);
	cell_close(&binned);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(areas_under_curves_match_their_textbook_example),
		cmocka_unit_test(calibration_errors_are_those_of_fifteen_bins),
		cmocka_unit_test(a_row_without_a_score_counts_but_enters_no_curve),
		cmocka_unit_test(bounds_of_binned_curves_hold_the_exact_areas),
		cmocka_unit_test(averages_over_classes_match_their_textbook_example),
		cmocka_unit_test(one_class_against_the_rest_has_a_curve_of_its_own),
		cmocka_unit_test(measures_of_errors_follow_corrections),
		cmocka_unit_test(intervals_of_losses_are_those_of_a_mean),
		cmocka_unit_test(a_row_of_a_whole_weight_says_what_as_many_rows_say),
		cmocka_unit_test(weighted_rows_that_are_taken_back_or_merged_give_the_same_bits),
		cmocka_unit_test(bounds_of_weighted_curves_in_bins_hold_the_exact_areas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
