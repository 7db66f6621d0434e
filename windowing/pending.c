#include "windowing/pending.h"
#include <string.h>

_Static_assert(sizeof(struct tide_pending_entry) == 40, "with a score 48 bytes (SPEC 3.7)");

void
tide_pending_init(struct tide_pending *pending, struct tide_pool *pool, size_t tail_count)
{
	*pending = (struct tide_pending){.used = 1, .buckets = 1};
	tide_list_init(&pending->entries, pool,
	               sizeof(struct tide_pending_entry) + tail_count * sizeof(double));
	tide_list_init(&pending->heads, pool, sizeof(uint32_t));
}

void
tide_pending_fini(struct tide_pending *pending)
{
	tide_list_fini(&pending->entries);
	tide_list_fini(&pending->heads);
}

bool
tide_pending_reserve(struct tide_pending *pending)
{
	if (pending->used == UINT32_MAX || pending->buckets == UINT32_MAX)
		return false;
	return tide_list_reserve(&pending->entries, pending->used + 1) &&
	       tide_list_reserve(&pending->heads, pending->buckets + 1);
}

/* The head of a key's bucket. Buckets that are not there yet are still part of the one below. */
static uint32_t *
head_of(const struct tide_pending *pending, struct tide_hash key)
{
	uint32_t bucket = (uint32_t) key.low & pending->mask;

	if (bucket >= pending->buckets)
		bucket &= pending->mask >> 1;
	return tide_list_at(&pending->heads, bucket);
}

static void
head_put(struct tide_pending *pending, uint32_t number)
{
	struct tide_pending_entry *entry = tide_pending_at(pending, number);
	uint32_t *head = head_of(pending, entry->key);

	entry->link = *head;
	*head = number;
}

/* One bucket more, and the entries that are its own. */
static void
bucket_split(struct tide_pending *pending)
{
	uint32_t bucket = pending->buckets++;

	if (bucket > pending->mask)
		pending->mask = 2 * pending->mask + 1;
	uint32_t *from = tide_list_at(&pending->heads, bucket & pending->mask >> 1);
	uint32_t number = *from, link;
	for (*from = 0; number; number = link) {
		link = tide_pending_at(pending, number)->link;
		head_put(pending, number);
	}
}

uint32_t
tide_pending_add(struct tide_pending *pending, struct tide_hash key)
{
	uint32_t number = pending->free;

	if (number)
		pending->free = tide_pending_at(pending, number)->link;
	else
		number = pending->used++;
	TIDE_ASSERT(number / TIDE_LIST_CHUNK < pending->entries.chunk_count);
	struct tide_pending_entry *entry = tide_pending_at(pending, number);
	memset(entry, 0, pending->entries.element_bytes);
	entry->key = key;
	entry->flags = TIDE_PENDING_TAKEN;
	if (++pending->count > pending->buckets)
		bucket_split(pending);
	head_put(pending, number);
	return number;
}

void
tide_pending_remove(struct tide_pending *pending, uint32_t number)
{
	struct tide_pending_entry *entry = tide_pending_at(pending, number);
	uint32_t *at = head_of(pending, entry->key);

	while (*at != number)
		at = &tide_pending_at(pending, *at)->link;
	*at = entry->link;
	entry->flags = 0;
	entry->link = pending->free;
	pending->free = number;
	pending->count--;
}

uint32_t
tide_pending_find(const struct tide_pending *pending, struct tide_hash key, uint32_t *at)
{
	if (!pending->count)
		return 0;
	uint32_t number = *at == UINT32_MAX ? *head_of(pending, key)
	                                    : tide_pending_at(pending, *at)->link;
	while (number) {
		const struct tide_pending_entry *entry = tide_pending_at(pending, number);
		if (entry->key.low == key.low && entry->key.high == key.high)
			break;
		number = entry->link;
	}
	*at = number;
	return number;
}

uint32_t
tide_pending_next(const struct tide_pending *pending, uint32_t number)
{
	while (++number < pending->used)
		if (tide_pending_at(pending, number)->flags & TIDE_PENDING_TAKEN)
			return number;
	return 0;
}
