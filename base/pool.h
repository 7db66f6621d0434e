#ifndef TIDE_BASE_POOL_H
#define TIDE_BASE_POOL_H
#include "base/assert.h"
#include <stdbool.h>
#include <stddef.h>
/*
 * Memory by lifetime under one cap, for rooms that may not fail.
 *
 *  (1) A pool hands out blocks of TIDE_POOL_BLOCK bytes and never holds more than cap_bytes.
 *  (2) tide_pool_reserve is the only call that can say no; it is asked *before* the work. After it
 *      said yes for n blocks, takes that need at most n blocks cannot fail (SPEC 3.5).
 *  (3) An arena is a list of blocks whose contents die together; tide_pool_arena_fini gives them
 *      back. What it hands out is zeroed and aligned to 16; one piece is at most a block less 64.
 *  (4) A table is one zeroed piece of any size, counted against the same cap.
 *  (5) Nothing here is safe to call from two threads.
 */
#define TIDE_POOL_BLOCK 16384
#define TIDE_POOL_PIECE_MAX (TIDE_POOL_BLOCK - 64)

struct tide_pool_block;

struct tide_pool {
	struct tide_pool_block *free;
	size_t free_blocks;
	size_t held_bytes, cap_bytes, peak_bytes; /* held = free and in use */
};

struct tide_arena {
	struct tide_pool *pool;
	struct tide_pool_block *blocks;
	char *at, *end;
	size_t taken_blocks;
};

void tide_pool_init(struct tide_pool *pool, size_t cap_bytes);
void tide_pool_fini(struct tide_pool *pool); /* every arena and table has been given back */

/** Makes sure that `blocks` free blocks are at hand; false at the cap or out of memory (2). */
bool tide_pool_reserve(struct tide_pool *pool, size_t blocks) TIDE_MUSTCHECK;

/** A zeroed piece of any size (4), or NULL at the cap or out of memory. */
void *tide_pool_table_new(struct tide_pool *pool, size_t size_bytes) TIDE_MUSTCHECK;
void tide_pool_table_free(struct tide_pool *pool, void *table, size_t size_bytes);

void tide_pool_arena_init(struct tide_arena *arena, struct tide_pool *pool);
/** Never NULL: what it needs was reserved (2); asserts otherwise. */
void *tide_pool_arena_take(struct tide_arena *arena, size_t size_bytes);
void tide_pool_arena_fini(struct tide_arena *arena);
#endif
