#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/kolmogorov.h"
#include "base/rate.h"
#include "base/special.h"
#include "base/statistics.h"

struct point {
	const char *function;
	double args[4];
	double expected;
	double tolerance;	/* relative; 0: absolute 1e-6, as the expansion allows */
};

#include "tests/golden/statistics_table.h"

static double scratch[TIDE_KOLMOGOROV_SCRATCH_COUNT];

static double
rate_value(const char *name, const double *args)
{
	double log10_p;
	double p;

	if (strcmp(name, "wilson_low") == 0)
		return tide_rate_wilson(args[0], args[1], args[2]).low;
	if (strcmp(name, "wilson_high") == 0)
		return tide_rate_wilson(args[0], args[1], args[2]).high;
	if (strcmp(name, "clopper_pearson_low") == 0)
		return tide_rate_clopper_pearson(args[0], args[1], args[2]).low;
	if (strcmp(name, "clopper_pearson_high") == 0)
		return tide_rate_clopper_pearson(args[0], args[1], args[2]).high;
	p = tide_rate_test((uint64_t)args[0], (uint64_t)args[1], (uint64_t)args[2],
		(uint64_t)args[3], &log10_p);
	if (strcmp(name, "rate_test") == 0)
		return p;
	assert_string_equal(name, "rate_test_log10");
	return log10_p;
}

static double
tail_value(const char *name, const double *args)
{
	if (strcmp(name, "normal_sf") == 0)
		return tide_statistics_normal_sf(args[0]);
	if (strcmp(name, "normal_log_sf") == 0)
		return tide_statistics_normal_log_sf(args[0]);
	if (strcmp(name, "normal_quantile") == 0)
		return tide_statistics_normal_quantile(args[0]);
	if (strcmp(name, "t_sf") == 0)
		return tide_statistics_t_sf(args[0], args[1]);
	if (strcmp(name, "t_quantile") == 0)
		return tide_statistics_t_quantile(args[0], args[1]);
	if (strcmp(name, "chi2_sf") == 0)
		return tide_statistics_chi2_sf(args[0], args[1]);
	if (strcmp(name, "chi2_log_sf") == 0)
		return tide_statistics_chi2_log_sf(args[0], args[1]);
	if (strcmp(name, "f_sf") == 0)
		return tide_statistics_f_sf(args[0], args[1], args[2]);
	if (strcmp(name, "f_log_sf") == 0)
		return tide_statistics_f_log_sf(args[0], args[1], args[2]);
	if (strcmp(name, "ncx2_sf") == 0)
		return tide_statistics_ncx2_sf(args[0], args[1], args[2]);
	if (strcmp(name, "ncx2_log_sf") == 0)
		return tide_statistics_ncx2_log_sf(args[0], args[1], args[2]);
	if (strcmp(name, "ncf_sf") == 0)
		return tide_statistics_ncf_sf(args[0], args[1], args[2], args[3]);
	if (strcmp(name, "ncf_log_sf") == 0)
		return tide_statistics_ncf_log_sf(args[0], args[1], args[2], args[3]);
	if (strcmp(name, "kolmogorov_sf") == 0)
		return tide_kolmogorov_sf(args[0], (uint64_t)args[1]);
	if (strcmp(name, "kolmogorov_two") == 0)
		return tide_kolmogorov_two_sample(args[0], (uint64_t)args[1], (uint64_t)args[2],
			scratch, TIDE_KOLMOGOROV_SCRATCH_COUNT);
	return rate_value(name, args);
}

static void
every_value_agrees_with_its_oracle(void **state)
{
	size_t count = sizeof(points) / sizeof(points[0]);
	size_t failures = 0;

	(void)state;
	assert_true(count > 1000);
	for (size_t i = 0; i < count; i++) {
		const struct point *point = &points[i];
		double value = tail_value(point->function, point->args);
		double error = fabs(value - point->expected);
		double allowed = point->tolerance > 0.0 ?
			point->tolerance * fabs(point->expected) + 1e-320 : 1e-6;

		if (error <= allowed)
			continue;
		failures++;
		print_error("%s(%.17g, %.17g, %.17g, %.17g) = %.17g, not %.17g: error %.2g\n",
			point->function, point->args[0], point->args[1], point->args[2],
			point->args[3], value, point->expected,
			error / fabs(point->expected));
	}
	assert_int_equal(failures, 0);
}

static void
nan_and_invalid_parameters_give_nan(void **state)
{
	(void)state;
	assert_true(isnan(tide_statistics_chi2_sf(NAN, 3.0)));
	assert_true(isnan(tide_statistics_chi2_log_sf(1.0, 0.0)));
	assert_true(isnan(tide_statistics_ncx2_sf(1.0, 3.0, -1.0)));
	assert_true(isnan(tide_statistics_ncf_log_sf(1.0, 3.0, NAN, 1.0)));
	assert_true(isnan(tide_statistics_t_sf(1.0, -1.0)));
	assert_true(isnan(tide_statistics_normal_quantile(1.5)));
	assert_true(isnan(tide_rate_wilson(3.0, 2.0, 1.0).low));
	assert_true(isnan(tide_rate_test(3, 2, 0, 1, NULL)));
	assert_true(isnan(tide_kolmogorov_sf(NAN, 10)));
	assert_true(isnan(tide_kolmogorov_two_sample(0.5, 0, 10, NULL, 0)));
	assert_true(isnan(tide_special_gamma_q(-1.0, 1.0)));
}

static void
ends_of_the_range_are_exact(void **state)
{
	(void)state;
	assert_true(tide_statistics_chi2_sf(0.0, 3.0) == 1.0);
	assert_true(tide_statistics_chi2_sf(INFINITY, 3.0) == 0.0);
	assert_true(tide_statistics_ncf_log_sf(INFINITY, 3.0, 4.0, 5.0) == -INFINITY);
	assert_true(tide_statistics_normal_quantile(0.0) == -INFINITY);
	assert_true(tide_statistics_normal_quantile(1.0) == INFINITY);
	assert_true(tide_statistics_t_quantile(0.5, 4.0) == 0.0);
	assert_true(tide_rate_wilson(0.0, 7.0, 1.96).low == 0.0);
	assert_true(tide_rate_wilson(7.0, 7.0, 1.96).high == 1.0);
	assert_true(tide_rate_clopper_pearson(0.0, 0.0, 0.05).high == 1.0);
	assert_true(tide_rate_test(0, 5, 0, 9, NULL) == 1.0);
	assert_true(tide_kolmogorov_sf(1.0, 10) == 0.0);
	assert_true(tide_kolmogorov_two_sample(0.0, 5, 6, scratch, 6) == 1.0);
}

static void
f_with_infinite_denominator_is_chi_square(void **state)
{
	(void)state;
	assert_true(tide_statistics_f_sf(2.0, 5.0, INFINITY) ==
		tide_statistics_chi2_sf(10.0, 5.0));
}

static void
two_samples_without_scratch_fall_back_to_the_limit(void **state)
{
	(void)state;
	assert_true(tide_kolmogorov_two_sample(0.3, 30, 60, NULL, 0) ==
		tide_kolmogorov_sf(0.3, 20));
	assert_true(tide_kolmogorov_two_sample(0.01, 20000, 30000, NULL, 0) ==
		tide_kolmogorov_sf(0.01, 12000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_value_agrees_with_its_oracle),
		cmocka_unit_test(nan_and_invalid_parameters_give_nan),
		cmocka_unit_test(ends_of_the_range_are_exact),
		cmocka_unit_test(f_with_infinite_denominator_is_chi_square),
		cmocka_unit_test(two_samples_without_scratch_fall_back_to_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
