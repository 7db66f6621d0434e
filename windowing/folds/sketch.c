#include "windowing/folds/sketch.h"

#include <math.h>
#include <string.h>

#include "base/assert.h"

#define SIDES 2
#define POSITIVE 0
#define NEGATIVE 1
#define EXPONENT_BIAS 1023

/*
 * What a bucket stands for, in units of its octave: the harmonic mean of its ends, from which
 * neither end is further than (high - low) / (high + low). The ends are 1 + the roots of
 * 6 s^3 - 21 s^2 + 50 s = 0, 1, ..., 35.
 */
static const double bucket_values[TIDE_SKETCH_OCTAVE] = {
	1.0099842501580654737, 1.0303264112153627138, 1.0510218664521628679,
	1.0720827234049874629, 1.0935215709725869226, 1.1153514858285154041,
	1.1375860351211526606, 1.1602392744336153918, 1.1833257397663557853,
	1.2068604320604082844, 1.2308587924956768925, 1.2553366664735509412,
	1.2803102538251046559, 1.3057960423761641079, 1.3318107215533410173,
	1.3583710722410422353, 1.385493828616777122, 1.4131955072302038152,
	1.4414921981945332781, 1.4703993130905808302, 1.4999312841310981727,
	1.5301012094110860161, 1.5609204398239965648, 1.5923981046288577358,
	1.6245405749062950174, 1.6573508674443326222, 1.6908279961245798344,
	1.7249662837399436152, 1.75975465433156183, 1.7951759343308929864,
	1.8312061994748903804, 1.8678142127013470709, 1.9049610047202693333,
	1.9425996520878075645, 1.9806753056828962331,
};

void
tide_sketch_start(struct tide_sketch *sketch, uint32_t *positive, uint32_t *negative)
{
	*sketch = (struct tide_sketch){.sides = {positive, negative}};
	memset(positive, 0, TIDE_SKETCH_BUCKETS * sizeof(*positive));
	memset(negative, 0, TIDE_SKETCH_BUCKETS * sizeof(*negative));
}

/*
 * The bucket of a magnitude given by its bits. Within an octave the logarithm is replaced by the
 * cubic above, which is evaluated in fixed point: 28 bits of the fraction are far finer than a
 * bucket, and no rounding mode or contraction of the host enters.
 */
static unsigned
bucket_of(uint64_t bits)
{
	const uint64_t lowest = (uint64_t)(EXPONENT_BIAS + TIDE_SKETCH_EXPONENT_MIN) << 52;
	const uint64_t end = (uint64_t)(EXPONENT_BIAS + TIDE_SKETCH_EXPONENT_MAX) << 52;
	uint64_t octave, s, inner;

	if (bits < lowest)
		return 0;
	if (bits >= end)
		return TIDE_SKETCH_BUCKETS - 1;
	octave = (bits - lowest) >> 52;
	s = bits >> 24 & UINT64_C(0xfffffff);
	inner = (UINT64_C(21) << 28) - 6 * s;
	inner = (UINT64_C(50) << 28) - (inner * s >> 28);
	return (unsigned)(octave * TIDE_SKETCH_OCTAVE + (inner * s >> 56));
}

/* The counter of v in a bucket; NULL for zero. */
static uint32_t *
counter_of(struct tide_sketch *sketch, double v)
{
	uint64_t bits;
	int side;

	TIDE_ASSERT(!isnan(v));
	memcpy(&bits, &v, sizeof(bits));
	side = bits >> 63 ? NEGATIVE : POSITIVE;
	bits &= UINT64_C(0x7fffffffffffffff);
	return bits == 0 ? NULL : &sketch->sides[side][bucket_of(bits)];
}

bool
tide_sketch_add(struct tide_sketch *sketch, double v)
{
	uint32_t *counter = counter_of(sketch, v);

	if (counter == NULL)
		sketch->zeros++;
	else if (*counter == UINT32_MAX)
		return false;
	else
		++*counter;
	sketch->count++;
	return true;
}

bool
tide_sketch_subtract(struct tide_sketch *sketch, double v)
{
	uint32_t *counter = counter_of(sketch, v);

	if (counter == NULL ? sketch->zeros == 0 : *counter == 0)
		return false;
	if (counter == NULL)
		sketch->zeros--;
	else
		--*counter;
	sketch->count--;
	return true;
}

bool
tide_sketch_merge(struct tide_sketch *sketch, const struct tide_sketch *other)
{
	uint32_t overflows = 0;

	for (int side = 0; side < SIDES; side++) {
		for (int i = 0; i < TIDE_SKETCH_BUCKETS; i++)
			overflows |= sketch->sides[side][i] > UINT32_MAX - other->sides[side][i];
	}
	if (overflows)
		return false;
	for (int side = 0; side < SIDES; side++) {
		for (int i = 0; i < TIDE_SKETCH_BUCKETS; i++)
			sketch->sides[side][i] += other->sides[side][i];
	}
	sketch->zeros += other->zeros;
	sketch->count += other->count;
	return true;
}

uint64_t
tide_sketch_count(const struct tide_sketch *sketch)
{
	return sketch->count;
}

static double
bucket_value(int bucket)
{
	return ldexp(bucket_values[bucket % TIDE_SKETCH_OCTAVE],
		bucket / TIDE_SKETCH_OCTAVE + TIDE_SKETCH_EXPONENT_MIN);
}

double
tide_sketch_quantile(const struct tide_sketch *sketch, double q)
{
	uint64_t rank, last;

	if (sketch->count == 0 || !(q >= 0.0 && q <= 1.0))
		return NAN;
	last = sketch->count - 1;
	rank = (uint64_t)floor(q * (double)last);
	/* Beyond 2^53 values the product may round up. */
	if (rank > last)
		rank = last;
	for (int i = TIDE_SKETCH_BUCKETS - 1; i >= 0; i--) {
		if (rank < sketch->sides[NEGATIVE][i])
			return -bucket_value(i);
		rank -= sketch->sides[NEGATIVE][i];
	}
	if (rank < sketch->zeros)
		return 0.0;
	rank -= sketch->zeros;
	for (int i = 0; i < TIDE_SKETCH_BUCKETS; i++) {
		if (rank < sketch->sides[POSITIVE][i])
			return bucket_value(i);
		rank -= sketch->sides[POSITIVE][i];
	}
	return NAN;
}
