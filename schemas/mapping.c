#include "schemas/mapping.h"
#include <stdlib.h>
#include <string.h>

#define SLOT_COUNT (2u * TIDE_COLUMNS_MAX) /* a power of two, at most half full */

struct tide_columns {
	struct tide_text names[TIDE_COLUMNS_MAX]; /* each owns its bytes */
	uint32_t slots[SLOT_COUNT];               /* 0: free, else the column + 1 */
	uint32_t count;
	uint64_t refused;
	bool lost;
};

struct tide_columns *
tide_mapping_columns_new(void)
{
	return calloc(1, sizeof(struct tide_columns));
}

void
tide_mapping_columns_free(struct tide_columns *columns)
{
	if (!columns)
		return;
	for (uint32_t i = 0; i < columns->count; i++) {
		char *bytes;

		/* The name is ours; only the borrowing view of it is const. */
		memcpy(&bytes, &columns->names[i].bytes, sizeof(bytes));
		free(bytes);
	}
	free(columns);
}

static uint32_t
column_add(struct tide_columns *columns, struct tide_text name, uint32_t *slot)
{
	char *bytes = columns->count < TIDE_COLUMNS_MAX ? malloc(name.length + 1) : NULL;

	if (!bytes) {
		columns->refused++;
		columns->lost = columns->lost || columns->count < TIDE_COLUMNS_MAX;
		return TIDE_NO_COLUMN;
	}
	if (name.length > 0)
		memcpy(bytes, name.bytes, name.length);
	bytes[name.length] = '\0';
	columns->names[columns->count] = (struct tide_text){bytes, name.length};
	*slot = columns->count + 1;
	return columns->count++;
}

uint32_t
tide_mapping_column(struct tide_columns *columns, struct tide_text name, uint32_t hint)
{
	uint32_t at;

	if (hint < columns->count && tide_text_equal(columns->names[hint], name))
		return hint;
	at = (uint32_t)(tide_hash_plain(name) & (SLOT_COUNT - 1));
	for (; columns->slots[at] != 0; at = (at + 1) & (SLOT_COUNT - 1))
		if (tide_text_equal(columns->names[columns->slots[at] - 1], name))
			return columns->slots[at] - 1;
	return column_add(columns, name, &columns->slots[at]);
}

struct tide_text
tide_mapping_column_name(const struct tide_columns *columns, uint32_t column)
{
	TIDE_ASSERT(column < columns->count);
	return columns->names[column];
}

size_t
tide_mapping_column_count(const struct tide_columns *columns)
{
	return columns->count;
}

uint64_t
tide_mapping_columns_refused(const struct tide_columns *columns)
{
	return columns->refused;
}

bool
tide_mapping_columns_lost(const struct tide_columns *columns)
{
	return columns->lost;
}
