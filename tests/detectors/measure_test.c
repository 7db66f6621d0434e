#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "detectors/detector.h"
#include <math.h>
#include <string.h>

#define Z 1.959963984540054

static struct tide_finding findings[256];

/* Judges a cell, and returns what was said of a metric (and column) or NULL. */
static const struct tide_finding *
judged(const struct tide_evidence *evidence, const char *metric, const char *column)
{
	size_t count = tide_detector_judge(evidence, NULL, NULL, findings, 256);

	for (size_t i = 0; i < count; i++)
		if (strcmp(findings[i].detector->name, metric) == 0 &&
		    tide_text_is(findings[i].column, column))
			return &findings[i];
	return NULL;
}

static void
near(double a, double b)
{
	if (!(fabs(a - b) <= 1e-14 * fabs(b)))
		fail_msg("%.17g is not %.17g", a, b);
}

static void
a_gauge_is_judged_only_where_the_map_has_it(void **state)
{
	static struct tide_operation_fold cpu;
	struct tide_cell cell = {.gauges = {[TIDE_CPU] = &cpu}, .errors = 3, .predictions = 60};
	struct tide_measures measures = {.mapped = 1u << TIDE_CPU | 1u << TIDE_MEMORY};
	struct tide_evidence evidence = {
	        .end_ms = 30000, .cell = &cell, .predictions = 60, .measures = &measures};
	const struct tide_finding *found;

	(void) state;
	for (int i = 1; i <= 4; i++) { /* 1, 4, 9, 16: mean 7.5, variance 43 */
		cpu.count++;
		cpu.max = i * i;
		tide_sum_add(&cpu.sum, i * i);
		tide_sum_add_product(&cpu.squares, i * i, i * i);
	}
	found = judged(&evidence, "cpu_mean", "");
	near(found->value, 7.5);
	near(found->lower, 7.5 - Z * sqrt(43.0 / 4));
	near(judged(&evidence, "cpu_max", "")->value, 16);
	assert_int_equal(judged(&evidence, "memory_max", "")->status, TIDE_NO_DATA);
	assert_null(judged(&evidence, "latency_mean", ""));
	assert_null(judged(&evidence, "error_rate", ""));
	near(judged(&evidence, "throughput", "")->value, 2);
	measures.mapped = 1u << TIDE_FAILURE;
	near(judged(&evidence, "error_rate", "")->value, .05);
	assert_null(judged(&evidence, "cpu_mean", ""));
	evidence.predictions = 0;
	assert_int_equal(judged(&evidence, "error_rate", "")->status, TIDE_NO_DATA);
}

/* w, x of two rows: 1, 3 and 3, 5. */
static void
rows_put(struct tide_business_fold *fold, bool total)
{
	static const double rows[][2] = {{1, 3}, {3, 5}};

	for (size_t i = 0; i < 2; i++) {
		double w = rows[i][0], x = rows[i][1];
		fold->rows++;
		tide_sum_add(&fold->weight, w);
		tide_sum_add(&fold->weight_squares, w * w);
		tide_sum_add(&fold->value, w * x);
		tide_sum_add(&fold->value_squares, total ? w * x * w * x : w * x * x);
	}
}

static void
a_measure_is_judged_by_its_kind_on_its_side(void **state)
{
	static struct tide_business_fold mean, sum, rate;
	struct tide_business_fold *folds[] = {&mean, &sum, &rate, NULL, NULL, NULL};
	static const struct tide_business business[] = {
	        {.name = "mean", .kind = TIDE_BUSINESS_MEAN},
	        {.name = "sum", .kind = TIDE_BUSINESS_SUM},
	        {.name = "rate", .kind = TIDE_BUSINESS_RATE},
	        {.name = "no_mean", .kind = TIDE_BUSINESS_MEAN},
	        {.name = "no_sum", .kind = TIDE_BUSINESS_MATRIX},
	        {.name = "other_side", .kind = TIDE_BUSINESS_SUM, .labelled = true},
	};
	struct tide_measures measures = {.business = business, .business_count = 6};
	struct tide_cell cell = {.business = folds};
	struct tide_evidence evidence = {.cell = &cell, .measures = &measures, .predictions = 2};
	const struct tide_finding *found;

	(void) state;
	rows_put(&mean, false);
	rows_put(&sum, true);
	/* of weight 4 in all, n_eff 16 / 10; mean 4.5 */
	found = judged(&evidence, "business", "mean");
	near(found->value, 4.5);
	near(found->n, 1.6);
	assert_true(isnan(found->lower)); /* fewer than two effective rows */
	/* w x: 3 and 15, of variance 72; half: z sqrt(2 * 72) */
	found = judged(&evidence, "business", "sum");
	near(found->value, 18);
	near(found->upper, 18 + Z * 12);
	near(found->n, 2);
	/* nothing of 4 rows of weight 2: Wilson's upper end is z^2 / (4 + z^2) */
	rate.rows = 4;
	tide_sum_add(&rate.weight, 8);
	tide_sum_add(&rate.weight_squares, 16);
	found = judged(&evidence, "business", "rate");
	assert_true(found->value == 0 && found->lower == 0);
	near(found->upper, Z * Z / (4 + Z * Z));
	assert_int_equal(judged(&evidence, "business", "no_mean")->status, TIDE_NO_DATA);
	found = judged(&evidence, "business", "no_sum");
	assert_true(found->status == TIDE_OK && found->value == 0);
	assert_null(judged(&evidence, "business", "other_side"));
	assert_null(judged(&evidence, "business_outcome", "other_side"));
	rate = (struct tide_business_fold){.rows = 1};
	assert_int_equal(judged(&evidence, "business", "rate")->status, TIDE_UNDEFINED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_gauge_is_judged_only_where_the_map_has_it),
	        cmocka_unit_test(a_measure_is_judged_by_its_kind_on_its_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
