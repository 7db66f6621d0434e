#include "app/state_table.h"
#include "base/hash.h"
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 64

/* A copy with a 0 behind it; NULL: no memory. */
static char *
bytes_copy(const void *bytes, size_t size)
{
	char *copy = malloc(size + 1);

	if (!copy)
		return NULL;
	if (size)
		memcpy(copy, bytes, size);
	copy[size] = 0;
	return copy;
}

/* Where the key stands, or may stand. There is always a free slot. */
static size_t *
slot_of(const struct tide_state_table *table, struct tide_text key, uint64_t hash)
{
	size_t at = hash & (table->slot_count - 1);

	while (table->slots[at]) {
		const struct tide_state_entry *entry = &table->entries[table->slots[at] - 1];
		if (entry->hash == hash && tide_text_equal(tide_state_table_key(entry), key))
			break;
		at = (at + 1) & (table->slot_count - 1);
	}
	return &table->slots[at];
}

static bool
table_grow(struct tide_state_table *table)
{
	size_t room = table->room ? 2 * table->room : FIRST_ROOM;
	struct tide_state_entry *entries = realloc(table->entries, room * sizeof *entries);

	if (!entries)
		return false;
	table->entries = entries;
	size_t *slots = calloc(2 * room, sizeof *slots);
	if (!slots)
		return false;
	free(table->slots);
	table->slots = slots;
	table->slot_count = 2 * room;
	table->room = room;
	for (size_t i = 0; i < table->count; i++)
		*slot_of(table, tide_state_table_key(&entries[i]), entries[i].hash) = i + 1;
	return true;
}

/* The entry of a key, made when new; NULL: no memory. */
static struct tide_state_entry *
entry_of(struct tide_state_table *table, struct tide_text key)
{
	uint64_t hash = tide_hash_plain(key);

	if (table->count == table->room && !table_grow(table))
		return NULL;
	size_t *slot = slot_of(table, key, hash);
	if (*slot)
		return &table->entries[*slot - 1];
	char *copy = bytes_copy(key.bytes, key.length);
	if (!copy)
		return NULL;
	table->bytes += key.length;
	table->entries[table->count] =
	        (struct tide_state_entry){.key = copy, .key_size = key.length, .hash = hash};
	*slot = ++table->count;
	return &table->entries[table->count - 1];
}

static bool
value_set(struct tide_state_table *table, struct tide_state_entry *entry,
          const struct tide_record *record)
{
	table->bytes -= entry->value_size;
	free(entry->value);
	entry->value = NULL;
	entry->value_size = 0;
	entry->offset = record->offset;
	if (!record->value || record->value_size == 0)
		return true;
	entry->value = bytes_copy(record->value, record->value_size);
	if (!entry->value)
		return false;
	entry->value_size = record->value_size;
	table->bytes += entry->value_size;
	return true;
}

int
tide_state_table_put(struct tide_state_table *table, const struct tide_record *record,
                     struct tide_error *error)
{
	struct tide_text key = {(const char *) record->key, record->key_size};

	if (!record->key)
		return 0;
	if (table->bytes + key.length + record->value_size > TIDE_STATE_TABLE_BYTES)
		return tide_error_stop(error, TIDE_ERROR_MEMORY,
		                       "a partition of the state topic holds more than %zu bytes of "
		                       "small state: is it another program's topic?",
		                       TIDE_STATE_TABLE_BYTES);
	struct tide_state_entry *entry = entry_of(table, key);
	if (entry && value_set(table, entry, record))
		return 0;
	return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
}

void
tide_state_table_fini(struct tide_state_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		free(table->entries[i].key);
		free(table->entries[i].value);
	}
	free(table->entries);
	free(table->slots);
	*table = (struct tide_state_table){0};
}
