#include "windowing/folds/rows.h"
#include <string.h>

#define CHUNK_MIN 12 /* values of the first chunk; each next one holds twice as many, up to */
#define CHUNK_MAX ((uint32_t) ((TIDE_POOL_PIECE_MAX - sizeof(struct tide_rows_chunk)) / 8))

static struct tide_rows_chunk *
chunk_new(struct tide_rows *rows, struct tide_arena *arena)
{
	uint32_t room = rows->chunks ? 2 * rows->chunks->room : CHUNK_MIN;

	room = room < CHUNK_MAX ? room : CHUNK_MAX;
	struct tide_rows_chunk *chunk =
	        tide_pool_arena_take(arena, sizeof *chunk + room * sizeof *chunk->values);
	chunk->values = (double *) (chunk + 1);
	chunk->room = room;
	chunk->next = rows->chunks;
	return chunk;
}

void
tide_rows_add(struct tide_rows *rows, double x, struct tide_arena *arena)
{
	if (rows->count++ >= rows->cap) {
		rows->chunks = NULL;
		return;
	}
	if (!rows->chunks || rows->chunks->used == rows->chunks->room)
		rows->chunks = chunk_new(rows, arena);
	rows->chunks->values[rows->chunks->used++] = x;
}

void
tide_rows_merge(struct tide_rows *to, const struct tide_rows *from, struct tide_arena *arena)
{
	to->count += from->count;
	if (!tide_rows_whole(to)) {
		to->chunks = NULL;
		return;
	}
	for (const struct tide_rows_chunk *at = from->chunks; at; at = at->next) {
		struct tide_rows_chunk *chunk = tide_pool_arena_take(arena, sizeof *chunk);
		*chunk = *at;
		chunk->room = chunk->used; /* full: the values are another's */
		chunk->next = to->chunks;
		to->chunks = chunk;
	}
}

bool
tide_rows_whole(const struct tide_rows *rows)
{
	return rows->cap > 0 && rows->count <= rows->cap;
}

size_t
tide_rows_copy(const struct tide_rows *rows, double *values)
{
	size_t count = 0;

	TIDE_ASSERT(tide_rows_whole(rows));
	for (const struct tide_rows_chunk *at = rows->chunks; at; at = at->next) {
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
tide_rows_sort(double *values, double *spare, size_t count)
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
