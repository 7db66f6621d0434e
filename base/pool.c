#include "base/pool.h"
#include <stdlib.h>
#include <string.h>

struct tide_pool_block {
	struct tide_pool_block *next;
	char padding[8]; /* contents start at 16 */
};

void
tide_pool_init(struct tide_pool *pool, size_t cap_bytes)
{
	*pool = (struct tide_pool){.cap_bytes = cap_bytes};
}

void
tide_pool_fini(struct tide_pool *pool)
{
	while (pool->free) {
		struct tide_pool_block *block = pool->free;
		pool->free = block->next;
		free(block);
		pool->held_bytes -= TIDE_POOL_BLOCK;
	}
	TIDE_ASSERT(pool->held_bytes == 0);
	*pool = (struct tide_pool){0};
}

static bool
pool_charge(struct tide_pool *pool, size_t size_bytes)
{
	if (size_bytes > pool->cap_bytes - pool->held_bytes)
		return false;
	pool->held_bytes += size_bytes;
	if (pool->held_bytes > pool->peak_bytes)
		pool->peak_bytes = pool->held_bytes;
	return true;
}

bool
tide_pool_reserve(struct tide_pool *pool, size_t blocks)
{
	while (pool->free_blocks < blocks) {
		if (!pool_charge(pool, TIDE_POOL_BLOCK))
			return false;
		struct tide_pool_block *block = malloc(TIDE_POOL_BLOCK);
		if (!block) {
			pool->held_bytes -= TIDE_POOL_BLOCK;
			return false;
		}
		block->next = pool->free;
		pool->free = block;
		pool->free_blocks++;
	}
	return true;
}

void *
tide_pool_table_new(struct tide_pool *pool, size_t size_bytes)
{
	if (!pool_charge(pool, size_bytes))
		return NULL;
	void *table = calloc(1, size_bytes);
	if (!table)
		pool->held_bytes -= size_bytes;
	return table;
}

void
tide_pool_table_free(struct tide_pool *pool, void *table, size_t size_bytes)
{
	if (!table)
		return;
	free(table);
	pool->held_bytes -= size_bytes;
}

void
tide_pool_arena_init(struct tide_arena *arena, struct tide_pool *pool)
{
	*arena = (struct tide_arena){.pool = pool};
}

void *
tide_pool_arena_take(struct tide_arena *arena, size_t size_bytes)
{
	TIDE_ASSERT(size_bytes <= TIDE_POOL_PIECE_MAX);
	size_bytes = (size_bytes + 15) & ~(size_t) 15;
	if ((size_t) (arena->end - arena->at) < size_bytes) {
		struct tide_pool *pool = arena->pool;
		if (!pool->free)
			TIDE_ASSERT(tide_pool_reserve(pool, 1));
		struct tide_pool_block *block = pool->free;
		pool->free = block->next;
		pool->free_blocks--;
		block->next = arena->blocks;
		arena->blocks = block;
		arena->taken_blocks++;
		arena->at = (char *) block + 16;
		arena->end = (char *) block + TIDE_POOL_BLOCK;
	}
	void *piece = arena->at;
	arena->at += size_bytes;
	memset(piece, 0, size_bytes);
	return piece;
}

void
tide_pool_arena_fini(struct tide_arena *arena)
{
	while (arena->blocks) {
		struct tide_pool_block *block = arena->blocks;
		arena->blocks = block->next;
		block->next = arena->pool->free;
		arena->pool->free = block;
		arena->pool->free_blocks++;
	}
	tide_pool_arena_init(arena, arena->pool);
}
