#include "base/ranks.h"
#include "base/statistics.h"
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#define PI 3.14159265358979323846
#define CRAMER_EXACT_MAX 20
#define WHITNEY_EXACT_MAX 8

/* One value of the pooled samples: how many of each side are equal to it, and less. */
struct tie {
	double value;
	size_t x, y, x_before, y_before;
};

static bool
tie_next(const struct tide_ranks *ranks, struct tie *tie)
{
	size_t i = tie->x_before += tie->x, j = tie->y_before += tie->y;
	const double *x = ranks->x, *y = ranks->y;

	if (i == ranks->n && j == ranks->m)
		return false;
	tie->value = j == ranks->m || (i < ranks->n && x[i] < y[j]) ? x[i] : y[j];
	while (i < ranks->n && x[i] <= tie->value)
		i++;
	while (j < ranks->m && y[j] <= tie->value)
		j++;
	tie->x = i - tie->x_before;
	tie->y = j - tie->y_before;
	return true;
}

/* Variance of the Anderson-Darling statistic of two samples, N values in all. */
static double
anderson_variance(double n, double m)
{
	double N = n + m, H = 1 / n + 1 / m, h = 0, g = 0;

	for (double i = 2; i < N; i++) {
		h += 1 / (N + 1 - i);
		g += h / i;
	}
	h += 1;
	double a = (4 * g - 6) + (10 - 6 * g) * H;
	double b = (2 * g - 4) * 4 + 16 * h + (2 * g - 14 * h - 4) * H - 8 * h + 4 * g - 6;
	double c = (6 * h + 2 * g - 2) * 4 + (4 * h - 4 * g + 6) * 2 + (2 * h - 6) * H + 4 * h;
	double d = (2 * h + 6) * 4 - 8 * h;
	return (((a * N + b) * N + c) * N + d) / ((N - 1) * (N - 2) * (N - 3));
}

/* The parabola through ln p at the critical values of two samples, least squares. */
static double
anderson_p(double square)
{
	static const double critical[] = {.325, 1.226, 1.961, 2.718, 3.752, 4.592, 6.546};
	static const double level[] = {.25, .1, .05, .025, .01, .005, .001};
	double power[5] = {0}, right[3] = {0};

	if (square < critical[0])
		return level[0];
	if (square > critical[6])
		return level[6];
	for (size_t i = 0; i < 7; i++)
		for (size_t j = 0; j < 5; j++) {
			power[j] += pow(critical[i], (double)j);
			if (j < 3)
				right[j] += pow(critical[i], (double)j) * log(level[i]);
		}
	/* the normal equations by Cramer's rule; minors of their symmetric matrix */
	double a = power[2] * power[4] - power[3] * power[3];
	double b = power[2] * power[3] - power[1] * power[4];
	double c = power[1] * power[3] - power[2] * power[2];
	double d = power[0] * power[4] - power[2] * power[2];
	double e = power[1] * power[2] - power[0] * power[3];
	double f = power[0] * power[2] - power[1] * power[1];
	double whole = power[0] * a + power[1] * b + power[2] * c;
	return exp((a * right[0] + b * right[1] + c * right[2] +
	            square * (b * right[0] + d * right[1] + e * right[2] +
	                      square * (c * right[0] + e * right[1] + f * right[2]))) /
	           whole);
}

struct tide_ranks_test
tide_ranks_anderson_darling(const struct tide_ranks *ranks)
{
	double n = (double)ranks->n, m = (double)ranks->m, total = n + m, x = 0, y = 0;
	struct tie tie = {0};

	while (tie_next(ranks, &tie)) {
		double here = (double)(tie.x + tie.y);
		double rank = (double)(tie.x_before + tie.y_before) + here / 2;
		double off = total * ((double)tie.x_before + (double)tie.x / 2) - rank * n;
		double scale = here / total / (rank * (total - rank) - total * here / 4);
		if (here == total || total < 4)
			return (struct tide_ranks_test){NAN, NAN};
		x += scale * off * off;
		off = total * ((double)tie.y_before + (double)tie.y / 2) - rank * m;
		y += scale * off * off;
	}
	double square = (x / n + y / m) * (total - 1) / total;
	square = (square - 1) / sqrt(anderson_variance(n, m));
	return (struct tide_ranks_test){square, anderson_p(square)};
}

/* e^-q K(q), K the modified Bessel function of order 1/4: integral of
 * exp(-q (1 + cosh t)) cosh(t / 4) over t > 0 by the trapezoid rule, which is exact to 1e-60. */
static double
bessel_scaled(double q)
{
	double step = 1. / 16, sum = exp(-2 * q) / 2;

	for (double t = step; q * (1 + cosh(t)) < 50; t += step)
		sum += exp(-q * (1 + cosh(t))) * cosh(t / 4);
	return step * sum;
}

/* The limit law of the statistic of one sample, to seven digits. */
static double
cramer_cdf(double x)
{
	double sum = 0, term = 1;

	for (double k = 0; fabs(term) >= 1e-7; k++) {
		double y = 4 * k + 1;
		term = exp(lgamma(k + .5) - lgamma(k + 1)) / (pow(PI, 1.5) * sqrt(x)) * sqrt(y) *
		       bessel_scaled(y * y / (16 * x));
		sum += term;
	}
	return sum;
}

/* Sum of (2 (midrank - place))^2 over the `here` values of a side that are tied. */
static uint64_t
displacement(size_t here, size_t others_before, size_t others)
{
	uint64_t sum = 0;

	for (size_t k = 1; k <= here; k++) {
		int64_t off = (int64_t)(2 * others_before + here + others + 1) - (int64_t)(2 * k);
		sum += (uint64_t)(off * off);
	}
	return sum;
}

struct tide_ranks_test
tide_ranks_cramer_von_mises(const struct tide_ranks *ranks)
{
	double n = (double)ranks->n, m = (double)ranks->m, k = n * m, total = n + m;
	struct tide_ranks_test test = {NAN, NAN};
	uint64_t x = 0, y = 0;
	struct tie tie = {0};

	if (ranks->n < 2 || ranks->m < 2)
		return test;
	while (tie_next(ranks, &tie)) {
		x += displacement(tie.x, tie.y_before, tie.y);
		y += displacement(tie.y, tie.x_before, tie.x);
	}
	test.statistic = ((double)x / m + (double)y / n) / (4 * total) -
	                 (4 * k - 1) / (6 * total);
	if (ranks->n <= CRAMER_EXACT_MAX && ranks->m <= CRAMER_EXACT_MAX)
		return test;
	double mean = (1 + 1 / total) / 6;
	double variance = (total + 1) * (4 * k * total - 3 * (n * n + m * m) - 2 * k) /
	                  (45 * total * total * 4 * k);
	double limit = 1. / 6 + (test.statistic - mean) / sqrt(45 * variance);
	test.p_value = limit < .003 ? 1 : fmax(0, 1 - cramer_cdf(limit));
	return test;
}

struct tide_ranks_test
tide_ranks_mann_whitney(const struct tide_ranks *ranks, int less)
{
	double n = (double)ranks->n, m = (double)ranks->m, total = n + m, rank = 0, ties = 0;
	struct tide_ranks_test test = {NAN, NAN};
	struct tie tie = {0};

	while (tie_next(ranks, &tie)) {
		double here = (double)(tie.x + tie.y);
		rank += (double)tie.x * ((double)(tie.x_before + tie.y_before) + (here + 1) / 2);
		ties += here * (here * here - 1);
	}
	test.statistic = rank - n * (n + 1) / 2;
	double deviation = sqrt(n * m / 12 * (total + 1 - ties / (total * (total - 1))));
	bool few = ranks->n <= WHITNEY_EXACT_MAX || ranks->m <= WHITNEY_EXACT_MAX;
	if ((few && ties <= 0) || !(deviation > 0))
		return test;
	double other = n * m - test.statistic;
	double u = less ? other : fmax(test.statistic, other);
	double p = tide_statistics_normal_sf((u - n * m / 2 - .5) / deviation);
	test.p_value = less ? p : fmin(1, 2 * p);
	return test;
}

double
tide_ranks_energy_distance(const struct tide_ranks *ranks)
{
	double sum = 0, last = 0, difference = 0;
	struct tie tie = {0};

	while (tie_next(ranks, &tie)) {
		sum += difference * difference * (tie.value - last);
		last = tie.value;
		difference = (double)(tie.x_before + tie.x) / (double)ranks->n -
		             (double)(tie.y_before + tie.y) / (double)ranks->m;
	}
	return sqrt(2 * sum);
}
