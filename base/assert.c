#include "base/assert.h"
#include <stdio.h>
#include <stdlib.h>

void
tide_assert_failed(const char *file, int line, const char *condition)
{
	fprintf(stderr, "%s:%d: broken promise: %s (a bug in tidemark; please report it)\n", file, line,
	        condition);
	abort();
}
