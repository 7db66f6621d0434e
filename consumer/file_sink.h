#ifndef TIDE_CONSUMER_FILE_SINK_H
#define TIDE_CONSUMER_FILE_SINK_H
#include "consumer/sink.h"
/*
 * Letters into files, truncated at open or continued.
 *
 *  (1) A path may be "-" (stdout); equal paths share one file in the order of giving. NULL is no
 *      place: such letters are counted in `unplaced` and dropped.
 *  (2) Results and alerts are written as their value and \n.
 *  (3) Dead letters are one JSON object a line: {"key","value","headers":{name: text}}. A key or
 *      value that is not UTF-8 has U+FFFD where a byte is invalid, and whole in "key_base64" or
 *      "value_base64"; in a header's text only U+FFFD stands. NULL is null.
 *  (4) commit flushes. A failed write is TIDE_ERROR_WRITE and stays: no later commit succeeds.
 *      What is given after the last commit may or may not be in the file after close.
 *  (5) Resumed, a sink is given everything from the start again: what stands in a file is compared
 *      and not written, a last line that was cut off is finished, and the rest follows. A line that
 *      is another one is TIDE_ERROR_DATA, and the file stays as it is.
 */

/** TIDE_ERROR_CREATE where a file cannot be created; then none stays open. */
int tide_file_sink_open(const char *results_path, const char *alerts_path, const char *dead_path,
                        struct tide_sink **sink, struct tide_error *error);
/** The same, but going on with the files that an interrupted run left (5). */
int tide_file_sink_resume(const char *results_path, const char *alerts_path, const char *dead_path,
                          struct tide_sink **sink, struct tide_error *error);
/** Everything has been given: TIDE_ERROR_DATA where a resumed file holds more. */
int tide_file_sink_end(struct tide_sink *sink, struct tide_error *error);
#endif
