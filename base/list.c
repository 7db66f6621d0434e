#include "base/list.h"
#include <string.h>

#define FIRST_ROOM 16u

void
tide_list_init(struct tide_list *list, struct tide_pool *pool, size_t element_bytes)
{
	*list = (struct tide_list){.pool = pool, .element_bytes = element_bytes};
}

void
tide_list_fini(struct tide_list *list)
{
	for (uint32_t i = 0; i < list->chunk_count; i++)
		tide_pool_table_free(list->pool, list->chunks[i],
		                     TIDE_LIST_CHUNK * list->element_bytes);
	tide_pool_table_free(list->pool, list->chunks, list->chunk_room * sizeof *list->chunks);
	tide_list_init(list, list->pool, list->element_bytes);
}

static bool
room_grow(struct tide_list *list)
{
	uint32_t room = list->chunk_room ? 2 * list->chunk_room : FIRST_ROOM;
	char **chunks = tide_pool_table_new(list->pool, room * sizeof *chunks);

	if (!chunks)
		return false;
	if (list->chunks)
		memcpy(chunks, list->chunks, list->chunk_count * sizeof *chunks);
	tide_pool_table_free(list->pool, list->chunks, list->chunk_room * sizeof *chunks);
	list->chunks = chunks;
	list->chunk_room = room;
	return true;
}

bool
tide_list_reserve(struct tide_list *list, uint32_t count)
{
	while ((uint64_t) list->chunk_count * TIDE_LIST_CHUNK < count) {
		if (list->chunk_count == list->chunk_room && !room_grow(list))
			return false;
		char *chunk = tide_pool_table_new(list->pool,
		                                  TIDE_LIST_CHUNK * list->element_bytes);
		if (!chunk)
			return false;
		list->chunks[list->chunk_count++] = chunk;
	}
	return true;
}
