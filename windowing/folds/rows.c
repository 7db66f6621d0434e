#include "windowing/folds/rows.h"
#include <string.h>

#define FIRST_BYTES 256

static struct tide_rows_chunk *
chunk_new(const struct tide_rows *rows, struct tide_arena *arena)
{
	size_t row_bytes = rows->width * sizeof(double);
	size_t head = offsetof(struct tide_rows_chunk, values);
	size_t bytes = FIRST_BYTES;

	if (rows->chunks)
		bytes = 2 * (head + rows->chunks->room * row_bytes);
	if (bytes < head + row_bytes)
		bytes = head + row_bytes;
	if (bytes > TIDE_POOL_PIECE_MAX)
		bytes = TIDE_POOL_PIECE_MAX;
	struct tide_rows_chunk *chunk = tide_pool_arena_take(arena, bytes);
	chunk->room = (bytes - head) / row_bytes;
	TIDE_ASSERT(chunk->room > 0);
	return chunk;
}

void
tide_rows_add(struct tide_rows *rows, const double *row, struct tide_arena *arena)
{
	struct tide_rows_chunk *chunk = rows->chunks;

	if (!chunk || chunk->count == chunk->room) {
		chunk = chunk_new(rows, arena);
		chunk->next = rows->chunks;
		rows->chunks = chunk;
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
