#include "app/progress.h"
#include "app/utc.h"
#include <inttypes.h>

void
tide_progress_print(struct tide_buffer *line, const struct tide_progress *progress)
{
	double elapsed_s = (double) progress->elapsed_ms / 1000;

	/* not 100 % before it is */
	tide_text_put_format(line, "replayed %d %%, %" PRIu64 " records", (int) (100 * progress->share),
	                     progress->records);
	if (elapsed_s > 0)
		tide_text_put_format(line, ", %.0f/s", (double) progress->records / elapsed_s);
	if (progress->window_end_ms != INT64_MIN) {
		tide_text_put_string(line, ", windows to ");
		tide_utc_print(line, progress->window_end_ms);
	}
	if (progress->share > 0 && elapsed_s > 0)
		tide_text_put_format(line, ", %.0f s left",
		                     elapsed_s * (1 - progress->share) / progress->share);
}
