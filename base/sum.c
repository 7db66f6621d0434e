#include "base/sum.h"

#define CHUNK_MASK INT64_C(0xffffffff)
#define CHUNK_BASE (INT64_C(1) << 32)
#define LAST (TIDE_SUM_CHUNKS - 1)

void
tide_sum_start(struct tide_sum *sum)
{
	memset(sum, 0, sizeof(*sum));
}

void
tide_sum_settle(struct tide_sum *sum)
{
	int64_t carry = 0;

	for (int i = 0; i < LAST; i++) {
		int64_t value = sum->chunks[i] + carry;
		int64_t digit = value & CHUNK_MASK;

		sum->chunks[i] = digit;
		carry = (value - digit) / CHUNK_BASE;
	}
	sum->chunks[LAST] += carry;
	sum->pending = 0;
}

static struct tide_sum
settled(const struct tide_sum *sum)
{
	struct tide_sum copy = *sum;

	tide_sum_settle(&copy);
	return copy;
}

void
tide_sum_merge(struct tide_sum *sum, const struct tide_sum *other)
{
	struct tide_sum copy = settled(other);

	tide_sum_settle(sum);
	for (int i = 0; i < TIDE_SUM_CHUNKS; i++)
		sum->chunks[i] += copy.chunks[i];
	sum->pending = 1;
}

void
tide_sum_unmerge(struct tide_sum *sum, const struct tide_sum *other)
{
	struct tide_sum copy = settled(other);

	tide_sum_settle(sum);
	for (int i = 0; i < TIDE_SUM_CHUNKS; i++)
		sum->chunks[i] -= copy.chunks[i];
	sum->pending = 1;
}

/* Settles -sum when sum is negative; returns whether it was. */
static bool
magnitude(struct tide_sum *sum)
{
	tide_sum_settle(sum);
	if (sum->chunks[LAST] >= 0)
		return false;
	for (int i = 0; i < TIDE_SUM_CHUNKS; i++)
		sum->chunks[i] = -sum->chunks[i];
	tide_sum_settle(sum);
	return true;
}

/* Bits [first, first + 64) of a settled magnitude. */
static uint64_t
window(const struct tide_sum *sum, int first)
{
	const int64_t *chunk = sum->chunks + first / 32;
	int left = LAST - first / 32;
	unsigned shift = (unsigned)first % 32;
	uint64_t bits = (uint64_t)chunk[0] >> shift;

	if (left >= 1)
		bits |= (uint64_t)chunk[1] << (32 - shift);
	if (left >= 2 && shift > 0)
		bits |= (uint64_t)chunk[2] << (64 - shift);
	return bits;
}

/* True where a settled magnitude has a bit below `end`. */
static bool
any_below(const struct tide_sum *sum, int end)
{
	for (int i = 0; i < end / 32; i++) {
		if (sum->chunks[i] != 0)
			return true;
	}
	return end % 32 != 0 && (sum->chunks[end / 32] & ((INT64_C(1) << end % 32) - 1)) != 0;
}

/* The position of the highest bit of a settled magnitude, -1 for zero. */
static int
top_bit(const struct tide_sum *sum)
{
	for (int i = LAST; i >= 0; i--) {
		for (int bit = 62; sum->chunks[i] != 0 && bit >= 0; bit--) {
			if (sum->chunks[i] >> bit & 1)
				return 32 * i + bit;
		}
	}
	return -1;
}

double
tide_sum_round(const struct tide_sum *sum)
{
	struct tide_sum copy = *sum;
	bool negative = magnitude(&copy);
	int top = top_bit(&copy);
	double value;

	/* 1074 + 1024: the first power of two beyond the doubles. */
	if (top >= 2098) {
		value = INFINITY;
	} else if (top < 53) {
		/* All bits fit the fraction, as they do for every subnormal. */
		value = ldexp((double)window(&copy, 0), -1074);
	} else {
		int first = top - 52;
		uint64_t fraction = window(&copy, first) & ((UINT64_C(1) << 53) - 1);
		bool half = window(&copy, first - 1) & 1;

		if (half && ((fraction & 1) || any_below(&copy, first - 1)))
			fraction++;
		value = ldexp((double)fraction, first - 1074);
	}
	return negative ? -value : value;
}

double
tide_sum_round2(const struct tide_sum *sum, double *lo)
{
	double hi = tide_sum_round(sum);
	struct tide_sum rest = *sum;

	*lo = 0.0;
	if (isinf(hi))
		return hi;
	tide_sum_subtract(&rest, hi);
	*lo = tide_sum_round(&rest);
	return hi;
}

bool
tide_sum_equal(const struct tide_sum *a, const struct tide_sum *b)
{
	struct tide_sum first = settled(a);
	struct tide_sum second = settled(b);

	return memcmp(first.chunks, second.chunks, sizeof(first.chunks)) == 0;
}

void
tide_sum_save(const struct tide_sum *sum, uint8_t bytes[TIDE_SUM_BYTES])
{
	struct tide_sum copy = settled(sum);

	for (int i = 0; i < TIDE_SUM_CHUNKS; i++) {
		uint64_t digit = (uint64_t)copy.chunks[i];

		for (int j = 0; j < 4; j++)
			bytes[4 * i + j] = (uint8_t)(digit >> 8 * j & 0xff);
	}
}

void
tide_sum_load(struct tide_sum *sum, const uint8_t bytes[TIDE_SUM_BYTES])
{
	tide_sum_start(sum);
	for (int i = 0; i < TIDE_SUM_CHUNKS; i++) {
		uint32_t digit = 0;

		for (int j = 3; j >= 0; j--)
			digit = digit << 8 | bytes[4 * i + j];
		sum->chunks[i] = digit;
	}
	/* The last chunk is signed; it never needs more than 32 bits. */
	if (sum->chunks[LAST] >= CHUNK_BASE / 2)
		sum->chunks[LAST] -= CHUNK_BASE;
}

/** An unevaluated sum of two doubles, |lo| <= ulp(hi) / 2. */
struct pair {
	double hi;
	double lo;
};

/* Requires |a| >= |b|, or a = 0. */
static struct pair
pair_of(double a, double b)
{
	struct pair pair = { a + b, 0.0 };

	pair.lo = b - (pair.hi - a);
	return pair;
}

static struct pair
pair_subtract(struct pair a, struct pair b)
{
	double sum = a.hi - b.hi;
	double part = sum - a.hi;
	double error = (a.hi - (sum - part)) - (b.hi + part);

	return pair_of(sum, error + (a.lo - b.lo));
}

static struct pair
pair_square(struct pair a)
{
	double product = a.hi * a.hi;

	return pair_of(product, fma(a.hi, a.hi, -product) + 2.0 * a.hi * a.lo);
}

static struct pair
pair_divide(struct pair a, struct pair n)
{
	double quotient = a.hi / n.hi;

	return pair_of(quotient, (fma(-quotient, n.hi, a.hi) + (a.lo - quotient * n.lo)) / n.hi);
}

/* What is not above `noise` times the sum of squares is 0. */
static double
variance(const struct tide_sum *sum, const struct tide_sum *squares, struct pair n, double ddof,
	double noise)
{
	struct pair total, square, rest;
	int exponent;

	if (!(n.hi > ddof) || !(n.hi > 0.0) || isinf(n.hi))
		return NAN;
	total.hi = tide_sum_round2(sum, &total.lo);
	square.hi = tide_sum_round2(squares, &square.lo);
	if (isinf(total.hi) || isinf(square.hi))
		return NAN;
	if (square.hi <= 0.0)
		return 0.0;
	/* Scaled by powers of two to where no square can leave the range. */
	(void)frexp(square.hi, &exponent);
	exponent = exponent / 2;
	total.hi = ldexp(total.hi, -exponent);
	total.lo = ldexp(total.lo, -exponent);
	square.hi = ldexp(ldexp(square.hi, -exponent), -exponent);
	square.lo = ldexp(ldexp(square.lo, -exponent), -exponent);
	rest = pair_subtract(square, pair_divide(pair_square(total), n));
	if (!(rest.hi > noise * square.hi))
		return 0.0;
	return ldexp(ldexp(rest.hi / (n.hi - ddof), exponent), exponent);
}

double
tide_sum_variance(const struct tide_sum *sum, const struct tide_sum *squares, double n,
	double ddof)
{
	return variance(sum, squares, (struct pair){ n, 0.0 }, ddof, 0.0);
}

double
tide_sum_variance_weighted(const struct tide_sum *sum, const struct tide_sum *squares,
	const struct tide_sum *weights, double ddof)
{
	struct pair n;

	n.hi = tide_sum_round2(weights, &n.lo);
	return variance(sum, squares, n, ddof, 1e-29);
}
