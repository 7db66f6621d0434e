#ifndef TIDE_CONSUMER_FILE_READER_H
#define TIDE_CONSUMER_FILE_READER_H
#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
/*
 * The lines of one file or pipe, unpacked on the way.
 *
 *  (1) A file is plain, gzip or zstd by its first bytes, read with the first line;
 *      "-" is stdin.
 *  (2) A line ends in \n or \r\n, which it lacks here; empty lines are counted and left out. It is
 *      good until the next call. One over TIDE_FILE_READER_LINE_MAX bytes is told, not given.
 *  (3) A fault stays in `fault`: the caller takes what was read before it and meets it again.
 *  (4) form, next_offset and plain are the caller's notes on the file; the reader only makes room
 *      for plain, TIDE_FILE_READER_LINE_MAX bytes, and frees it.
 *  (5) Memory: some 3.2 MiB and what the unpacker takes.
 */
#define TIDE_FILE_READER_LINE_MAX 1048576

enum tide_file_form { TIDE_FILE_FORM_UNKNOWN, TIDE_FILE_FORM_LINES, TIDE_FILE_FORM_KCAT };

struct tide_file_unpacker;

struct tide_file_reader {
	char *path;
	int fd;
	enum tide_file_form form;
	bool regular, input_ended, frame_open, over, ended, faulty;
	struct tide_file_unpacker *unpacker;
	uint8_t *input, *window, *plain; /* plain: the unescaped texts of a kcat line */
	size_t input_at, input_end, at, end, scanned; /* scanned: bytes after `at` without a \n */
	uint64_t read_bytes, size_bytes, lines;
	int64_t next_offset; /* of partition 0: what a damaged line gets */
	struct tide_error fault;
};

/** Fills *r, which tide_file_reader_close frees, also after an error:
 *  TIDE_ERROR_NO_INPUT, _MEMORY. */
int tide_file_reader_open(struct tide_file_reader *r, const char *path, struct tide_error *error);
/** Also of a reader that is all zero. */
void tide_file_reader_close(struct tide_file_reader *r);
/** Sets the fault (3), with the path and the number of the next line; returns -1. */
int tide_file_reader_fault(struct tide_file_reader *r, enum tide_error_code code, const char *what);
/** The next line that is not empty: 1, or 0 at the end, or -1 (fault). *line NULL: too long. */
int tide_file_reader_line(struct tide_file_reader *r, uint8_t **line, size_t *length);
#endif
