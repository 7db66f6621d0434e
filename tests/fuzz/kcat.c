/* A line of kcat -J. */
#include "consumer/file_kcat.h"
#include "fuzz.h"
#include <stdlib.h>
#include <string.h>

static void
inside(const uint8_t *plain, size_t room, const uint8_t *bytes, size_t size)
{
	TIDE_ASSERT(!bytes || (bytes >= plain && bytes + size <= plain + room));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct tide_record record = {.time_ms = INT64_MIN};
	int32_t partition = -1;
	uint8_t *line, *plain;

	if (size == 0)
		return 0;
	line = malloc(size);
	plain = malloc(size);
	TIDE_ASSERT(line && plain);
	memcpy(line, bytes, size);
	tide_file_kcat_is(line, size);
	if (!tide_file_kcat_parse(line, size, plain, &record, &partition)) {
		TIDE_ASSERT(partition >= 0 && record.offset >= 0);
		TIDE_ASSERT(record.time_ms >= 0 || record.time_ms == INT64_MIN);
		inside(plain, size, record.key, record.key_size);
		inside(plain, size, record.value, record.value_size);
	}
	TIDE_ASSERT(memcmp(line, bytes, size) == 0);
	free(line);
	free(plain);
	return 0;
}
