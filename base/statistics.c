#include "base/statistics.h"

#include <math.h>
#include <stdbool.h>

#include "base/special.h"

#define SQRT_HALF 0.70710678118654752440
#define LN_2 0.69314718055994530942

/* Terms this far (in ln) below the largest are left out of a mixture: e^-50 = 2e-22. */
#define MIXTURE_REACH 50.0

double
tide_statistics_normal_sf(double x)
{
	return 0.5 * erfc(x * SQRT_HALF);
}

double
tide_statistics_normal_log_sf(double x)
{
	if (x > 1.0)
		return tide_special_gamma_q_log(0.5, 0.5 * x * x) - LN_2;
	if (x < -1.0)
		return log1p(-tide_statistics_normal_sf(-x));
	return log(tide_statistics_normal_sf(x));
}

/* Ratio of two polynomials of degree 7, coefficients from the constant up. */
static double
rational(const double top[8], const double bottom[8], double x)
{
	double numerator = top[7];
	double denominator = bottom[7];

	for (int i = 6; i >= 0; i--) {
		numerator = numerator * x + top[i];
		denominator = denominator * x + bottom[i];
	}
	return numerator / denominator;
}

/* AS 241: |p - 1/2| <= 0.425 in r = 0.425^2 - (p - 1/2)^2. */
static const double centre_top[8] = {
	3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
	1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
	3.3430575583588128105e4, 2.5090809287301226727e3,
};
static const double centre_bottom[8] = {
	1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
	2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4,
	5.2264952788528545610e3,
};
/* AS 241: r = sqrt(-ln tail) in (1.6, 5], as a function of r - 1.6. */
static const double middle_top[8] = {
	1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
	3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
	2.27238449892691845833e-2, 7.74545014278341407640e-4,
};
static const double middle_bottom[8] = {
	1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
	1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
	1.05075007164441684324e-9,
};
/* AS 241: r > 5, as a function of r - 5. */
static const double far_top[8] = {
	6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
	2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
	2.71155556874348757815e-5, 2.01033439929228813265e-7,
};
static const double far_bottom[8] = {
	1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
	7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
	2.04426310338993978564e-15,
};

double
tide_statistics_normal_quantile(double p)
{
	double centred = p - 0.5;
	double r, x;

	if (!(p >= 0.0 && p <= 1.0))
		return NAN;
	if (fabs(centred) <= 0.425)
		return centred * rational(centre_top, centre_bottom, 0.180625 - centred * centred);
	r = centred < 0.0 ? p : 1.0 - p;
	if (r == 0.0)
		return centred < 0.0 ? -INFINITY : INFINITY;
	r = sqrt(-log(r));
	if (r <= 5.0)
		x = rational(middle_top, middle_bottom, r - 1.6);
	else
		x = rational(far_top, far_bottom, r - 5.0);
	return centred < 0.0 ? -x : x;
}

double
tide_statistics_t_sf(double x, double df)
{
	double tail;

	if (isnan(x) || !(df > 0.0))
		return NAN;
	if (isinf(df))
		return tide_statistics_normal_sf(x);
	if (fabs(x) > 1e150)
		tail = isinf(x) ? 0.0 : 0.5 * exp(
			tide_special_beta_kernel_log(0.5, 0.5 * df, 1e300 / df) +
			log(2.0 / df) - df * log(fabs(x) / 1e150));
	else
		tail = 0.5 * tide_special_beta_q(0.5, 0.5 * df, x * x / df);
	return x < 0.0 ? 1.0 - tail : tail;
}

double
tide_statistics_t_quantile(double p, double df)
{
	double tail = p < 0.5 ? p : 1.0 - p;
	double size;

	if (!(p >= 0.0 && p <= 1.0) || !(df > 0.0))
		return NAN;
	if (isinf(df))
		return tide_statistics_normal_quantile(p);
	/* 1 - 2 tail is exact for tail >= 1/4, and not used below. */
	size = sqrt(df) *
		sqrt(tide_special_beta_quantile(0.5, 0.5 * df, 1.0 - 2.0 * tail, 2.0 * tail));
	return p < 0.5 ? -size : size;
}

/**
 * A tail that is a Poisson(rate) mixture over j of the upper tails of Gamma(a + j, 1) at x, or of
 * Beta(a + j, b) at the odds x when b is finite. rate = 0 is the tail itself.
 */
struct mixture {
	double a;	/* first shape, > 0 */
	double b;	/* second shape, infinite for gamma */
	double x;	/* point, or odds */
	double rate;	/* mean of the Poisson weights, lambda / 2 */
};

static double
mixture_tail_log(const struct mixture *mixture, double j)
{
	if (isinf(mixture->b))
		return tide_special_gamma_q_log(mixture->a + j, mixture->x);
	return tide_special_beta_q_log(mixture->a + j, mixture->b, mixture->x);
}

/* ln of tail(a + j + 1) - tail(a + j), which is positive: kernel / (a + j). */
static double
mixture_step_log(const struct mixture *mixture, double j)
{
	double a = mixture->a + j;

	if (isinf(mixture->b))
		return tide_special_gamma_kernel_log(a, mixture->x) - log(a);
	return tide_special_beta_kernel_log(a, mixture->b, mixture->x) - log(a);
}

/* The ratio of two successive steps. */
static double
mixture_step_ratio(const struct mixture *mixture, double j)
{
	double a = mixture->a + j;

	if (isinf(mixture->b))
		return mixture->x / (a + 1.0);
	return mixture->x / (1.0 + mixture->x) * (a + mixture->b) / (a + 1.0);
}

static double
mixture_weight_log(const struct mixture *mixture, double j)
{
	double rate = mixture->rate;

	if (j == 0.0)
		return -rate;
	return -tide_special_deviance(j, rate, rate - j) - tide_special_stirling_error(j) -
		0.5 * log(j) - 0.91893853320467274178;
}

static double
mixture_term_log(const struct mixture *mixture, double j)
{
	return mixture_weight_log(mixture, j) + mixture_tail_log(mixture, j);
}

/* The j of the largest term: terms are log-concave in j, so their differences change sign once. */
static double
mixture_mode(const struct mixture *mixture)
{
	double rate = mixture->rate;
	double low = 0.0;
	/* A tail grows by less than the factor 1 + reach / (a + j) a step: no mode beyond this. */
	double reach = isinf(mixture->b) ? mixture->x : mixture->b;
	double high = floor(rate + sqrt(rate * reach) + 2.0);

	while (high - low >= 1.0) {
		double j = floor(0.5 * (low + high));

		if (mixture_term_log(mixture, j + 1.0) > mixture_term_log(mixture, j))
			low = j + 1.0;
		else
			high = j;
	}
	return low;
}

/* The first j whose term is worth adding, given the mode and its term. */
static double
mixture_start(const struct mixture *mixture, double mode, double peak)
{
	double low = 0.0;
	double high = mode;

	while (high - low >= 1.0) {
		double j = floor(0.5 * (low + high));

		if (mixture_term_log(mixture, j) < peak - MIXTURE_REACH)
			low = j + 1.0;
		else
			high = j;
	}
	return low;
}

/*
 * ln of the tail. The sum climbs from below the mode, where tail(a + 1) = tail(a) + step only
 * adds. Terms and steps carry their Poisson weight, relative to the largest term: weight and tail
 * alone can leave the range of a double where their product does not.
 */
static double
mixture_log(const struct mixture *mixture)
{
	double mode, peak, j, term, step;
	double sum = 0.0;

	if (mixture->x <= 0.0)
		return 0.0;
	if (isinf(mixture->x))
		return -INFINITY;
	if (mixture->rate == 0.0)
		return mixture_tail_log(mixture, 0.0);
	mode = mixture_mode(mixture);
	peak = mixture_term_log(mixture, mode);
	j = mixture_start(mixture, mode, peak);
	term = exp(mixture_term_log(mixture, j) - peak);
	step = exp(mixture_weight_log(mixture, j) + mixture_step_log(mixture, j) - peak);
	while (j <= mode || term > 1e-21 * sum) {
		double weight_ratio = mixture->rate / (j + 1.0);

		sum += term;
		term = (term + step) * weight_ratio;
		step *= mixture_step_ratio(mixture, j) * weight_ratio;
		j += 1.0;
	}
	return fmin(0.0, peak + log(sum));
}

/* The logarithm of a probability near 1 is worth no more than the probability. */
static double
mixture_sf(const struct mixture *mixture)
{
	if (mixture->x <= 0.0)
		return 1.0;
	if (isinf(mixture->x))
		return 0.0;
	if (mixture->rate > 0.0)
		return exp(mixture_log(mixture));
	if (isinf(mixture->b))
		return tide_special_gamma_q(mixture->a, mixture->x);
	return tide_special_beta_q(mixture->a, mixture->b, mixture->x);
}

static bool
chi2_mixture(struct mixture *mixture, double x, double df, double lambda)
{
	mixture->a = 0.5 * df;
	mixture->b = INFINITY;
	mixture->x = 0.5 * x;
	mixture->rate = 0.5 * lambda;
	return !isnan(x) && df > 0.0 && !isinf(df) && lambda >= 0.0 && !isinf(lambda);
}

static bool
f_mixture(struct mixture *mixture, double x, double d1, double d2, double lambda)
{
	bool valid = chi2_mixture(mixture, d1 * x, d1, lambda) && d2 > 0.0;

	if (valid && !isinf(d2)) {
		mixture->b = 0.5 * d2;
		mixture->x = d1 * x / d2;
	}
	return valid;
}

double
tide_statistics_chi2_sf(double x, double df)
{
	return tide_statistics_ncx2_sf(x, df, 0.0);
}

double
tide_statistics_chi2_log_sf(double x, double df)
{
	return tide_statistics_ncx2_log_sf(x, df, 0.0);
}

double
tide_statistics_ncx2_sf(double x, double df, double lambda)
{
	struct mixture mixture;

	return chi2_mixture(&mixture, x, df, lambda) ? mixture_sf(&mixture) : NAN;
}

double
tide_statistics_ncx2_log_sf(double x, double df, double lambda)
{
	struct mixture mixture;

	return chi2_mixture(&mixture, x, df, lambda) ? mixture_log(&mixture) : NAN;
}

double
tide_statistics_f_sf(double x, double d1, double d2)
{
	return tide_statistics_ncf_sf(x, d1, d2, 0.0);
}

double
tide_statistics_f_log_sf(double x, double d1, double d2)
{
	return tide_statistics_ncf_log_sf(x, d1, d2, 0.0);
}

double
tide_statistics_ncf_sf(double x, double d1, double d2, double lambda)
{
	struct mixture mixture;

	return f_mixture(&mixture, x, d1, d2, lambda) ? mixture_sf(&mixture) : NAN;
}

double
tide_statistics_ncf_log_sf(double x, double d1, double d2, double lambda)
{
	struct mixture mixture;

	return f_mixture(&mixture, x, d1, d2, lambda) ? mixture_log(&mixture) : NAN;
}
