#ifndef TIDE_CONSUMER_FILE_KCAT_H
#define TIDE_CONSUMER_FILE_KCAT_H
#include "consumer/source.h"
/*
 * A line of `kcat -J` taken apart.
 *
 *  (1) A line is one when it is an object with topic, partition, offset, ts and payload. Bytes >=
 *      0x80 pass unchanged, valid UTF-8 or not.
 *  (2) The line stays as it is, so that a damaged one can be shown whole; the unescaped key and
 *      value lie in `plain`, which has room for as many bytes as the line.
 *  (3) Members that nobody wants are skipped unread. A ts below zero is no time.
 */

/** Whether a line of at least one byte is a kcat -J object (1): 1 or 0; -1: out of memory. */
int tide_file_kcat_is(const uint8_t *line, size_t length);
/** Fills key, value, offset and time_ms of *record, and *partition; returns what is wrong with the
 *  line, or NULL. */
const char *tide_file_kcat_parse(const uint8_t *line, size_t length, uint8_t *plain,
                                 struct tide_record *record, int32_t *partition);
#endif
