/* A --range; what is read is resolved, too. */
#include "app/range.h"
#include "fuzz.h"
#include <stdlib.h>
#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *text = malloc(size + 1);
	struct tide_range range;
	struct tide_error error;
	int64_t from_ms, until_ms;

	TIDE_ASSERT(text);
	if (size)
		memcpy(text, bytes, size);
	text[size] = 0;
	if (tide_range_read(text, &range, &error) == 0 && !range.offsets &&
	    tide_range_times(&range, 1772323200000, &from_ms, &until_ms, &error) == 0)
		TIDE_ASSERT(from_ms < until_ms && until_ms > 0);
	free(text);
	return 0;
}
