#include "windowing/folds/distinct.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Levels are 1 + the leading zeros of the 53 bits that do not choose the register: 1 to 54. */
#define LEVEL_MAX (64 - TIDE_DISTINCT_PRECISION + 1)

void
tide_distinct_start(struct tide_distinct *distinct)
{
	memset(distinct, 0, sizeof(*distinct));
}

static bool
is_exact(const struct tide_distinct *distinct)
{
	return distinct->exact <= TIDE_DISTINCT_EXACT_MAX;
}

/*
 * A register says of each level whether a hash of that level came: none above the register's
 * level u, one at u, and its two bits tell about u - 1 (bit 1) and u - 2 (bit 0).
 */
static uint8_t
register_join(uint8_t a, uint8_t b)
{
	unsigned high = a > b ? a : b;
	unsigned low = a > b ? b : a;
	unsigned distance = (high >> 2) - (low >> 2);

	/* The lower register's own level and bits, shifted to where the higher one has them. */
	if (low >> 2 != 0 && distance <= 2)
		high |= (4u | (low & 3u)) >> distance & 3u;
	return (uint8_t)high;
}

static void
registers_add(uint8_t *registers, uint64_t hash)
{
	uint64_t index = hash >> (64 - TIDE_DISTINCT_PRECISION);
	/* The marker bit ends the zeros at the last level. */
	uint64_t rest = hash << TIDE_DISTINCT_PRECISION |
		UINT64_C(1) << (TIDE_DISTINCT_PRECISION - 1);
	unsigned level = (unsigned)__builtin_clzll(rest) + 1;

	registers[index] = register_join(registers[index], (uint8_t)(level << 2));
}

/* Replaces the kept hashes by registers. */
static void
registers_start(struct tide_distinct *distinct)
{
	uint8_t registers[TIDE_DISTINCT_REGISTERS] = { 0 };

	for (uint32_t i = 0; i < distinct->exact; i++)
		registers_add(registers, distinct->state.hashes[i]);
	memcpy(distinct->state.registers, registers, sizeof(registers));
	distinct->exact = TIDE_DISTINCT_EXACT_MAX + 1;
}

static void
exact_add(struct tide_distinct *distinct, uint64_t hash)
{
	uint64_t *hashes = distinct->state.hashes;
	uint32_t low = 0;
	uint32_t high = distinct->exact;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (hashes[middle] < hash)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < distinct->exact && hashes[low] == hash)
		return;
	if (distinct->exact == TIDE_DISTINCT_EXACT_MAX) {
		registers_start(distinct);
		registers_add(distinct->state.registers, hash);
		return;
	}
	memmove(hashes + low + 1, hashes + low, (distinct->exact - low) * sizeof(*hashes));
	hashes[low] = hash;
	distinct->exact++;
}

void
tide_distinct_add(struct tide_distinct *distinct, uint64_t hash)
{
	if (is_exact(distinct))
		exact_add(distinct, hash);
	else
		registers_add(distinct->state.registers, hash);
}

void
tide_distinct_merge(struct tide_distinct *distinct, const struct tide_distinct *other)
{
	if (distinct == other)
		return;
	if (is_exact(other)) {
		for (uint32_t i = 0; i < other->exact; i++)
			tide_distinct_add(distinct, other->state.hashes[i]);
		return;
	}
	if (is_exact(distinct))
		registers_start(distinct);
	for (int i = 0; i < TIDE_DISTINCT_REGISTERS; i++) {
		uint8_t *own = &distinct->state.registers[i];

		*own = register_join(*own, other->state.registers[i]);
	}
}

void
tide_distinct_save(const struct tide_distinct *distinct, struct tide_buffer *out)
{
	tide_bytes_put_number(out, distinct->exact);
	if (!is_exact(distinct)) {
		tide_bytes_put_text(out, (struct tide_text){(const char *)distinct->state.registers,
			TIDE_DISTINCT_REGISTERS});
		return;
	}
	for (uint32_t i = 0; i < distinct->exact; i++)
		tide_bytes_put_word(out, distinct->state.hashes[i]);
}

static bool
registers_load(struct tide_distinct *distinct, struct tide_text registers)
{
	struct tide_distinct other = { .exact = TIDE_DISTINCT_EXACT_MAX + 1 };

	if (registers.length != TIDE_DISTINCT_REGISTERS)
		return false;
	memcpy(other.state.registers, registers.bytes, registers.length);
	for (int i = 0; i < TIDE_DISTINCT_REGISTERS; i++) {
		if (other.state.registers[i] >> 2 > LEVEL_MAX)
			return false;
	}
	tide_distinct_merge(distinct, &other);
	return true;
}

bool
tide_distinct_load(struct tide_distinct *distinct, struct tide_reader *in)
{
	uint64_t exact = tide_bytes_number(in);

	if (exact > TIDE_DISTINCT_EXACT_MAX)
		return exact == TIDE_DISTINCT_EXACT_MAX + 1 &&
			registers_load(distinct, tide_bytes_text(in));
	for (; exact > 0 && !in->bad; exact--) {
		uint64_t hash = tide_bytes_word(in);

		if (!in->bad)
			tide_distinct_add(distinct, hash);
	}
	return !in->bad;
}

/* The share of all hashes in one register that have the level. */
static double
level_share(unsigned level)
{
	return ldexp(1.0, level < LEVEL_MAX ? -(int)level : -(LEVEL_MAX - 1));
}

/**
 * The likelihood of n hashes a register: levels that did not come contribute exp(-n share), levels
 * that did 1 - exp(-n share).
 */
struct likelihood {
	double absent;				/* summed share of levels that did not come */
	uint32_t present[LEVEL_MAX + 1];	/* registers where the level came */
};

static void
likelihood_start(struct likelihood *likelihood, const uint8_t *registers)
{
	memset(likelihood, 0, sizeof(*likelihood));
	for (int i = 0; i < TIDE_DISTINCT_REGISTERS; i++) {
		unsigned top = registers[i] >> 2;

		/* Shares above the level add up to 2^-level, all shares to 1. */
		if (top < LEVEL_MAX)
			likelihood->absent += ldexp(1.0, -(int)top);
		for (unsigned down = 0; down <= 2 && down < top; down++) {
			unsigned bit = (4u | (registers[i] & 3u)) >> (2 - down) & 1u;

			if (bit)
				likelihood->present[top - down]++;
			else
				likelihood->absent += level_share(top - down);
		}
	}
}

/* Derivative of the log-likelihood by n: falls from infinity to -absent. */
static double
likelihood_slope(const struct likelihood *likelihood, double n)
{
	double slope = -likelihood->absent;

	for (unsigned level = 1; level <= LEVEL_MAX; level++) {
		double share = level_share(level);

		if (likelihood->present[level] > 0)
			slope += likelihood->present[level] * share / expm1(n * share);
	}
	return slope;
}

double
tide_distinct_estimate(const struct tide_distinct *distinct)
{
	struct likelihood likelihood;
	double low = -12.0;
	double high = 56.0;

	if (is_exact(distinct))
		return distinct->exact;
	likelihood_start(&likelihood, distinct->state.registers);
	/* Bisection of log2(n): 40 halvings leave 4e-11 of n, by the same path on every host. */
	for (int i = 0; i < 40; i++) {
		double middle = 0.5 * (low + high);

		if (likelihood_slope(&likelihood, exp2(middle)) > 0.0)
			low = middle;
		else
			high = middle;
	}
	return TIDE_DISTINCT_REGISTERS * exp2(low);
}
