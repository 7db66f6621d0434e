#ifndef TIDE_APP_PROGRESS_H
#define TIDE_APP_PROGRESS_H
#include "base/text.h"
/*
 * How far a bounded input has been read, in one line for a terminal:
 *   replayed 43 %, 1204000 records, 45210/s, windows to 2012-04-29, 35 s left
 * What is not known yet is left out. Pure: the clock is an argument.
 */
struct tide_progress {
	double share; /* of the input, in [0,1]: of the bytes of files, of the offsets of topics */
	uint64_t records;
	int64_t elapsed_ms;
	int64_t window_end_ms; /* of the last window that was judged; INT64_MIN: none */
};

void tide_progress_print(struct tide_buffer *line, const struct tide_progress *progress);
#endif
