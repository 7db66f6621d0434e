#include "consumer/file_reader.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define LINE_MAX_BYTES ((size_t) TIDE_FILE_READER_LINE_MAX)
#define INPUT_BYTES ((size_t) 1 << 17)
#define WINDOW_BYTES (2 * LINE_MAX_BYTES) /* a line and its end always fit, with room to read */

enum packing { PACKING_UNKNOWN, PACKING_NONE, PACKING_GZIP, PACKING_ZSTD };

struct tide_file_unpacker {
	enum packing packing;
	z_stream gzip;
	ZSTD_DStream *zstd;
};

int
tide_file_reader_open(struct tide_file_reader *r, const char *path, struct tide_error *error)
{
	struct stat status;
	bool pipe = strcmp(path, "-") == 0;

	*r = (struct tide_file_reader){.path = strdup(pipe ? "stdin" : path)};
	r->fd = pipe ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	if (r->fd >= 0 && fstat(r->fd, &status) == 0 && S_ISDIR(status.st_mode))
		errno = EISDIR;
	else if (r->fd >= 0)
		errno = 0;
	if (errno)
		return tide_error_stop(error, TIDE_ERROR_NO_INPUT,
		                       "%s: cannot be read: %s; check the path and its permissions",
		                       path, strerror(errno));
	r->regular = !pipe && S_ISREG(status.st_mode);
	r->size_bytes = r->regular ? (uint64_t) status.st_size : 0;
	r->input = malloc(INPUT_BYTES);
	r->window = malloc(WINDOW_BYTES);
	r->plain = malloc(LINE_MAX_BYTES);
	r->unpacker = calloc(1, sizeof *r->unpacker);
	if (!r->path || !r->input || !r->window || !r->plain || !r->unpacker)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "%s: no memory to read it", path);
	return 0;
}

void
tide_file_reader_close(struct tide_file_reader *r)
{
	if (r->path && r->fd >= 0)
		close(r->fd);
	if (r->unpacker && r->unpacker->packing == PACKING_GZIP)
		inflateEnd(&r->unpacker->gzip);
	if (r->unpacker)
		ZSTD_freeDStream(r->unpacker->zstd);
	free(r->unpacker);
	free(r->input);
	free(r->window);
	free(r->plain);
	free(r->path);
	*r = (struct tide_file_reader){0};
}

int
tide_file_reader_fault(struct tide_file_reader *r, enum tide_error_code code, const char *what)
{
	r->faulty = true;
	return tide_error_stop(&r->fault, code, "%s: line %llu: %s", r->path,
	                       (unsigned long long) r->lines + 1, what);
}

static int
reader_load(struct tide_file_reader *r)
{
	ssize_t got;

	if (r->input_at == r->input_end)
		r->input_at = r->input_end = 0;
	do
		got = read(r->fd, r->input + r->input_end, INPUT_BYTES - r->input_end);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return tide_file_reader_fault(r, TIDE_ERROR_NO_INPUT, strerror(errno));
	r->input_ended = got == 0;
	r->input_end += (size_t) got;
	r->read_bytes += (uint64_t) got;
	return 0;
}

static int
reader_sniff(struct tide_file_reader *r)
{
	const uint8_t *b = r->input;

	while (r->input_end < 4 && !r->input_ended)
		if (reader_load(r))
			return -1;
	r->unpacker->packing = PACKING_NONE;
	if (r->input_end >= 2 && b[0] == 0x1f && b[1] == 0x8b) {
		if (inflateInit2(&r->unpacker->gzip, 15 + 16) != Z_OK)
			return tide_file_reader_fault(r, TIDE_ERROR_MEMORY,
			                              "no memory to unpack gzip");
		r->unpacker->packing = PACKING_GZIP;
	} else if (r->input_end >= 4 &&
	           ((b[0] == 0x28 && b[1] == 0xb5 && b[2] == 0x2f && b[3] == 0xfd) ||
	            ((b[0] & 0xf0) == 0x50 && b[1] == 0x2a && b[2] == 0x4d && b[3] == 0x18))) {
		r->unpacker->zstd = ZSTD_createDStream();
		if (!r->unpacker->zstd)
			return tide_file_reader_fault(r, TIDE_ERROR_MEMORY,
			                              "no memory to unpack zstd");
		r->unpacker->packing = PACKING_ZSTD;
	}
	return 0;
}

/* One call of the unpacker: moves input_at and end. */
static int
reader_unpack(struct tide_file_reader *r)
{
	size_t have = r->input_end - r->input_at, room = WINDOW_BYTES - r->end;

	if (r->unpacker->packing == PACKING_NONE) {
		size_t size = have < room ? have : room;
		memcpy(r->window + r->end, r->input + r->input_at, size);
		r->input_at += size;
		r->end += size;
	} else if (r->unpacker->packing == PACKING_GZIP) {
		r->unpacker->gzip.next_in = r->input + r->input_at;
		r->unpacker->gzip.avail_in = (uInt) have;
		r->unpacker->gzip.next_out = r->window + r->end;
		r->unpacker->gzip.avail_out = (uInt) room;
		int code = inflate(&r->unpacker->gzip, Z_NO_FLUSH);
		r->input_at = r->input_end - r->unpacker->gzip.avail_in;
		r->end = WINDOW_BYTES - r->unpacker->gzip.avail_out;
		if (code != Z_OK && code != Z_BUF_ERROR && code != Z_STREAM_END)
			return tide_file_reader_fault(r, TIDE_ERROR_DATA,
			                    "the gzip stream is damaged; make the file again");
		r->frame_open = code != Z_STREAM_END;
		if (!r->frame_open)
			inflateReset(&r->unpacker->gzip);
	} else {
		ZSTD_inBuffer in = {r->input, r->input_end, r->input_at};
		ZSTD_outBuffer out = {r->window, WINDOW_BYTES, r->end};
		size_t code = ZSTD_decompressStream(r->unpacker->zstd, &out, &in);
		r->input_at = in.pos;
		r->end = out.pos;
		if (ZSTD_isError(code))
			return tide_file_reader_fault(r, TIDE_ERROR_DATA,
			                    "the zstd stream is damaged; make the file again");
		r->frame_open = code != 0;
	}
	return 0;
}

/* Puts more bytes into the window, or sets `ended`. */
static int
reader_fill(struct tide_file_reader *r)
{
	if (r->faulty || (r->unpacker->packing == PACKING_UNKNOWN && reader_sniff(r)))
		return -1;
	memmove(r->window, r->window + r->at, r->end - r->at);
	r->end -= r->at;
	r->at = 0;
	for (size_t before = r->end; r->end == before;) {
		if (r->input_at == r->input_end && !r->input_ended && reader_load(r))
			return -1;
		/* gzip files may be padded with zeros behind their last member */
		if (r->unpacker->packing == PACKING_GZIP && !r->frame_open &&
		    r->unpacker->gzip.total_in == 0 &&
		    r->read_bytes > r->input_end - r->input_at)
			while (r->input_at < r->input_end && r->input[r->input_at] == 0)
				r->input_at++;
		bool dry = r->input_at == r->input_end;
		if (dry && r->input_ended && !r->frame_open) {
			r->ended = true;
			return 0;
		}
		if (dry && !r->input_ended)
			continue;
		if (reader_unpack(r))
			return -1;
		if (dry && r->end == before)
			return tide_file_reader_fault(r, TIDE_ERROR_DATA,
			                    "the compressed stream is truncated; copy it again");
	}
	return 0;
}

int
tide_file_reader_line(struct tide_file_reader *r, uint8_t **line, size_t *length)
{
	for (;;) {
		size_t have = r->end - r->at;
		uint8_t *from = r->window + r->at, *stop;

		stop = NULL;
		if (have > r->scanned)
			stop = memchr(from + r->scanned, '\n', have - r->scanned);
		if (!stop && !r->ended) {
			r->scanned = have;
			if (have > LINE_MAX_BYTES) {
				r->over = true;
				r->at = r->end = r->scanned = 0;
			}
			if (reader_fill(r))
				return -1;
			continue;
		}
		if (!stop && have == 0 && !r->over)
			return 0;
		*length = stop ? (size_t) (stop - from) : have;
		r->at += *length + (stop != NULL);
		r->scanned = 0;
		r->lines++;
		*line = r->over || *length > LINE_MAX_BYTES ? NULL : from;
		r->over = false;
		if (*line && *length && from[*length - 1] == '\r')
			--*length;
		if (!*line || *length)
			return 1;
	}
}
