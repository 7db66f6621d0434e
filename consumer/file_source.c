#include "consumer/file_source.h"
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define LINE_MAX_BYTES ((size_t) TIDE_FILE_SOURCE_LINE_MAX)
#define INPUT_BYTES ((size_t) 1 << 17)
#define WINDOW_BYTES (2 * LINE_MAX_BYTES) /* a line and its end always fit, with room to read */
#define BATCH_BYTES ((size_t) 4 << 20)
#define TOO_LONG "line longer than 1048576 bytes"

enum packing { PACKING_UNKNOWN, PACKING_NONE, PACKING_GZIP, PACKING_ZSTD };
enum form { FORM_UNKNOWN, FORM_LINES, FORM_KCAT };

/* One line taken apart; key and value point into the reader. */
struct parsed {
	struct tide_record record;
	int32_t partition;
};

struct reader {
	char *path;
	int fd;
	enum packing packing;
	enum form form;
	bool regular, input_ended, frame_open, over, ended, faulty;
	z_stream gzip;
	ZSTD_DStream *zstd;
	uint8_t *input, *window, *plain; /* plain: the unescaped texts of a kcat line */
	size_t input_at, input_end, at, end, scanned; /* scanned: bytes after `at` without a \n */
	uint64_t read_bytes, size_bytes, lines;
	int64_t next_offset; /* of partition 0: what a damaged line gets */
	struct tide_error fault;
};

struct spot {
	size_t key, value;
};

/* Records whose bytes may still move: pointers are set when the pile is lent. */
struct pile {
	struct tide_record *records;
	struct spot *spots;
	uint8_t *bytes;
	size_t count, capacity, length, byte_capacity;
};

struct queue {
	struct pile lent, parked;
	size_t at;                    /* first record of `lent` that was not given */
	uint64_t expected, collected; /* records there will be (UINT64_MAX: not known), were read */
	struct reader *reader;
};

struct file_source {
	struct tide_source base;
	struct reader readers[2];
	struct tide_queue *list;
	struct queue *queues;
	size_t count;
	uint64_t parked_bytes;
};

static int
reader_open(struct reader *r, const char *path, struct tide_error *error)
{
	struct stat status;
	bool pipe = strcmp(path, "-") == 0;

	*r = (struct reader){.path = strdup(pipe ? "stdin" : path)};
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
	if (!r->path || !r->input || !r->window || !r->plain)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "%s: no memory to read it", path);
	return 0;
}

static void
reader_close(struct reader *r)
{
	if (r->path && r->fd >= 0)
		close(r->fd);
	if (r->packing == PACKING_GZIP)
		inflateEnd(&r->gzip);
	ZSTD_freeDStream(r->zstd);
	free(r->input);
	free(r->window);
	free(r->plain);
	free(r->path);
	*r = (struct reader){0};
}

/* A fault stays: the caller takes what was read before it and meets it again. */
static int
reader_fault(struct reader *r, enum tide_error_code code, const char *what)
{
	r->faulty = true;
	return tide_error_stop(&r->fault, code, "%s: line %llu: %s", r->path,
	                       (unsigned long long) r->lines + 1, what);
}

static int
reader_load(struct reader *r)
{
	ssize_t got;

	if (r->input_at == r->input_end)
		r->input_at = r->input_end = 0;
	do
		got = read(r->fd, r->input + r->input_end, INPUT_BYTES - r->input_end);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return reader_fault(r, TIDE_ERROR_NO_INPUT, strerror(errno));
	r->input_ended = got == 0;
	r->input_end += (size_t) got;
	r->read_bytes += (uint64_t) got;
	return 0;
}

static int
reader_sniff(struct reader *r)
{
	const uint8_t *b = r->input;

	while (r->input_end < 4 && !r->input_ended)
		if (reader_load(r))
			return -1;
	r->packing = PACKING_NONE;
	if (r->input_end >= 2 && b[0] == 0x1f && b[1] == 0x8b) {
		if (inflateInit2(&r->gzip, 15 + 16) != Z_OK)
			return reader_fault(r, TIDE_ERROR_MEMORY, "no memory to unpack gzip");
		r->packing = PACKING_GZIP;
	} else if (r->input_end >= 4 &&
	           ((b[0] == 0x28 && b[1] == 0xb5 && b[2] == 0x2f && b[3] == 0xfd) ||
	            ((b[0] & 0xf0) == 0x50 && b[1] == 0x2a && b[2] == 0x4d && b[3] == 0x18))) {
		r->zstd = ZSTD_createDStream();
		if (!r->zstd)
			return reader_fault(r, TIDE_ERROR_MEMORY, "no memory to unpack zstd");
		r->packing = PACKING_ZSTD;
	}
	return 0;
}

/* One call of the unpacker: moves input_at and end. */
static int
reader_unpack(struct reader *r)
{
	size_t have = r->input_end - r->input_at, room = WINDOW_BYTES - r->end;

	if (r->packing == PACKING_NONE) {
		size_t size = have < room ? have : room;
		memcpy(r->window + r->end, r->input + r->input_at, size);
		r->input_at += size;
		r->end += size;
	} else if (r->packing == PACKING_GZIP) {
		r->gzip.next_in = r->input + r->input_at;
		r->gzip.avail_in = (uInt) have;
		r->gzip.next_out = r->window + r->end;
		r->gzip.avail_out = (uInt) room;
		int code = inflate(&r->gzip, Z_NO_FLUSH);
		r->input_at = r->input_end - r->gzip.avail_in;
		r->end = WINDOW_BYTES - r->gzip.avail_out;
		if (code != Z_OK && code != Z_BUF_ERROR && code != Z_STREAM_END)
			return reader_fault(r, TIDE_ERROR_DATA,
			                    "the gzip stream is damaged; make the file again");
		r->frame_open = code != Z_STREAM_END;
		if (!r->frame_open)
			inflateReset(&r->gzip);
	} else {
		ZSTD_inBuffer in = {r->input, r->input_end, r->input_at};
		ZSTD_outBuffer out = {r->window, WINDOW_BYTES, r->end};
		size_t code = ZSTD_decompressStream(r->zstd, &out, &in);
		r->input_at = in.pos;
		r->end = out.pos;
		if (ZSTD_isError(code))
			return reader_fault(r, TIDE_ERROR_DATA,
			                    "the zstd stream is damaged; make the file again");
		r->frame_open = code != 0;
	}
	return 0;
}

/* Puts more bytes into the window, or sets `ended`. */
static int
reader_fill(struct reader *r)
{
	if (r->faulty || (r->packing == PACKING_UNKNOWN && reader_sniff(r)))
		return -1;
	memmove(r->window, r->window + r->at, r->end - r->at);
	r->end -= r->at;
	r->at = 0;
	for (size_t before = r->end; r->end == before;) {
		if (r->input_at == r->input_end && !r->input_ended && reader_load(r))
			return -1;
		/* gzip files may be padded with zeros behind their last member */
		if (r->packing == PACKING_GZIP && !r->frame_open && r->gzip.total_in == 0 &&
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
			return reader_fault(r, TIDE_ERROR_DATA,
			                    "the compressed stream is truncated; copy it again");
	}
	return 0;
}

/* The next line that is not empty: 1, or 0 at the end, or -1 (fault). *line NULL: too long. */
static int
reader_line(struct reader *r, uint8_t **line, size_t *length)
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

struct scan {
	const uint8_t *at, *end;
	uint8_t *to; /* room for the unescaped texts: together never longer than the line */
};

static void
scan_space(struct scan *s)
{
	while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\r'))
		s->at++;
}

static bool
scan_byte(struct scan *s, uint8_t byte)
{
	scan_space(s);
	if (s->at == s->end || *s->at != byte)
		return false;
	s->at++;
	return true;
}

static bool
scan_hex(struct scan *s, unsigned *unit)
{
	*unit = 0;
	for (int i = 0; i < 4; i++, s->at++) {
		unsigned c = s->at < s->end ? *s->at : 0u, low = c | 0x20;
		if (c >= '0' && c <= '9')
			*unit = *unit << 4 | (c - '0');
		else if (low >= 'a' && low <= 'f')
			*unit = *unit << 4 | (low - 'a' + 10);
		else
			return false;
	}
	return true;
}

/* What follows a backslash, written as UTF-8: never longer than its escape. */
static bool
scan_escape(struct scan *s)
{
	static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
	unsigned unit, low;

	if (s->at == s->end || *s->at == 0)
		return false;
	uint8_t c = *s->at++;
	const char *simple = strchr(from, c);
	if (simple) {
		*s->to++ = (uint8_t) into[simple - from];
		return true;
	}
	if (c != 'u' || !scan_hex(s, &unit))
		return false;
	if (unit >= 0xd800 && unit < 0xe000) {
		if (unit >= 0xdc00 || s->end - s->at < 6 || *s->at++ != '\\' || *s->at++ != 'u' ||
		    !scan_hex(s, &low) || low < 0xdc00 || low > 0xdfff)
			return false;
		unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
		*s->to++ = (uint8_t) (0xf0 | unit >> 18);
		*s->to++ = (uint8_t) (0x80 | (unit >> 12 & 0x3f));
	} else if (unit >= 0x800) {
		*s->to++ = (uint8_t) (0xe0 | unit >> 12);
	}
	if (unit >= 0x800)
		*s->to++ = (uint8_t) (0x80 | (unit >> 6 & 0x3f));
	else if (unit >= 0x80)
		*s->to++ = (uint8_t) (0xc0 | unit >> 6);
	*s->to++ = (uint8_t) (unit >= 0x80 ? 0x80 | (unit & 0x3f) : unit);
	return true;
}

/* The line itself stays as it is: a damaged one is shown whole in a dead letter. */
static bool
scan_string(struct scan *s, const uint8_t **text, size_t *length)
{
	if (!scan_byte(s, '"'))
		return false;
	*text = s->to;
	while (s->at < s->end && *s->at != '"') {
		if (*s->at != '\\')
			*s->to++ = *s->at++;
		else if (s->at++, !scan_escape(s))
			return false;
	}
	*length = (size_t) (s->to - *text);
	return scan_byte(s, '"');
}

static bool
scan_string_or_null(struct scan *s, const uint8_t **text, size_t *length)
{
	*text = NULL;
	*length = 0;
	if (!scan_byte(s, 'n'))
		return scan_string(s, text, length);
	if (s->end - s->at < 3 || memcmp(s->at, "ull", 3) != 0)
		return false;
	s->at += 3;
	return true;
}

static bool
scan_integer(struct scan *s, int64_t *number)
{
	bool minus = scan_byte(s, '-'), some = false;

	for (*number = 0; s->at < s->end && *s->at >= '0' && *s->at <= '9'; s->at++, some = true) {
		if (*number > (INT64_MAX - 9) / 10)
			return false;
		*number = *number * 10 + (*s->at - '0');
	}
	*number = minus ? -*number : *number;
	return some;
}

/* Any value that nobody wants: up to the comma or bracket that ends it. */
static bool
scan_skip(struct scan *s)
{
	const uint8_t *text;
	size_t depth = 0, length;

	for (; s->at < s->end; s->at++) {
		uint8_t c = *s->at;
		if (depth == 0 && (c == ',' || c == '}'))
			return true;
		if (c == '"') {
			if (!scan_string(s, &text, &length))
				return false;
			s->at--;
		} else if (c == '{' || c == '[') {
			depth++;
		} else if ((c == '}' || c == ']') && depth-- == 0) {
			return false;
		}
	}
	return false;
}

/* Takes a kcat -J line apart; returns what is wrong with it, or NULL. */
static const char *
kcat_parse(const uint8_t *line, size_t length, uint8_t *plain, struct parsed *parsed)
{
	struct scan s = {line, line + length, plain};
	struct tide_record *record = &parsed->record;
	const uint8_t *name;
	size_t name_length;
	int64_t partition = -1;
	bool fine = scan_byte(&s, '{'), payload = false;

	record->offset = -1;
	while (fine) {
		if (!scan_string(&s, &name, &name_length) || !scan_byte(&s, ':'))
			return "no kcat -J object";
		struct tide_text member = {(const char *) name, name_length};
		scan_space(&s);
		if (tide_text_is(member, "partition"))
			fine = scan_integer(&s, &partition);
		else if (tide_text_is(member, "offset"))
			fine = scan_integer(&s, &record->offset);
		else if (tide_text_is(member, "ts"))
			fine = scan_integer(&s, &record->time_ms);
		else if (tide_text_is(member, "key"))
			fine = scan_string_or_null(&s, &record->key, &record->key_size);
		else if (tide_text_is(member, "payload"))
			payload = fine =
			        scan_string_or_null(&s, &record->value, &record->value_size);
		else
			fine = scan_skip(&s);
		if (fine && !scan_byte(&s, ',')) {
			fine = scan_byte(&s, '}');
			break;
		}
	}
	scan_space(&s);
	if (!fine || s.at != s.end)
		return "no kcat -J object";
	if (!payload || record->offset < 0 || partition < 0 || partition > INT32_MAX)
		return "kcat -J object without payload, partition or offset";
	if (record->time_ms < 0)
		record->time_ms = INT64_MIN;
	parsed->partition = (int32_t) partition;
	return NULL;
}

/* Raw bytes are no reason to miss a kcat line: jansson sees a copy with '?' in their places. */
static bool
kcat_is(const uint8_t *line, size_t length)
{
	static const char *const members[] = {"topic", "partition", "offset", "ts", "payload"};
	char *copy = *line == '{' ? malloc(length) : NULL;
	bool is = copy != NULL;

	for (size_t i = 0; copy && i < length; i++)
		copy[i] = line[i] < 0x80 ? (char) line[i] : '?';
	json_t *root = copy ? json_loadb(copy, length, JSON_ALLOW_NUL, NULL) : NULL;
	for (size_t i = 0; is && i < sizeof members / sizeof *members; i++)
		is = json_object_get(root, members[i]) != NULL;
	json_decref(root);
	free(copy);
	return is;
}

/* The next record: 1, or 0 at the end, or -1 (fault). */
static int
reader_record(struct reader *r, struct parsed *parsed)
{
	struct tide_record *record = &parsed->record;
	uint8_t *line;
	size_t length;
	int got = reader_line(r, &line, &length);

	if (got <= 0)
		return got;
	*parsed = (struct parsed){.record = {.time_ms = INT64_MIN}};
	if (line && r->form == FORM_UNKNOWN)
		r->form = kcat_is(line, length) ? FORM_KCAT : FORM_LINES;
	if (line && r->form == FORM_KCAT) {
		record->damage = kcat_parse(line, length, r->plain, parsed);
		if (!record->damage && parsed->partition && !r->regular)
			record->damage = "partition other than 0 in a pipe; give a file instead";
	} else {
		record->damage = line ? NULL : TOO_LONG;
	}
	if (record->damage || r->form != FORM_KCAT)
		*parsed = (struct parsed){.record = {.value = line,
		                                     .value_size = line ? length : 0,
		                                     .offset = r->next_offset,
		                                     .time_ms = INT64_MIN,
		                                     .damage = record->damage}};
	if (parsed->partition == 0)
		r->next_offset = record->offset + 1;
	return 1;
}

/* Doubles *array until `count` pieces fit. */
static bool
grow(void *array, size_t *capacity, size_t count, size_t size)
{
	size_t wanted = *capacity ? *capacity : 64;
	void *old;

	memcpy(&old, array, sizeof old);
	while (wanted < count)
		wanted *= 2;
	void *bytes = old && wanted == *capacity ? old : realloc(old, wanted * size);
	if (!bytes)
		return false;
	memcpy(array, &bytes, sizeof bytes);
	*capacity = wanted;
	return true;
}

static bool
pile_add(struct pile *pile, const struct tide_record *record)
{
	size_t need = record->key_size + record->value_size, spots = pile->capacity;

	if (!grow(&pile->spots, &spots, pile->count + 1, sizeof *pile->spots) ||
	    !grow(&pile->records, &pile->capacity, pile->count + 1, sizeof *pile->records) ||
	    !grow(&pile->bytes, &pile->byte_capacity,
	          pile->length + need + TIDE_SOURCE_PADDING, 1))
		return false;
	pile->records[pile->count] = *record;
	pile->spots[pile->count++] = (struct spot){pile->length, pile->length + record->key_size};
	if (record->key_size)
		memcpy(pile->bytes + pile->length, record->key, record->key_size);
	if (record->value_size)
		memcpy(pile->bytes + pile->length + record->key_size, record->value,
		       record->value_size);
	pile->length += need;
	return true;
}

static void
pile_fini(struct pile *pile)
{
	free(pile->records);
	free(pile->spots);
	free(pile->bytes);
	*pile = (struct pile){0};
}

static uint64_t
pile_size(const struct pile *pile)
{
	return pile->length + pile->count * (sizeof *pile->records + sizeof *pile->spots);
}

/* From here on nothing is added: the pointers can be told. */
static void
pile_seal(struct pile *pile)
{
	if (pile->count)
		memset(pile->bytes + pile->length, 0, TIDE_SOURCE_PADDING);
	for (size_t i = 0; i < pile->count; i++) {
		struct tide_record *record = &pile->records[i];
		record->key = record->key ? pile->bytes + pile->spots[i].key : NULL;
		record->value = record->value ? pile->bytes + pile->spots[i].value : NULL;
	}
}

static size_t
queue_find(const struct file_source *source, const struct reader *reader, int32_t partition)
{
	size_t i = 0;

	while (i < source->count && (source->queues[i].reader != reader ||
	                             source->list[i].partition != partition))
		i++;
	return i;
}

/* Reads a batch's worth of lines into the parked piles; stops early where a pipe would block. */
static int
source_read(struct file_source *source, struct queue *queue, struct tide_error *error)
{
	struct reader *r = queue->reader;
	struct parsed parsed;
	size_t bytes = 0;

	for (size_t i = 0; i < TIDE_FILE_SOURCE_BATCH_MAX && bytes < BATCH_BYTES; i++) {
		if (i && !r->regular && !memchr(r->window + r->at, '\n', r->end - r->at))
			break;
		int got = reader_record(r, &parsed);
		if (got < 0 && queue->parked.count)
			return 0;
		if (got < 0) {
			*error = r->fault;
			return -1;
		}
		if (got == 0)
			break;
		size_t found = queue_find(source, r, parsed.partition);
		if (found == source->count) {
			reader_fault(r, TIDE_ERROR_DATA, "the file changed while it was read");
			*error = r->fault;
			return -1;
		}
		struct pile *pile = &source->queues[found].parked;
		uint64_t before = pile_size(pile);
		bool added = pile_add(pile, &parsed.record);
		source->parked_bytes += pile_size(pile) - before;
		if (!added || source->parked_bytes > TIDE_FILE_SOURCE_PARKED_MAX)
			return tide_error_stop(error, TIDE_ERROR_MEMORY,
			                       "%s: line %llu: more than 64 MiB between the "
			                       "partitions; split the dump by partition",
			                       r->path, (unsigned long long) r->lines);
		source->queues[found].collected++;
		bytes += parsed.record.key_size + parsed.record.value_size;
	}
	return 0;
}

static int
source_take(struct tide_source *base, size_t index, struct tide_batch *batch,
            enum tide_supply *supply, struct tide_error *error)
{
	struct file_source *source = (struct file_source *) base;

	TIDE_ASSERT(index < source->count);
	struct queue *q = &source->queues[index];
	*batch = (struct tide_batch){0};
	if (q->at == q->lent.count) {
		struct pile spent = q->lent;
		if (q->parked.count == 0 && q->collected < q->expected &&
		    source_read(source, q, error))
			return -1;
		source->parked_bytes -= pile_size(&q->parked);
		q->lent = q->parked;
		if (spent.byte_capacity > 2 * BATCH_BYTES)
			pile_fini(&spent);
		spent.count = spent.length = 0;
		q->parked = spent;
		q->at = 0;
		pile_seal(&q->lent);
	}
	size_t rest = q->lent.count - q->at;
	batch->count = rest < TIDE_FILE_SOURCE_BATCH_MAX ? rest : TIDE_FILE_SOURCE_BATCH_MAX;
	batch->records = rest ? q->lent.records + q->at : NULL;
	q->at += batch->count;
	bool last = q->collected >= q->expected ||
	            (q->reader->ended && !q->reader->over && q->reader->at == q->reader->end);
	*supply = batch->count ? TIDE_SUPPLY_RECORDS : last ? TIDE_SUPPLY_END : TIDE_SUPPLY_WAIT;
	return 0;
}

static int
source_poll(struct tide_source *base, int wait_ms, bool *changed, struct tide_error *error)
{
	(void) base, (void) wait_ms, (void) error;
	*changed = false;
	return 0;
}

static size_t
source_queues(struct tide_source *base, const struct tide_queue **queues)
{
	const struct file_source *source = (const struct file_source *) base;

	*queues = source->list;
	return source->count;
}

static double
source_progress(struct tide_source *base)
{
	const struct file_source *source = (const struct file_source *) base;
	uint64_t done = 0, size = 0;

	for (int i = 0; i < 2; i++) {
		const struct reader *r = &source->readers[i];
		if (!r->path)
			continue;
		if (!r->regular)
			return NAN;
		size += r->size_bytes;
		done += r->ended ? r->size_bytes : r->read_bytes - (r->input_end - r->input_at);
	}
	return done < size ? (double) done / (double) size : 1;
}

static void
source_close(struct tide_source *base)
{
	struct file_source *source = (struct file_source *) base;

	for (size_t i = 0; i < source->count; i++) {
		pile_fini(&source->queues[i].lent);
		pile_fini(&source->queues[i].parked);
	}
	for (int i = 0; i < 2; i++)
		reader_close(&source->readers[i]);
	free(source->queues);
	free(source->list);
	free(source);
}

static bool
source_add_queue(struct file_source *source, int role, const struct parsed *first)
{
	size_t count = source->count + 1;
	struct tide_queue *list = realloc(source->list, count * sizeof *list);

	source->list = list ? list : source->list;
	struct queue *queues = realloc(source->queues, count * sizeof *queues);
	source->queues = queues ? queues : source->queues;
	if (!list || !queues)
		return false;
	list[source->count] = (struct tide_queue){.role = role,
	                                          .partition = first->partition,
	                                          .topic = source->readers[role].path,
	                                          .start_offset = first->record.offset,
	                                          .start_watermark_ms = INT64_MIN};
	queues[source->count++] = (struct queue){.reader = &source->readers[role],
	                                         .expected = UINT64_MAX};
	return true;
}

/* Reads a kcat file to its end for its partitions; of any other file only the first line. */
static int
source_survey(struct file_source *source, int role, struct tide_error *error)
{
	struct reader *live = &source->readers[role], r;
	struct parsed parsed = {0};
	int got = 0, failed = live->regular ? reader_open(&r, live->path, error) : 0;
	bool kcat = false;

	while (live->regular && !failed && (got = reader_record(&r, &parsed)) > 0) {
		kcat = r.form == FORM_KCAT;
		if (r.form == FORM_LINES)
			break;
		size_t found = queue_find(source, live, parsed.partition);
		if (found == source->count && !source_add_queue(source, role, &parsed))
			failed = tide_error_stop(error, TIDE_ERROR_MEMORY, "no memory for queues");
		else if (source->queues[found].expected++ == UINT64_MAX)
			source->queues[found].expected = 1;
	}
	if (!failed && got < 0 && (kcat || r.fault.code == TIDE_ERROR_NO_INPUT)) {
		*error = r.fault;
		failed = -1;
	}
	for (size_t i = 0; !kcat && i < source->count; i++)
		if (source->queues[i].reader == live)
			source->queues[i].expected = UINT64_MAX;
	if (live->regular)
		reader_close(&r);
	parsed = (struct parsed){0};
	if (!failed && queue_find(source, live, 0) == source->count && !kcat &&
	    !source_add_queue(source, role, &parsed))
		failed = tide_error_stop(error, TIDE_ERROR_MEMORY, "no memory for queues");
	return failed;
}

static const struct tide_source_ops ops = {
        .poll = source_poll,
        .queues = source_queues,
        .take = source_take,
        .progress = source_progress,
        .close = source_close,
};

int
tide_file_source_open(const char *predictions_path, const char *labels_path,
                      struct tide_source **source, struct tide_error *error)
{
	const char *paths[2] = {predictions_path, labels_path};
	struct file_source *made;

	if (paths[0] && paths[1] && strcmp(paths[0], "-") == 0 && strcmp(paths[1], "-") == 0)
		return tide_error_stop(error, TIDE_ERROR_USAGE,
		                       "predictions and labels cannot both be stdin; name a file");
	made = calloc(1, sizeof *made);
	if (!made)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "no memory for a file source");
	made->base.ops = &ops;
	for (int role = 0; role < 2; role++)
		if (paths[role] && (reader_open(&made->readers[role], paths[role], error) ||
		                    source_survey(made, role, error))) {
			source_close(&made->base);
			return -1;
		}
	*source = &made->base;
	return 0;
}
