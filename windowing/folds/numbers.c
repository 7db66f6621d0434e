#include "windowing/folds/numbers.h"
#include <math.h>
#include <string.h>

#define CHUNK_MIN 12 /* values of the first chunk; each next one holds twice as many, up to */
#define CHUNK_MAX ((uint32_t) ((TIDE_POOL_PIECE_MAX - sizeof(struct tide_numbers_chunk)) / 8))

static struct tide_numbers_chunk *
chunk_new(struct tide_numbers *numbers, uint32_t room, struct tide_arena *arena)
{
	struct tide_numbers_chunk *chunk =
	        tide_pool_arena_take(arena, sizeof *chunk + room * sizeof *chunk->values);
	chunk->values = (double *) (chunk + 1);
	chunk->room = room;
	chunk->next = numbers->chunks;
	return chunk;
}

void
tide_numbers_add(struct tide_numbers *numbers, double x, struct tide_arena *arena)
{
	if (numbers->count++ >= numbers->cap) {
		numbers->chunks = NULL;
		return;
	}
	if (!numbers->chunks || numbers->chunks->used == numbers->chunks->room) {
		uint32_t room = numbers->chunks ? 2 * numbers->chunks->room : CHUNK_MIN;
		numbers->chunks = chunk_new(numbers, room < CHUNK_MAX ? room : CHUNK_MAX, arena);
	}
	numbers->chunks->values[numbers->chunks->used++] = x;
}

void
tide_numbers_merge(struct tide_numbers *to, const struct tide_numbers *from,
                   struct tide_arena *arena)
{
	to->count += from->count;
	if (!tide_numbers_whole(to)) {
		to->chunks = NULL;
		return;
	}
	for (const struct tide_numbers_chunk *at = from->chunks; at; at = at->next) {
		struct tide_numbers_chunk *chunk = tide_pool_arena_take(arena, sizeof *chunk);
		*chunk = *at;
		chunk->room = chunk->used; /* full: the values are another's */
		chunk->next = to->chunks;
		to->chunks = chunk;
	}
}

void
tide_numbers_save(const struct tide_numbers *numbers, struct tide_buffer *out)
{
	tide_bytes_put_number(out, numbers->count);
	if (!tide_numbers_whole(numbers))
		return;
	for (const struct tide_numbers_chunk *at = numbers->chunks; at; at = at->next)
		for (uint32_t i = 0; i < at->used; i++)
			tide_bytes_put_double(out, at->values[i]);
}

/* Chunks that are full: an add goes on in the next. */
static void
values_load(struct tide_numbers *numbers, struct tide_reader values, struct tide_arena *arena)
{
	while (values.at < values.end) {
		size_t left = (size_t) (values.end - values.at) / sizeof(double);
		uint32_t room = left < CHUNK_MAX ? (uint32_t) left : CHUNK_MAX;
		struct tide_numbers_chunk *chunk = chunk_new(numbers, room, arena);
		while (chunk->used < room)
			chunk->values[chunk->used++] = tide_bytes_double(&values);
		numbers->chunks = chunk;
	}
}

bool
tide_numbers_load(struct tide_numbers *numbers, struct tide_reader *in, struct tide_reader *values,
                  struct tide_arena *arena)
{
	struct tide_numbers other = {.cap = numbers->cap, .count = tide_bytes_number(in)};
	bool whole = tide_numbers_whole(&other);

	*values = (struct tide_reader){.at = in->at};
	for (uint64_t i = 0; whole && i < other.count && !in->bad; i++)
		in->bad |= !isfinite(tide_bytes_double(in));
	values->end = in->at;
	if (in->bad || other.count > UINT64_MAX - numbers->count)
		return false;
	numbers->count += other.count;
	if (tide_numbers_whole(numbers))
		values_load(numbers, *values, arena);
	else
		numbers->chunks = NULL;
	return true;
}

bool
tide_numbers_whole(const struct tide_numbers *numbers)
{
	return numbers->cap > 0 && numbers->count <= numbers->cap;
}

size_t
tide_numbers_copy(const struct tide_numbers *numbers, double *values)
{
	size_t count = 0;

	TIDE_ASSERT(tide_numbers_whole(numbers));
	for (const struct tide_numbers_chunk *at = numbers->chunks; at; at = at->next) {
		memcpy(values + count, at->values, at->used * sizeof *values);
		count += at->used;
	}
	return count;
}

/* Bits that order as the doubles do: the sign flipped, all bits flipped where it was set. */
static uint64_t
key_of(double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof bits);
	return bits ^ (bits >> 63 ? UINT64_MAX : UINT64_C(1) << 63);
}

/* One stable pass by byte `shift / 8`; false where all bytes are equal and nothing was moved. */
static bool
pass(const double *from, double *to, size_t count, unsigned shift)
{
	size_t places[257] = {0};

	for (size_t i = 0; i < count; i++)
		places[(key_of(from[i]) >> shift & 255) + 1]++;
	if (places[(key_of(from[0]) >> shift & 255) + 1] == count)
		return false;
	for (size_t i = 1; i < 257; i++)
		places[i] += places[i - 1];
	for (size_t i = 0; i < count; i++)
		to[places[key_of(from[i]) >> shift & 255]++] = from[i];
	return true;
}

void
tide_numbers_sort(double *values, double *spare, size_t count)
{
	double *from = values, *to = spare;

	if (count < 2)
		return;
	for (unsigned shift = 0; shift < 64; shift += 8) {
		if (!pass(from, to, count, shift))
			continue;
		double *swap = from;
		from = to;
		to = swap;
	}
	if (from != values)
		memcpy(values, from, count * sizeof *values);
}
