#include "app/utc.h"
#include <inttypes.h>
#include <time.h>

void
tide_utc_print(struct tide_buffer *buffer, int64_t time_ms)
{
	int64_t rest_ms = (time_ms % 1000 + 1000) % 1000;
	time_t seconds = (time_t) ((time_ms - rest_ms) / 1000);
	struct tm utc;

	if (time_ms < INT64_MIN + 1000 || !gmtime_r(&seconds, &utc)) {
		tide_text_put_format(buffer, "%" PRId64 " ms", time_ms);
		return;
	}
	tide_text_put_format(buffer, "%04d-%02d-%02d", utc.tm_year + 1900, utc.tm_mon + 1,
	                     utc.tm_mday);
	if (seconds % 86400 == 0 && rest_ms == 0)
		return;
	tide_text_put_format(buffer, "T%02d:%02d:%02d", utc.tm_hour, utc.tm_min, utc.tm_sec);
	if (rest_ms)
		tide_text_put_format(buffer, ".%03d", (int) rest_ms);
	tide_text_put(buffer, "Z", 1);
}
