#ifndef TIDE_APP_STATE_TABLE_H
#define TIDE_APP_STATE_TABLE_H
#include "base/error.h"
#include "consumer/source.h"
/*
 * What a partition of a compacted topic says: of each key the last record, whether the broker has
 * compacted the others away or not yet.
 *
 *  (1) Keys and values are copied. A value of no bytes, or none, forgets its key: the record stays
 *      in the table with value NULL.
 *  (2) Records stand in the order in which their keys came first.
 *  (3) More than TIDE_STATE_TABLE_BYTES of keys and values is TIDE_ERROR_MEMORY.
 */
#define TIDE_STATE_TABLE_BYTES ((size_t) 1 << 30)

struct tide_state_entry {
	char *key, *value;
	size_t key_size, value_size;
	int64_t offset;
	uint64_t hash;
};

struct tide_state_table { /* zeroed: empty */
	struct tide_state_entry *entries;
	size_t count, room;
	size_t *slots; /* number of an entry + 1, open addressing, slot_count a power of two */
	size_t slot_count;
	size_t bytes;
};

/** A record without key is passed over: compaction knows none. */
int tide_state_table_put(struct tide_state_table *table, const struct tide_record *record,
                         struct tide_error *error) TIDE_MUSTCHECK;
void tide_state_table_fini(struct tide_state_table *table);

static inline struct tide_text
tide_state_table_key(const struct tide_state_entry *entry)
{
	return (struct tide_text){entry->key, entry->key_size};
}

static inline struct tide_text
tide_state_table_value(const struct tide_state_entry *entry)
{
	return (struct tide_text){entry->value, entry->value_size};
}
#endif
