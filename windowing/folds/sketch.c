#include "windowing/folds/sketch.h"

#include <math.h>
#include <string.h>

#include "base/assert.h"

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

/* The side of a value, and its bucket there; a zero is on neither. */
struct place {
	int side;
	unsigned bucket;
	bool zero;
};

static struct place
place_of(double v)
{
	uint64_t bits, magnitude;

	TIDE_ASSERT(!isnan(v));
	memcpy(&bits, &v, sizeof(bits));
	magnitude = bits & UINT64_C(0x7fffffffffffffff);
	return (struct place){bits >> 63 ? NEGATIVE : POSITIVE, bucket_of(magnitude),
		magnitude == 0};
}

static uint32_t *
part_of(struct tide_sketch *sketch, int side, unsigned part, struct tide_arena *arena)
{
	uint32_t **counters = &sketch->sides[side][part];

	if (*counters == NULL)
		*counters = tide_pool_arena_take(arena, TIDE_SKETCH_PART * sizeof(**counters));
	return *counters;
}

bool
tide_sketch_add(struct tide_sketch *sketch, double v, struct tide_arena *arena)
{
	struct place place = place_of(v);
	uint32_t *part;

	if (place.zero) {
		sketch->zeros++;
	} else {
		part = part_of(sketch, place.side, place.bucket / TIDE_SKETCH_PART, arena);
		if (part[place.bucket % TIDE_SKETCH_PART] == UINT32_MAX)
			return false;
		part[place.bucket % TIDE_SKETCH_PART]++;
	}
	sketch->count++;
	return true;
}

bool
tide_sketch_subtract(struct tide_sketch *sketch, double v)
{
	struct place place = place_of(v);
	uint32_t *part = sketch->sides[place.side][place.bucket / TIDE_SKETCH_PART];

	if (place.zero ? sketch->zeros == 0 : !part || part[place.bucket % TIDE_SKETCH_PART] == 0)
		return false;
	if (place.zero)
		sketch->zeros--;
	else
		part[place.bucket % TIDE_SKETCH_PART]--;
	sketch->count--;
	return true;
}

static bool
part_overflows(const uint32_t *to, const uint32_t *from)
{
	uint32_t overflows = 0;

	for (int i = 0; to && from && i < TIDE_SKETCH_PART; i++)
		overflows |= to[i] > UINT32_MAX - from[i];
	return overflows;
}

bool
tide_sketch_merge(struct tide_sketch *sketch, const struct tide_sketch *other,
	struct tide_arena *arena)
{
	for (int side = 0; side < TIDE_SKETCH_SIDES; side++) {
		for (int i = 0; i < TIDE_SKETCH_PARTS; i++)
			if (part_overflows(sketch->sides[side][i], other->sides[side][i]))
				return false;
	}
	for (int side = 0; side < TIDE_SKETCH_SIDES; side++) {
		for (unsigned part = 0; part < TIDE_SKETCH_PARTS; part++) {
			const uint32_t *from = other->sides[side][part];
			uint32_t *to = from ? part_of(sketch, side, part, arena) : NULL;

			for (int i = 0; from && i < TIDE_SKETCH_PART; i++)
				to[i] += from[i];
		}
	}
	sketch->zeros += other->zeros;
	sketch->count += other->count;
	return true;
}

/* Every bucket of a part is written, so that no part costs less than it has buckets. */
void
tide_sketch_save(const struct tide_sketch *sketch, struct tide_buffer *out)
{
	tide_bytes_put_number(out, sketch->zeros);
	for (int side = 0; side < TIDE_SKETCH_SIDES; side++) {
		for (int part = 0; part < TIDE_SKETCH_PARTS; part++) {
			const uint32_t *counters = sketch->sides[side][part];

			tide_bytes_put_number(out, counters != NULL);
			for (int i = 0; counters && i < TIDE_SKETCH_PART; i++)
				tide_bytes_put_number(out, counters[i]);
		}
	}
}

/* One part; returns how many values are in it. */
static uint64_t
part_load(uint32_t *counters, struct tide_reader *in)
{
	uint64_t values = 0;

	for (int i = 0; i < TIDE_SKETCH_PART; i++) {
		uint64_t count = tide_bytes_number(in);

		in->bad |= count > UINT32_MAX;
		counters[i] = (uint32_t)count;
		values += count;
	}
	return values;
}

bool
tide_sketch_load(struct tide_sketch *sketch, struct tide_reader *in, struct tide_arena *arena)
{
	uint32_t parts[TIDE_SKETCH_SIDES][TIDE_SKETCH_PARTS][TIDE_SKETCH_PART];
	struct tide_sketch other = { .zeros = tide_bytes_number(in) };

	other.count = other.zeros;
	for (int side = 0; side < TIDE_SKETCH_SIDES; side++) {
		for (int part = 0; part < TIDE_SKETCH_PARTS && !in->bad; part++) {
			if (tide_bytes_number(in) == 0)
				continue;
			other.sides[side][part] = parts[side][part];
			other.count += part_load(parts[side][part], in);
		}
	}
	if (!in->bad)
		(void)!tide_sketch_merge(sketch, &other, arena);
	return !in->bad;
}

/* The count of a bucket. */
static uint32_t
count_of(const struct tide_sketch *sketch, int side, int bucket)
{
	const uint32_t *part = sketch->sides[side][bucket / TIDE_SKETCH_PART];

	return part ? part[bucket % TIDE_SKETCH_PART] : 0;
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
		if (rank < count_of(sketch, NEGATIVE, i))
			return -bucket_value(i);
		rank -= count_of(sketch, NEGATIVE, i);
	}
	if (rank < sketch->zeros)
		return 0.0;
	rank -= sketch->zeros;
	for (int i = 0; i < TIDE_SKETCH_BUCKETS; i++) {
		if (rank < count_of(sketch, POSITIVE, i))
			return bucket_value(i);
		rank -= count_of(sketch, POSITIVE, i);
	}
	return NAN;
}
