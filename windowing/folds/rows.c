#include "windowing/folds/rows.h"
#include <math.h>
#include <string.h>

#define FIRST_BYTES 256
#define LOADED_WIDTH_MAX 2 /* a number and its weight */

#define HEAD_BYTES offsetof(struct tide_rows_chunk, values)

static void
chunk_add(struct tide_rows *rows, size_t bytes, struct tide_arena *arena)
{
	size_t row_bytes = rows->width * sizeof(double);

	if (bytes < HEAD_BYTES + row_bytes)
		bytes = HEAD_BYTES + row_bytes;
	if (bytes > TIDE_POOL_PIECE_MAX)
		bytes = TIDE_POOL_PIECE_MAX;
	struct tide_rows_chunk *chunk = tide_pool_arena_take(arena, bytes);
	chunk->room = (bytes - HEAD_BYTES) / row_bytes;
	TIDE_ASSERT(chunk->room > 0);
	chunk->next = rows->chunks;
	rows->chunks = chunk;
}

static bool
full(const struct tide_rows_chunk *chunk)
{
	return !chunk || chunk->count == chunk->room;
}

void
tide_rows_expect(struct tide_rows *rows, uint64_t count, struct tide_arena *arena)
{
	size_t row_bytes = rows->width * sizeof(double), most = TIDE_POOL_PIECE_MAX / row_bytes;

	if (full(rows->chunks))
		chunk_add(rows, HEAD_BYTES + (count < most ? (size_t) count : most) * row_bytes,
		          arena);
}

void
tide_rows_add(struct tide_rows *rows, const double *row, struct tide_arena *arena)
{
	struct tide_rows_chunk *chunk = rows->chunks;

	if (full(chunk)) {
		size_t bytes = FIRST_BYTES;
		if (chunk)
			bytes = 2 * (HEAD_BYTES + chunk->room * rows->width * sizeof *row);
		chunk_add(rows, bytes, arena);
		chunk = rows->chunks;
	}
	memcpy(chunk->values + rows->width * chunk->count++, row, rows->width * sizeof *row);
	rows->count++;
}

/* The last row of the chunk fills the gap. */
static bool
chunks_remove(struct tide_rows_chunk *chunk, const double *row, size_t width)
{
	for (; chunk; chunk = chunk->next) {
		for (size_t i = 0; i < chunk->count; i++) {
			double *found = chunk->values + width * i;
			if (memcmp(found, row, width * sizeof *row) != 0)
				continue;
			memmove(found, chunk->values + width * --chunk->count,
			        width * sizeof *row);
			return true;
		}
	}
	return false;
}

void
tide_rows_remove(struct tide_rows *rows, const double *row)
{
	bool removed = chunks_remove(rows->chunks, row, rows->width);

	for (struct tide_rows_part *part = rows->parts; part && !removed; part = part->next)
		removed = chunks_remove(part->chunks, row, rows->width);
	TIDE_ASSERT(removed); /* else a row that was never added is taken back */
	rows->count--;
}

static void
part_add(struct tide_rows *to, struct tide_rows_chunk *chunks, struct tide_arena *arena)
{
	struct tide_rows_part *part = tide_pool_arena_take(arena, sizeof *part);

	*part = (struct tide_rows_part){chunks, to->parts};
	to->parts = part;
}

void
tide_rows_merge(struct tide_rows *to, const struct tide_rows *from, struct tide_arena *arena)
{
	if (from->count == 0)
		return;
	to->width = from->width;
	to->count += from->count;
	if (from->chunks)
		part_add(to, from->chunks, arena);
	for (const struct tide_rows_part *part = from->parts; part; part = part->next)
		part_add(to, part->chunks, arena);
}

static void
chunks_walk(const struct tide_rows_chunk *chunk, size_t width,
            void (*each)(void *closure, const double *row), void *closure)
{
	for (; chunk; chunk = chunk->next)
		for (size_t i = 0; i < chunk->count; i++)
			each(closure, chunk->values + width * i);
}

void
tide_rows_walk(const struct tide_rows *rows, void (*each)(void *closure, const double *row),
               void *closure)
{
	chunks_walk(rows->chunks, rows->width, each, closure);
	for (const struct tide_rows_part *part = rows->parts; part; part = part->next)
		chunks_walk(part->chunks, rows->width, each, closure);
}

struct saved {
	size_t width;
	struct tide_buffer *out;
};

static void
row_save(void *closure, const double *row)
{
	const struct saved *saved = closure;

	for (size_t i = 0; i < saved->width; i++)
		tide_bytes_put_double(saved->out, row[i]);
}

void
tide_rows_save(const struct tide_rows *rows, struct tide_buffer *out)
{
	struct saved saved = {rows->width, out};

	tide_bytes_put_number(out, rows->count);
	tide_rows_walk(rows, row_save, &saved);
}

bool
tide_rows_load(struct tide_rows *rows, size_t most, bool *too_many, struct tide_reader *in,
               struct tide_arena *arena)
{
	uint64_t count = tide_bytes_count(in, rows->width * sizeof(double));
	double row[LOADED_WIDTH_MAX];

	TIDE_ASSERT(rows->width <= LOADED_WIDTH_MAX);
	*too_many |= rows->count + count > most;
	if (*too_many)
		*rows = (struct tide_rows){.width = rows->width};
	for (; count > 0; count--) {
		for (size_t i = 0; i < rows->width; i++) {
			row[i] = tide_bytes_double(in);
			if (!isfinite(row[i]))
				return false;
		}
		if (*too_many)
			continue;
		tide_rows_expect(rows, count, arena);
		tide_rows_add(rows, row, arena);
	}
	return !in->bad;
}
