#include "windowing/pending.h"
#include <string.h>

#define FIRST_CAPACITY 1024u

_Static_assert(sizeof(struct tide_pending_entry) == 40, "with a score 48 bytes (SPEC 3.7)");

void
tide_pending_init(struct tide_pending *pending, struct tide_pool *pool, size_t tail_count)
{
	*pending = (struct tide_pending){
	        .pool = pool,
	        .used = 1,
	        .entry_bytes = sizeof(struct tide_pending_entry) + tail_count * sizeof(double)};
}

void
tide_pending_fini(struct tide_pending *pending)
{
	tide_pool_table_free(pending->pool, pending->entries,
	                     pending->capacity * pending->entry_bytes);
	tide_pool_table_free(pending->pool, pending->index,
	                     pending->index_size * sizeof *pending->index);
	*pending = (struct tide_pending){.pool = pending->pool};
}

static void
index_put(struct tide_pending *pending, uint32_t number)
{
	uint32_t mask = pending->index_size - 1;
	uint32_t at = (uint32_t) tide_pending_at(pending, number)->key.low & mask;

	while (pending->index[at])
		at = (at + 1) & mask;
	pending->index[at] = number;
}

static bool
index_grow(struct tide_pending *pending, uint32_t size)
{
	uint32_t *index = tide_pool_table_new(pending->pool, size * sizeof *index);
	uint32_t *old = pending->index, old_size = pending->index_size;

	if (!index)
		return false;
	pending->index = index;
	pending->index_size = size;
	for (uint32_t i = 0; i < old_size; i++)
		if (old[i])
			index_put(pending, old[i]);
	tide_pool_table_free(pending->pool, old, old_size * sizeof *old);
	return true;
}

static bool
entries_grow(struct tide_pending *pending, uint32_t capacity)
{
	char *entries = tide_pool_table_new(pending->pool, capacity * pending->entry_bytes);

	if (!entries)
		return false;
	if (pending->entries)
		memcpy(entries, pending->entries, pending->used * pending->entry_bytes);
	tide_pool_table_free(pending->pool, pending->entries,
	                     pending->capacity * pending->entry_bytes);
	pending->entries = entries;
	pending->capacity = capacity;
	return true;
}

bool
tide_pending_reserve(struct tide_pending *pending)
{
	if (!pending->free && pending->used >= pending->capacity) {
		if (pending->capacity > UINT32_MAX / 4)
			return false;
		uint32_t capacity = pending->capacity ? pending->capacity * 2 : FIRST_CAPACITY;
		if (!entries_grow(pending, capacity))
			return false;
	}
	if (pending->count + 1 > pending->index_size / 4 * 3)
		return index_grow(pending, pending->index_size ? pending->index_size * 2
		                                               : FIRST_CAPACITY);
	return true;
}

uint32_t
tide_pending_add(struct tide_pending *pending, struct tide_hash key)
{
	uint32_t number = pending->free;

	if (number)
		pending->free = tide_pending_at(pending, number)->next;
	else
		number = pending->used++;
	TIDE_ASSERT(number < pending->capacity);
	memset(tide_pending_at(pending, number), 0, pending->entry_bytes);
	tide_pending_at(pending, number)->key = key;
	index_put(pending, number);
	pending->count++;
	return number;
}

/* Backward-shift deletion: no tombstones, so the table never ages. */
void
tide_pending_remove(struct tide_pending *pending, uint32_t number)
{
	uint32_t mask = pending->index_size - 1;
	uint32_t at = (uint32_t) tide_pending_at(pending, number)->key.low & mask;

	while (pending->index[at] != number)
		at = (at + 1) & mask;
	uint32_t hole = at;
	for (at = (at + 1) & mask; pending->index[at]; at = (at + 1) & mask) {
		uint32_t home =
		        (uint32_t) tide_pending_at(pending, pending->index[at])->key.low & mask;
		if (((at - home) & mask) >= ((at - hole) & mask)) {
			pending->index[hole] = pending->index[at];
			hole = at;
		}
	}
	pending->index[hole] = 0;
	tide_pending_at(pending, number)->next = pending->free;
	pending->free = number;
	pending->count--;
}

uint32_t
tide_pending_find(const struct tide_pending *pending, struct tide_hash key, uint32_t *at)
{
	if (!pending->index_size)
		return 0;
	uint32_t mask = pending->index_size - 1;
	uint32_t slot = *at == UINT32_MAX ? (uint32_t) key.low & mask : (*at + 1) & mask;

	for (; pending->index[slot]; slot = (slot + 1) & mask) {
		const struct tide_pending_entry *entry =
		        tide_pending_at(pending, pending->index[slot]);
		if (entry->key.low == key.low && entry->key.high == key.high) {
			*at = slot;
			return pending->index[slot];
		}
	}
	return 0;
}
