#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "detectors/detector.h"
#include <math.h>
#include <string.h>

static struct tide_finding
judged(const char *name, const struct tide_subject *subject)
{
	struct tide_finding finding = {.value = NAN, .p_value = NAN, .status = TIDE_OK};

	tide_detector_find(name)->judge(subject, &finding);
	return finding;
}

static void
every_detector_says_what_it_is(void **state)
{
	const struct tide_detector *d;

	(void)state;
	for (size_t i = 0; (d = tide_detector_at(i)); i++) {
		assert_true(*d->name && *d->title && *d->unit && *d->formula && *d->source);
		assert_ptr_equal(tide_detector_find(d->name), d);
		for (const char *at = d->aliases; *at; at += strspn(at, " ")) {
			char alias[64] = "";
			size_t length = strcspn(at, " ");
			assert_true(length < sizeof alias);
			memcpy(alias, at, length);
			assert_ptr_equal(tide_detector_find(alias), d);
			at += length;
		}
	}
	assert_null(tide_detector_find(""));
}

static void
regression_measures_match_hand_computed_values(void **state)
{
	static struct tide_label_fold labels;
	static const double rows[][2] = {{2, 1}, {2, 2}, {6, 3}}; /* prediction, target */
	struct tide_evidence evidence = {.labels = &labels};
	struct tide_subject subject = {.evidence = &evidence};
	struct tide_error_fold *e = &labels.error;

	(void)state;
	assert_int_equal(judged("mae", &subject).status, TIDE_NO_DATA);
	for (size_t i = 0; i < 3; i++) {
		double error = rows[i][0] - rows[i][1];
		e->count++;
		tide_sum_add(&e->error, error);
		tide_sum_add(&e->absolute, fabs(error));
		tide_sum_add_product(&e->squares, error, error);
		tide_sum_add(&e->target, rows[i][1]);
		tide_sum_add_product(&e->target_squares, rows[i][1], rows[i][1]);
		if (i == 0)
			assert_int_equal(judged("r2", &subject).status, TIDE_UNDEFINED);
	}
	assert_true(fabs(judged("mae", &subject).value - 4.0 / 3) < 1e-15);
	assert_true(fabs(judged("mse", &subject).value - 10.0 / 3) < 1e-15);
	assert_true(fabs(judged("r2", &subject).value - -4.0) < 1e-14);
	assert_int_equal(judged("mape", &subject).status, TIDE_UNDEFINED);
}

static void
binary_measures_are_undefined_without_a_denominator(void **state)
{
	static struct tide_label_fold labels = {.confusion = {.tn = 3, .fn = 1}};
	struct tide_evidence evidence = {.labels = &labels, .problem = TIDE_PROBLEM_BINARY};
	struct tide_subject subject = {.evidence = &evidence, .confusion = labels.confusion};

	(void)state;
	assert_true(judged("accuracy", &subject).value == .75);
	assert_true(judged("recall", &subject).value == 0);
	assert_int_equal(judged("precision", &subject).status, TIDE_UNDEFINED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_detector_says_what_it_is),
		cmocka_unit_test(regression_measures_match_hand_computed_values),
		cmocka_unit_test(binary_measures_are_undefined_without_a_denominator),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
