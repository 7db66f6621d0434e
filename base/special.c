#include "base/special.h"

#include <math.h>
#include <stdbool.h>

#define LOG_SQRT_TWO_PI 0.91893853320467274178
#define ITERATIONS_MAX 1000000

/* Where the asymptotic series of the Stirling error is exact to a double. */
#define STIRLING_MIN 16.0

/* Beyond these log-odds, exp() of them leaves the doubles. */
#define LOG_ODDS_MAX 700.0

double
tide_special_stirling_error(double x)
{
	double error = 0.0;
	double inverse, square;

	if (!(x > 0.0))
		return NAN;
	/* e(x) = e(x + 1) + (x + 1/2) ln(1 + 1/x) - 1 climbs to where the series holds. */
	while (x < STIRLING_MIN) {
		error += (x + 0.5) * log1p(1.0 / x) - 1.0;
		x += 1.0;
	}
	inverse = 1.0 / x;
	square = inverse * inverse;
	error += inverse * (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 -
		square * (1.0 / 1680.0 - square * (1.0 / 1188.0 - square * (691.0 / 360360.0 -
		square / 156.0))))));
	return error;
}

double
tide_special_log_gamma(double x)
{
	if (!(x > 0.0))
		return NAN;
	if (isinf(x))
		return x;
	/* x ln x - x in one product: for large x the two would cancel to fewer digits. */
	return x * (log(x) - 1.0) + (LOG_SQRT_TWO_PI - 0.5 * log(x)) +
		tide_special_stirling_error(x);
}

/* t - ln(1 + t) for -0.6 <= t <= 1.5, by 2 atanh(t / (2 + t)) with its leading term cancelled. */
static double
log1p_gap(double t)
{
	double r = t / (2.0 + t);
	double square = r * r;
	double power = 1.0;
	double sum = 0.0;

	for (int k = 3; k < 99; k += 2) {
		double term = power / k;

		sum += term;
		if (term < 1e-17 * sum)
			break;
		power *= square;
	}
	return r * t - 2.0 * r * square * sum;
}

double
tide_special_deviance(double x, double mean, double excess)
{
	double t;

	if (!(x >= 0.0) || !(mean >= 0.0))
		return NAN;
	if (x == 0.0)
		return mean;
	if (mean == 0.0 || isinf(mean))
		return INFINITY;
	t = excess / x;
	if (t >= -0.6 && t <= 1.5)
		return x * log1p_gap(t);
	return excess - x * log(mean / x);
}

double
tide_special_gamma_kernel_log(double a, double x)
{
	if (!(a > 0.0) || !(x >= 0.0))
		return NAN;
	return 0.5 * log(a) - LOG_SQRT_TWO_PI - tide_special_stirling_error(a) -
		tide_special_deviance(a, x, x - a);
}

/* DLMF 8.7.1: P / kernel = (1 + x/(a+1) + x^2/((a+1)(a+2)) + ...) / a, all terms positive. */
static double
gamma_series(double a, double x)
{
	double term = 1.0 / a;
	double sum = term;

	for (int i = 1; i < ITERATIONS_MAX; i++) {
		term *= x / (a + i);
		sum += term;
		if (term < 1e-17 * sum)
			break;
	}
	return sum;
}

/* DLMF 8.9.2, even part: Q / kernel as a continued fraction, x >= a + 1. */
static double
gamma_fraction(double a, double x)
{
	double partial = x + 1.0 - a;
	double c = HUGE_VAL;
	double d = 1.0 / partial;
	double value = d;

	for (int i = 1; i < ITERATIONS_MAX; i++) {
		double numerator = -i * (i - a);
		double delta;

		partial += 2.0;
		d = 1.0 / (numerator * d + partial);
		c = partial + numerator / c;
		delta = c * d;
		value *= delta;
		if (fabs(delta - 1.0) < 3e-16)
			break;
	}
	return value;
}

static bool
gamma_valid(double a, double x)
{
	return a > 0.0 && !isinf(a) && !isnan(x);
}

/* True where the series for P is used, and Q = 1 - P loses nothing. */
static bool
gamma_by_series(double a, double x)
{
	return x < a + 1.0;
}

double
tide_special_gamma_p(double a, double x)
{
	if (!gamma_valid(a, x))
		return NAN;
	if (x <= 0.0)
		return 0.0;
	if (isinf(x))
		return 1.0;
	if (gamma_by_series(a, x))
		return fmin(1.0, exp(tide_special_gamma_kernel_log(a, x)) * gamma_series(a, x));
	return 1.0 - tide_special_gamma_q(a, x);
}

double
tide_special_gamma_q(double a, double x)
{
	if (!gamma_valid(a, x))
		return NAN;
	if (x <= 0.0)
		return 1.0;
	if (isinf(x))
		return 0.0;
	if (gamma_by_series(a, x))
		return 1.0 - tide_special_gamma_p(a, x);
	return fmin(1.0, exp(tide_special_gamma_q_log(a, x)));
}

double
tide_special_gamma_q_log(double a, double x)
{
	if (!gamma_valid(a, x))
		return NAN;
	if (x <= 0.0)
		return 0.0;
	if (isinf(x))
		return -INFINITY;
	if (gamma_by_series(a, x))
		return log1p(-tide_special_gamma_p(a, x));
	return tide_special_gamma_kernel_log(a, x) + log(gamma_fraction(a, x));
}

double
tide_special_beta_kernel_log(double a, double b, double odds)
{
	double n = a + b;
	double y = odds / (1.0 + odds);
	double rest = 1.0 / (1.0 + odds);
	/* n y - a, without the cancellation of the two. */
	double excess = (b * odds - a) / (1.0 + odds);

	if (!(a > 0.0) || !(b > 0.0) || !(odds >= 0.0))
		return NAN;
	if (odds == 0.0 || isinf(odds))
		return -INFINITY;
	return 0.5 * log(a * (b / n)) - LOG_SQRT_TWO_PI + tide_special_stirling_error(n) -
		tide_special_stirling_error(a) - tide_special_stirling_error(b) -
		tide_special_deviance(a, n * y, excess) -
		tide_special_deviance(b, n * rest, -excess);
}

/*
 * I_y(a, b) / kernel as a continued fraction, for y < (a + 1) / (a + b + 2). `rest` is 1 - y and
 * `gap` is a rest - b y: passed, because for y near 1 or for large parameters they would cancel.
 */
static double
beta_fraction(double a, double b, double y, double rest, double gap)
{
	double value = a * (gap + 1.0) / (a + 1.0);
	double c = value;
	double d = 0.0;

	for (int m = 1; m < ITERATIONS_MAX; m++) {
		double odd = a + 2.0 * m - 1.0;
		double numerator = (a + m - 1.0) / odd * ((a + b + m - 1.0) / odd) *
			(m * y) * ((b - m) * y);
		double partial = m + m * (b - m) * y / odd +
			(a + m) * (gap + 1.0 + m * (1.0 + rest)) / (odd + 2.0);
		double delta;

		d = 1.0 / (partial + numerator * d);
		c = partial + numerator / c;
		delta = c * d;
		value *= delta;
		if (fabs(delta - 1.0) < 3e-16)
			break;
	}
	return 1.0 / value;
}

static bool
beta_valid(double a, double b, double odds)
{
	return a > 0.0 && b > 0.0 && !isinf(a) && !isinf(b) && !isnan(odds);
}

/* True where the fraction for P converges: y < (a + 1) / (a + b + 2), in odds. */
static bool
beta_by_p(double a, double b, double odds)
{
	return odds * (b + 1.0) < a + 1.0;
}

/* ln P where beta_by_p, from the fraction. */
static double
beta_p_log(double a, double b, double odds)
{
	double y = odds / (1.0 + odds);
	double rest = 1.0 / (1.0 + odds);
	double gap = (a - b * odds) / (1.0 + odds);

	return tide_special_beta_kernel_log(a, b, odds) + log(beta_fraction(a, b, y, rest, gap));
}

/* ln Q elsewhere: Q is the P of (b, a) at the inverse odds. */
static double
beta_q_log(double a, double b, double odds)
{
	double y = odds / (1.0 + odds);
	double rest = 1.0 / (1.0 + odds);
	double gap = (b * odds - a) / (1.0 + odds);

	return tide_special_beta_kernel_log(a, b, odds) + log(beta_fraction(b, a, rest, y, gap));
}

double
tide_special_beta_p(double a, double b, double odds)
{
	if (!beta_valid(a, b, odds))
		return NAN;
	if (odds <= 0.0)
		return 0.0;
	if (isinf(odds))
		return 1.0;
	if (beta_by_p(a, b, odds))
		return fmin(1.0, exp(beta_p_log(a, b, odds)));
	return fmax(0.0, -expm1(beta_q_log(a, b, odds)));
}

double
tide_special_beta_q(double a, double b, double odds)
{
	if (!beta_valid(a, b, odds))
		return NAN;
	if (odds <= 0.0)
		return 1.0;
	if (isinf(odds))
		return 0.0;
	if (beta_by_p(a, b, odds))
		return fmax(0.0, -expm1(beta_p_log(a, b, odds)));
	return fmin(1.0, exp(beta_q_log(a, b, odds)));
}

double
tide_special_beta_q_log(double a, double b, double odds)
{
	if (!beta_valid(a, b, odds))
		return NAN;
	if (odds <= 0.0)
		return 0.0;
	if (isinf(odds))
		return -INFINITY;
	if (beta_by_p(a, b, odds))
		return log1p(-fmin(1.0, exp(beta_p_log(a, b, odds))));
	return fmin(0.0, beta_q_log(a, b, odds));
}

/* The log-odds where the upper tail is q <= 1/2. */
static double
beta_log_odds(double a, double b, double q)
{
	double target = log(q);
	double v = log(a / b);

	for (int i = 0; i < 200; i++) {
		double odds = exp(v);
		double tail = tide_special_beta_q_log(a, b, odds);
		double slope = exp(tide_special_beta_kernel_log(a, b, odds) - tail);
		double step = (tail - target) / slope;

		/* The first step may overshoot the end; a second one says the root is beyond. */
		if (v >= LOG_ODDS_MAX && step > 0.0)
			return INFINITY;
		v = fmin(v + step, LOG_ODDS_MAX);
		if (!(v > -LOG_ODDS_MAX))
			return -INFINITY;
		if (fabs(step) < 1e-15 * fmax(1.0, fabs(v)))
			break;
	}
	return v;
}

double
tide_special_beta_quantile(double a, double b, double p, double q)
{
	if (!beta_valid(a, b, 1.0) || !(p >= 0.0 && p <= 1.0) || !(q >= 0.0 && q <= 1.0))
		return NAN;
	if (p == 0.0)
		return 0.0;
	if (q == 0.0)
		return INFINITY;
	if (q <= p)
		return exp(beta_log_odds(a, b, q));
	return exp(-beta_log_odds(b, a, p));
}
