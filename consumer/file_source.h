#ifndef TIDE_CONSUMER_FILE_SOURCE_H
#define TIDE_CONSUMER_FILE_SOURCE_H
#include "consumer/source.h"
/*
 * Records from files of JSON lines.
 *
 *  (1) A file is plain, gzip or zstd by its first bytes; "-" is stdin, for at most one of the two.
 *  (2) A line that is not empty is a record: value = the line without its end (\n or \r\n),
 *      offset = the number of records before it, partition 0. A line over
 *      TIDE_FILE_SOURCE_LINE_MAX bytes is a record with `damage` and no value; its neighbours
 *      are whole.
 *  (3) Where the first line is an object with topic, partition, offset, ts and payload (kcat -J),
 *      every line is read as one, and key, value, offset and time_ms are those of the message.
 *      Bytes >= 0x80 pass unchanged, valid UTF-8 or not. A line that is no such object is a damaged
 *      record of partition 0 with the line as value and the offset after the last one.
 *  (4) A kcat file is read once in open for its partitions, a queue each. From a pipe only
 *      partition 0 can be had; other lines are damaged records.
 *  (5) Taking one queue parks what is met of the others, at most TIDE_FILE_SOURCE_PARKED_MAX bytes
 *      in all; beyond, take fails with TIDE_ERROR_MEMORY. WAIT is answered after 1024 lines of
 *      others, so that the caller may take those first.
 *  (6) take fails with TIDE_ERROR_DATA on a broken or truncated stream, after the records before
 *      it, and again when called again. For kcat files open already does.
 *  (7) Memory: some 3.2 MiB a file, at most 5 MiB a batch, and (5).
 */
#define TIDE_FILE_SOURCE_LINE_MAX 1048576
#define TIDE_FILE_SOURCE_BATCH_MAX 1024
#define TIDE_FILE_SOURCE_PARKED_MAX (UINT64_C(64) << 20)

/** Opens both roles; a NULL path is a role without queues. TIDE_ERROR_NO_INPUT, _USAGE, _DATA. */
int tide_file_source_open(const char *predictions_path, const char *labels_path,
                          struct tide_source **source, struct tide_error *error);
#endif
