/* The first byte chooses the unit, the rest is a timestamp. */
#include "fuzz.h"
#include "schemas/stamp.h"
#include <stdlib.h>
#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	int64_t time_ms = 0;
	char *copy;

	if (size == 0)
		return 0;
	copy = malloc(size);
	TIDE_ASSERT(copy);
	memcpy(copy, bytes, size);
	struct tide_text text = {copy + 1, size - 1};
	enum tide_time_unit unit = (enum tide_time_unit)(copy[0] & 7);
	if (unit <= TIDE_TIME_RFC3339) {
		enum tide_stamp stamp = tide_stamp_read(text, unit, &time_ms);

		TIDE_ASSERT(stamp != TIDE_STAMP_OK || time_ms >= 0);
		TIDE_ASSERT(stamp != TIDE_STAMP_NEGATIVE || time_ms <= 0);
	}
	free(copy);
	return 0;
}
