#include "consumer/file_sink.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_BYTES ((size_t) 1 << 16)
#define LINE_CAP ((size_t) 1 << 30) /* escapes and base64 of the largest message there can be */

struct file_sink {
	struct tide_sink base;
	FILE *files[TIDE_LETTER_KINDS]; /* equal paths: the same FILE */
	char *names[TIDE_LETTER_KINDS];
	int failed[TIDE_LETTER_KINDS]; /* errno of the first failed write */
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
write_error(const struct file_sink *sink, int kind, struct tide_error *error)
{
	return tide_error_stop(error, TIDE_ERROR_WRITE,
	                       "%s: cannot be written: %s; make room or choose another place",
	                       sink->names[kind], strerror(sink->failed[kind]));
}

static int
sink_give(struct tide_sink *base, const struct tide_letter *letter, struct tide_error *error)
{
	struct file_sink *sink = (struct file_sink *) base;
	int kind = (int) letter->kind;
	FILE *file = sink->files[kind];

	if (!file) {
		base->unplaced[kind]++;
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
		                       sink->names[kind]);
	errno = 0;
	if (!sink->failed[kind] &&
	    fwrite(sink->line.bytes, 1, sink->line.length, file) != sink->line.length)
		sink->failed[kind] = errno ? errno : EIO;
	if (sink->failed[kind])
		return write_error(sink, kind, error);
	base->given[kind]++;
	return 0;
}

static int
sink_commit(struct tide_sink *base, const struct tide_position *positions, size_t count,
            struct tide_error *error)
{
	struct file_sink *sink = (struct file_sink *) base;

	(void) positions, (void) count;
	for (int kind = 0; kind < TIDE_LETTER_KINDS; kind++) {
		if (!sink->files[kind])
			continue;
		errno = 0;
		if (!sink->failed[kind] && (fflush(sink->files[kind]) || ferror(sink->files[kind])))
			sink->failed[kind] = errno ? errno : EIO;
		if (sink->failed[kind])
			return write_error(sink, kind, error);
	}
	return 0;
}

static void
sink_close(struct tide_sink *base)
{
	struct file_sink *sink = (struct file_sink *) base;

	for (int kind = 0; kind < TIDE_LETTER_KINDS; kind++) {
		FILE *file = sink->files[kind];
		for (int later = kind + 1; later < TIDE_LETTER_KINDS; later++)
			if (sink->files[later] == file)
				sink->files[later] = NULL;
		if (file == stdout)
			fflush(file);
		else if (file)
			fclose(file);
		free(sink->names[kind]);
	}
	tide_text_buffer_fini(&sink->line);
	tide_text_buffer_fini(&sink->scratch);
	free(sink);
}

static int
open_place(struct file_sink *sink, int kind, const char *path, struct tide_error *error)
{
	bool out = strcmp(path, "-") == 0;

	sink->names[kind] = strdup(out ? "stdout" : path);
	if (!sink->names[kind])
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "no memory for a file sink");
	for (int before = 0; before < kind; before++)
		if (sink->names[before] && strcmp(sink->names[before], sink->names[kind]) == 0 &&
		    out == (sink->files[before] == stdout)) {
			sink->files[kind] = sink->files[before];
			return 0;
		}
	sink->files[kind] = out ? stdout : fopen(path, "we");
	if (!sink->files[kind])
		return tide_error_stop(error, TIDE_ERROR_CREATE,
		                       "%s: cannot be created: %s; check the directory", path,
		                       strerror(errno));
	if (!out)
		setvbuf(sink->files[kind], NULL, _IOFBF, BUFFER_BYTES);
	return 0;
}

static const struct tide_sink_ops ops = {
        .give = sink_give,
        .commit = sink_commit,
        .close = sink_close,
};

int
tide_file_sink_open(const char *results_path, const char *alerts_path, const char *dead_path,
                    struct tide_sink **sink, struct tide_error *error)
{
	const char *paths[TIDE_LETTER_KINDS] = {results_path, alerts_path, dead_path};
	struct file_sink *made = calloc(1, sizeof *made);

	if (!made)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "no memory for a file sink");
	made->base.ops = &ops;
	tide_text_buffer_init(&made->line, LINE_CAP);
	tide_text_buffer_init(&made->scratch, LINE_CAP);
	for (int kind = 0; kind < TIDE_LETTER_KINDS; kind++)
		if (paths[kind] && open_place(made, kind, paths[kind], error)) {
			sink_close(&made->base);
			return -1;
		}
	*sink = &made->base;
	return 0;
}
