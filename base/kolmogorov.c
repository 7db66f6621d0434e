#include "base/kolmogorov.h"

#include <math.h>

#include "base/special.h"

#define PI 3.14159265358979323846
#define SQRT_TWO_PI 2.50662827463100050242
#define LOG_SQRT_TWO_PI 0.91893853320467274178

/* Up to this n, and n d^2 < 4, the matrix is applied; its order is then below 64. */
#define MATRIX_POINTS_MAX 256
#define MATRIX_ORDER_MAX 64

/* The one-sided tail sums no more than about this many of its n terms. */
#define TAIL_TERMS 2048

/** The matrix of Durbin by its parts: it is constant along diagonals but for the edges. */
struct matrix {
	int order;
	double diagonal[MATRIX_ORDER_MAX + 1];	/* 1 / i! at distance i - 1 below the diagonal */
	double edge[MATRIX_ORDER_MAX + 1];	/* h^i / i!, to subtract on column 0 and last row */
	double corner;				/* to add at the last row of column 0 */
};

static void
matrix_start(struct matrix *matrix, int order, double h)
{
	matrix->order = order;
	matrix->diagonal[0] = 1.0;
	matrix->edge[0] = 1.0;
	matrix->corner = h > 0.5 ? 1.0 : 0.0;
	for (int i = 1; i <= order; i++) {
		matrix->diagonal[i] = matrix->diagonal[i - 1] / i;
		matrix->edge[i] = matrix->edge[i - 1] * h / i;
		matrix->corner *= (2.0 * h - 1.0) / i;
	}
}

static void
matrix_apply(const struct matrix *matrix, double *vector, double scale)
{
	double result[MATRIX_ORDER_MAX];
	int order = matrix->order;
	int last = order - 1;

	for (int i = 0; i < order; i++) {
		double sum = -matrix->edge[i + 1] * vector[0];

		for (int j = 0; j <= i + 1 && j < order; j++)
			sum += matrix->diagonal[i - j + 1] * vector[j];
		result[i] = sum;
	}
	for (int j = 0; j < order; j++)
		result[last] -= matrix->edge[order - j] * vector[j];
	result[last] += matrix->corner * vector[0];
	for (int i = 0; i < order; i++)
		vector[i] = result[i] * scale;
}

/* Pr(D_n < d): n! / n^n times the middle element of the n-th power of the matrix. */
static double
matrix_cdf(double d, int n)
{
	struct matrix matrix;
	double vector[MATRIX_ORDER_MAX] = { 0.0 };
	int k = (int)(n * d) + 1;

	matrix_start(&matrix, 2 * k - 1, k - n * d);
	vector[k - 1] = 1.0;
	for (int i = 1; i <= n; i++)
		matrix_apply(&matrix, vector, (double)i / n);
	return vector[k - 1];
}

/* Pelz and Good's expansion of Pr(D_n < d) in powers of 1 / sqrt(n), z = d sqrt(n). */
static double
expansion_cdf(double d, double n)
{
	double z = d * sqrt(n);
	double z2 = z * z, z4 = z2 * z2, z6 = z4 * z2;
	double k0 = 0.0, k1 = 0.0, k2 = 0.0, k3 = 0.0;

	for (int k = 0; k < 64; k++) {
		double odd = (2 * k + 1) * (2 * k + 1) * PI * PI / 4.0;
		double whole = (k + 1) * (k + 1) * PI * PI;
		double at_odd = exp(-odd / (2.0 * z2));
		double at_whole = exp(-whole / (2.0 * z2));

		k0 += at_odd;
		k1 += (odd - z2) * at_odd;
		k2 += (6.0 * z6 + 2.0 * z4 + (2.0 * z4 - 5.0 * z2) * odd +
			(1.0 - 2.0 * z2) * odd * odd) * at_odd;
		k2 -= 2.0 * z4 * whole * at_whole;
		k3 += (-30.0 * z6 - 90.0 * z4 * z4 + (135.0 * z4 - 96.0 * z6) * odd +
			(212.0 * z4 - 60.0 * z2) * odd * odd +
			(5.0 - 30.0 * z2) * odd * odd * odd) * at_odd;
		k3 += 30.0 * z4 * whole * (3.0 * z2 - whole) * at_whole;
		if (at_odd < 1e-30 * k0)
			break;
	}
	if (k0 == 0.0)
		return 0.0;
	return SQRT_TWO_PI * (k0 / z + k1 / (6.0 * z4 * sqrt(n)) + k2 / (72.0 * z6 * z * n) +
		k3 / (6480.0 * z6 * z4 * n * sqrt(n)));
}

/* One term of the one-sided tail: d / y times the binomial probability of j at y = d + j / n. */
static double
tail_term(double d, double n, double j)
{
	double expected = n * d + j;
	double rest = n - j - n * d;

	if (j == 0.0)
		return exp(n * log1p(-d));
	if (rest <= 0.0)
		return 0.0;
	return n * d / expected * exp(0.5 * log(n / (j * (n - j))) - LOG_SQRT_TWO_PI +
		tide_special_stirling_error(n) - tide_special_stirling_error(j) -
		tide_special_stirling_error(n - j) - tide_special_deviance(j, expected, n * d) -
		tide_special_deviance(n - j, rest, -n * d));
}

/*
 * One-sided tail of Birnbaum and Tingey. For large n the terms are a smooth bump that is flat at
 * both ends, where every stride-th term times the stride has the same sum to many digits.
 */
static double
tail_one_sided(double d, double n)
{
	double stride = floor(n / TAIL_TERMS);
	double sum = 0.0;

	if (stride < 1.0)
		stride = 1.0;
	for (double j = 0.0; j <= n * (1.0 - d) && j < n; j += stride)
		sum += tail_term(d, n, j);
	return sum * stride;
}

double
tide_kolmogorov_sf(double d, uint64_t n)
{
	double count = (double)n;
	double square = count * d * d;

	if (isnan(d) || n == 0)
		return NAN;
	if (count * d <= 0.5)
		return 1.0;
	if (d >= 1.0)
		return 0.0;
	/* Both sides at once are impossible from d = 1/2 on, and as rare as exp(-8 n d^2). */
	if (d >= 0.5 || square >= 4.0 || (n > MATRIX_POINTS_MAX && square >= 2.2))
		return fmin(1.0, 2.0 * tail_one_sided(d, count));
	if (n <= MATRIX_POINTS_MAX)
		return fmin(1.0, fmax(0.0, 1.0 - matrix_cdf(d, (int)n)));
	return fmin(1.0, fmax(0.0, 1.0 - expansion_cdf(d, count)));
}

/* Share of the paths of n + n steps that leave |x - y| < h, as a nested alternating sum. */
static double
square_outside(int64_t n, int64_t h)
{
	double share = 0.0;

	for (int64_t k = n / h; k >= 0; k--) {
		double factor = 1.0;

		for (int64_t j = 0; j < h; j++)
			factor *= (double)(n - k * h - j) / (double)(n + k * h + j + 1);
		share = factor * (1.0 - share);
	}
	return 2.0 * share;
}

/* One column of the paths: low <= y <= high is inside. Both ends only rise with x. */
struct lane {
	int64_t x, low, high;
};

#define LANES 4 /* columns under way at once, each a row behind the one before it */

/* A step is a division that waits for the one below it: so the lanes' steps are done in turn. In
 * column[y] stands the latest lane's value that has come to y. */
static void
lanes_run(const struct lane *lanes, int count, int64_t from, double *column)
{
	const struct lane *last = &lanes[count - 1];
	int64_t end = (last->high >= last->low ? last->high + 1 : last->low) + count - 1;

	for (int64_t t = from; t < end; t++) {
		for (int i = 0; i < count && t - i >= from; i++) {
			int64_t y = t - i;
			if (y < lanes[i].low) {
				column[y] = 1.0;
			} else if (y <= lanes[i].high) {
				double x = (double)lanes[i].x;
				double below = y > 0 ? column[y - 1] : 0.0;

				column[y] = (x * column[y] + (double)y * below) / (x + (double)y);
			}
		}
	}
}

/*
 * Share of the lattice paths to (large, small) that leave |x a - y b| < h, where b / a is
 * large / small in lowest terms. column[y] is that share for the paths to (x, y): 1 outside, and
 * inside the mean of the two predecessors, weighted by how many of the paths come from each.
 */
static double
paths_outside(int64_t large, int64_t small, int64_t divisor, int64_t h, double *column)
{
	int64_t a = small / divisor;
	int64_t b = large / divisor;
	int64_t low = 0;

	for (int64_t y = 0; y <= small; y++)
		column[y] = y * b < h ? 0.0 : 1.0;
	for (int64_t x = 1; x <= large;) {
		struct lane lanes[LANES];
		int64_t from = low;
		int count = 0;

		for (; count < LANES && x <= large; count++, x++) {
			int64_t high = (x * a + h - 1) / b;

			while (low <= small && x * a - low * b >= h)
				low++;
			lanes[count] = (struct lane){x, low, high < small ? high : small};
		}
		lanes_run(lanes, count, from, column);
	}
	return column[small];
}

static int64_t
common_divisor(int64_t a, int64_t b)
{
	while (b != 0) {
		int64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

double
tide_kolmogorov_two_sample(double d, uint64_t n1, uint64_t n2, double *scratch,
	size_t scratch_count)
{
	uint64_t large = n1 > n2 ? n1 : n2;
	uint64_t small = n1 > n2 ? n2 : n1;

	if (isnan(d) || small == 0)
		return NAN;
	if (d > 1.0)
		return 0.0;
	if (large <= TIDE_KOLMOGOROV_EXACT_MAX && (large == small || scratch_count > small)) {
		int64_t divisor = common_divisor((int64_t)large, (int64_t)small);
		double multiple = (double)((int64_t)large / divisor * (int64_t)small);
		int64_t h = (int64_t)rint(d * multiple);

		if (h <= 0)
			return 1.0;
		if (large == small)
			return fmin(1.0, square_outside((int64_t)large, h));
		return paths_outside((int64_t)large, (int64_t)small, divisor, h, scratch);
	}
	return tide_kolmogorov_sf(d, (uint64_t)rint(
		(double)large * ((double)small / ((double)large + (double)small))));
}
