#include "tests/calibration/random.h"
#include <math.h>

#define WAITS_MAX 24 /* successes that are waited for one by one */

static uint64_t
rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

void
random_start(struct random *random, uint64_t seed)
{
	for (size_t i = 0; i < 4; i++) {
		uint64_t z = seed += 0x9e3779b97f4a7c15u;
		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
		z = (z ^ z >> 27) * 0x94d049bb133111ebu;
		random->state[i] = z ^ z >> 31;
	}
	random->spare = NAN;
}

static uint64_t
next(struct random *random)
{
	uint64_t *s = random->state, result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate(s[3], 45);
	return result;
}

double
random_unit(struct random *random)
{
	return ((double) (next(random) >> 12) + .5) * 0x1p-52;
}

double
random_normal(struct random *random)
{
	double x, y, square, normal = random->spare;

	random->spare = NAN;
	if (!isnan(normal))
		return normal;
	do {
		x = 2 * random_unit(random) - 1;
		y = 2 * random_unit(random) - 1;
		square = x * x + y * y;
	} while (square >= 1);
	double scale = sqrt(-2 * log(square) / square);
	random->spare = y * scale;
	return x * scale;
}

double
random_gamma(struct random *random, double shape)
{
	double d = shape - 1. / 3, c = 1 / sqrt(9 * d), x, v;

	if (shape <= 1)
		return -log(random_unit(random));
	do {
		do {
			x = random_normal(random);
			v = 1 + c * x;
		} while (v <= 0);
		v = v * v * v;
	} while (log(random_unit(random)) >= x * x / 2 + d - d * v + d * log(v));
	return d * v;
}

/* Each failure before the next success is skipped at once: geometric waits. */
static uint64_t
binomial_wait(struct random *random, uint64_t n, double p)
{
	double left = (double) n, scale = log1p(-p);
	uint64_t successes = 0;

	for (;;) {
		left -= floor(log(random_unit(random)) / scale) + 1;
		if (left < 0)
			return successes;
		successes++;
	}
}

uint64_t
random_binomial(struct random *random, uint64_t n, double p)
{
	uint64_t sure = 0;

	while (n > 0 && p > 0) {
		if (p >= 1)
			return sure + n;
		if ((double) n * p < WAITS_MAX)
			return sure + binomial_wait(random, n, p);
		/* the i-th smallest of n uniforms lies below p, or it does not */
		uint64_t i = (n + 1) / 2;
		double low = random_gamma(random, (double) i);
		double at = low / (low + random_gamma(random, (double) (n + 1 - i)));
		if (at <= p) {
			sure += i;
			n -= i;
			p = (p - at) / (1 - at);
		} else {
			n = i - 1;
			p /= at;
		}
	}
	return sure;
}

void
random_multinomial(struct random *random, uint64_t n, const double *shares, size_t count,
                   uint64_t *counts)
{
	double left = 1;

	for (size_t i = 0; i + 1 < count && n > 0; i++) {
		uint64_t here = random_binomial(random, n, left > 0 ? shares[i] / left : 0);
		counts[i] += here;
		n -= here;
		left -= shares[i];
	}
	counts[count - 1] += n;
}
