#ifndef TIDE_BASE_LIST_H
#define TIDE_BASE_LIST_H
#include "base/pool.h"
#include <stdint.h>
/*
 * Elements of one size, by number from 0, that never move: chunks of 1024.
 *
 *  (1) reserve makes sure that the elements below `count` are there, zeroed when new; false at the
 *      cap of the pool or out of memory. What was there stays where it is.
 *  (2) at does not check: the number was reserved.
 * Cost: 8 bytes a chunk beside the elements; growing copies those 8 bytes and nothing else.
 */
#define TIDE_LIST_CHUNK 1024u

struct tide_list {
	struct tide_pool *pool;
	char **chunks;
	size_t element_bytes;
	uint32_t chunk_count, chunk_room;
};

void tide_list_init(struct tide_list *list, struct tide_pool *pool, size_t element_bytes);
void tide_list_fini(struct tide_list *list);
bool tide_list_reserve(struct tide_list *list, uint32_t count) TIDE_MUSTCHECK;

static inline void *
tide_list_at(const struct tide_list *list, uint32_t number)
{
	return list->chunks[number / TIDE_LIST_CHUNK] +
	       number % TIDE_LIST_CHUNK * list->element_bytes;
}
#endif
