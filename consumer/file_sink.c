#include "consumer/file_sink.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_BYTES ((size_t) 1 << 16)
#define LINE_CAP ((size_t) 1 << 30) /* escapes and base64 of the largest message there can be */

struct place {
	FILE *file;
	char *name;
	int failed; /* errno of the first failed write */
	bool told;  /* an earlier run's lines are still ahead; `line` is the number of the next */
	long long at, line;
};

struct file_sink {
	struct tide_sink base;
	struct place places[TIDE_LETTER_KINDS];
	struct place *at[TIDE_LETTER_KINDS]; /* equal paths: the same place; NULL: none */
	struct tide_buffer line, scratch;
};

/* Length of the UTF-8 sequence at `at`, or 0 (RFC 3629: no surrogates, no long forms). */
static size_t
utf8_length(const uint8_t *at, size_t rest)
{
	uint8_t first = at[0], low = 0x80, high = 0xbf;
	size_t length;

	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	if (length > rest)
		return 0;
	if (first == 0xe0)
		low = 0xa0;
	else if (first == 0xed)
		high = 0x9f;
	else if (first == 0xf0)
		low = 0x90;
	else if (first == 0xf4)
		high = 0x8f;
	if (at[1] < low || at[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

/* Writes the bytes as a JSON text; false if some of them were replaced. */
static bool
put_text(struct file_sink *sink, const uint8_t *bytes, size_t size)
{
	size_t plain = 0, length;
	bool valid = true;

	tide_text_buffer_reset(&sink->scratch);
	for (size_t i = 0; i < size; i += length) {
		length = utf8_length(bytes + i, size - i);
		if (length)
			continue;
		valid = false;
		tide_text_put(&sink->scratch, bytes + plain, i - plain);
		tide_text_put_string(&sink->scratch, "\xef\xbf\xbd");
		length = 1;
		plain = i + 1;
	}
	tide_text_put(&sink->scratch, bytes + plain, size - plain);
	tide_text_json_text(&sink->line,
	                    (struct tide_text){sink->scratch.bytes, sink->scratch.length});
	sink->line.failed = sink->line.failed || sink->scratch.failed;
	return valid;
}

static void
put_base64(struct file_sink *sink, const uint8_t *bytes, size_t size)
{
	static const char digits[] =
	        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	tide_text_buffer_reset(&sink->scratch);
	for (size_t i = 0; i < size; i += 3) {
		size_t rest = size - i;
		unsigned word = (unsigned) bytes[i] << 16;
		word |= rest > 1 ? (unsigned) bytes[i + 1] << 8 : 0;
		word |= rest > 2 ? (unsigned) bytes[i + 2] : 0;
		char text[4] = {digits[word >> 18], digits[word >> 12 & 63],
		                rest > 1 ? digits[word >> 6 & 63] : '=',
		                rest > 2 ? digits[word & 63] : '='};
		tide_text_put(&sink->scratch, text, sizeof text);
	}
	tide_text_json_text(&sink->line,
	                    (struct tide_text){sink->scratch.bytes, sink->scratch.length});
	sink->line.failed = sink->line.failed || sink->scratch.failed;
}

static void
put_member(struct file_sink *sink, const char *name, const uint8_t *bytes, size_t size)
{
	char base64[32];

	tide_text_json_key(&sink->line, name);
	if (!bytes) {
		tide_text_json_null(&sink->line);
	} else if (!put_text(sink, bytes, size)) {
		snprintf(base64, sizeof base64, "%s_base64", name);
		tide_text_json_key(&sink->line, base64);
		put_base64(sink, bytes, size);
	}
}

static void
put_dead(struct file_sink *sink, const struct tide_letter *letter)
{
	tide_text_json_open(&sink->line, '{');
	put_member(sink, "key", letter->key, letter->key_size);
	put_member(sink, "value", letter->value, letter->value_size);
	tide_text_json_key(&sink->line, "headers");
	tide_text_json_open(&sink->line, '{');
	for (size_t i = 0; i < letter->header_count; i++) {
		const struct tide_header *header = &letter->headers[i];
		tide_text_json_key(&sink->line, header->name);
		put_text(sink, (const uint8_t *) header->value.bytes, header->value.length);
	}
	tide_text_json_close(&sink->line, '}');
	tide_text_json_close(&sink->line, '}');
}

static int
write_error(const struct place *place, struct tide_error *error)
{
	return tide_error_stop(error, TIDE_ERROR_WRITE,
	                       "%s: cannot be written: %s; make room or choose another place",
	                       place->name, strerror(place->failed));
}

static int
told_differs(const struct place *place, struct tide_error *error)
{
	return tide_error_stop(error, TIDE_ERROR_DATA,
	                       "%s: line %lld is not what comes out now: the config, the input or "
	                       "the program is another one; start anew, without --resume",
	                       place->name, place->line + 1);
}

/* What an earlier run has written is not written again but has to be the same. 1: the line was
 * there; 0: it is to be written, for here the earlier run was cut off. */
static int
told_skip(struct file_sink *sink, struct place *place, struct tide_error *error)
{
	const struct tide_buffer *line = &sink->line;
	char chunk[4096];
	size_t same = 0;

	while (same < line->length) {
		size_t want = line->length - same < sizeof chunk ? line->length - same : sizeof chunk;
		size_t got = fread(chunk, 1, want, place->file);
		if (memcmp(chunk, line->bytes + same, got) != 0)
			return told_differs(place, error);
		same += got;
		if (got < want)
			break;
	}
	if (same == line->length) {
		place->at += (long long) same;
		place->line++;
		return 1;
	}
	place->told = false;
	clearerr(place->file);
	if (fseeko(place->file, (off_t) place->at, SEEK_SET) ||
	    (same > 0 && ftruncate(fileno(place->file), (off_t) place->at)))
		place->failed = errno;
	return 0;
}

static int
line_write(struct file_sink *sink, struct place *place, struct tide_error *error)
{
	int told = place->told ? told_skip(sink, place, error) : 0;

	if (told)
		return told < 0 ? -1 : 0;
	errno = 0;
	if (!place->failed && fwrite(sink->line.bytes, 1, sink->line.length, place->file) !=
	                              sink->line.length)
		place->failed = errno ? errno : EIO;
	return place->failed ? write_error(place, error) : 0;
}

static int
sink_give(struct tide_sink *base, const struct tide_letter *letter, struct tide_error *error)
{
	struct file_sink *sink = (struct file_sink *) base;
	struct place *place = sink->at[letter->kind];

	if (!place) {
		base->unplaced[letter->kind]++;
		return 0;
	}
	tide_text_buffer_reset(&sink->line);
	if (letter->kind == TIDE_LETTER_DEAD)
		put_dead(sink, letter);
	else
		tide_text_put(&sink->line, letter->value, letter->value_size);
	tide_text_put(&sink->line, "\n", 1);
	if (sink->line.failed)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "%s: no memory for a line of it",
		                       place->name);
	if (line_write(sink, place, error))
		return -1;
	base->given[letter->kind]++;
	return 0;
}

static int
sink_commit(struct tide_sink *base, const struct tide_position *positions, size_t count,
            struct tide_error *error)
{
	struct file_sink *sink = (struct file_sink *) base;

	(void) positions, (void) count;
	for (int kind = 0; kind < TIDE_LETTER_KINDS; kind++) {
		struct place *place = &sink->places[kind];
		if (!place->file || place->told)
			continue;
		errno = 0;
		if (!place->failed && (fflush(place->file) || ferror(place->file)))
			place->failed = errno ? errno : EIO;
		if (place->failed)
			return write_error(place, error);
	}
	return 0;
}

static void
sink_close(struct tide_sink *base)
{
	struct file_sink *sink = (struct file_sink *) base;

	for (int kind = 0; kind < TIDE_LETTER_KINDS; kind++) {
		struct place *place = &sink->places[kind];
		if (place->file == stdout)
			fflush(stdout);
		else if (place->file)
			fclose(place->file);
		free(place->name);
	}
	tide_text_buffer_fini(&sink->line);
	tide_text_buffer_fini(&sink->scratch);
	free(sink);
}

/* An earlier run's file if there is one and it is wanted, else a new one. */
static FILE *
file_open(const char *path, bool resume, bool *told)
{
	FILE *file = resume ? fopen(path, "r+e") : NULL;

	*told = file != NULL;
	if (!file && (!resume || errno == ENOENT))
		file = fopen(path, "we");
	if (file)
		setvbuf(file, NULL, _IOFBF, BUFFER_BYTES);
	return file;
}

static int
place_open(struct file_sink *sink, int kind, const char *path, bool resume,
           struct tide_error *error)
{
	struct place *place = &sink->places[kind];
	bool out = strcmp(path, "-") == 0;

	for (int before = 0; before < kind; before++) {
		struct place *other = sink->at[before];
		if (other && strcmp(other->name, out ? "stdout" : path) == 0 &&
		    out == (other->file == stdout)) {
			sink->at[kind] = other;
			return 0;
		}
	}
	if (out && resume)
		return tide_error_stop(error, TIDE_ERROR_USAGE,
		                       "--resume goes on with files, and stdout is none: name one");
	place->name = strdup(out ? "stdout" : path);
	if (!place->name)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "no memory for a file sink");
	place->file = out ? stdout : file_open(path, resume, &place->told);
	if (!place->file)
		return tide_error_stop(error, TIDE_ERROR_CREATE,
		                       "%s: cannot be created: %s; check the directory", path,
		                       strerror(errno));
	sink->at[kind] = place;
	return 0;
}

static const struct tide_sink_ops ops = {
        .give = sink_give,
        .commit = sink_commit,
        .close = sink_close,
};

static int
sink_open(const char *const paths[TIDE_LETTER_KINDS], bool resume, struct tide_sink **sink,
          struct tide_error *error)
{
	struct file_sink *made = calloc(1, sizeof *made);

	if (!made)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "no memory for a file sink");
	made->base.ops = &ops;
	tide_text_buffer_init(&made->line, LINE_CAP);
	tide_text_buffer_init(&made->scratch, LINE_CAP);
	for (int kind = 0; kind < TIDE_LETTER_KINDS; kind++)
		if (paths[kind] && place_open(made, kind, paths[kind], resume, error)) {
			sink_close(&made->base);
			return -1;
		}
	*sink = &made->base;
	return 0;
}

int
tide_file_sink_open(const char *results_path, const char *alerts_path, const char *dead_path,
                    struct tide_sink **sink, struct tide_error *error)
{
	const char *paths[TIDE_LETTER_KINDS] = {results_path, alerts_path, dead_path};

	return sink_open(paths, false, sink, error);
}

int
tide_file_sink_resume(const char *results_path, const char *alerts_path, const char *dead_path,
                      struct tide_sink **sink, struct tide_error *error)
{
	const char *paths[TIDE_LETTER_KINDS] = {results_path, alerts_path, dead_path};

	return sink_open(paths, true, sink, error);
}

int
tide_file_sink_end(struct tide_sink *base, struct tide_error *error)
{
	struct file_sink *sink = (struct file_sink *) base;

	for (int kind = 0; kind < TIDE_LETTER_KINDS; kind++) {
		struct place *place = &sink->places[kind];
		if (place->told && fgetc(place->file) != EOF)
			return told_differs(place, error);
	}
	return 0;
}
