#include "consumer/file_kcat.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

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

const char *
tide_file_kcat_parse(const uint8_t *line, size_t length, uint8_t *plain,
                     struct tide_record *record, int32_t *partition)
{
	struct scan s = {line, line + length, plain};
	const uint8_t *name;
	size_t name_length;
	int64_t number = -1;
	bool fine = scan_byte(&s, '{'), payload = false;

	record->offset = -1;
	while (fine) {
		if (!scan_string(&s, &name, &name_length) || !scan_byte(&s, ':'))
			return "no kcat -J object";
		struct tide_text member = {(const char *) name, name_length};
		scan_space(&s);
		if (tide_text_is(member, "partition"))
			fine = scan_integer(&s, &number);
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
	if (!payload || record->offset < 0 || number < 0 || number > INT32_MAX)
		return "kcat -J object without payload, partition or offset";
	if (record->time_ms < 0)
		record->time_ms = INT64_MIN;
	*partition = (int32_t) number;
	return NULL;
}

/* Raw bytes are no reason to miss a kcat line: jansson sees a copy with '?' in their places. */
int
tide_file_kcat_is(const uint8_t *line, size_t length)
{
	static const char *const members[] = {"topic", "partition", "offset", "ts", "payload"};
	char *copy;
	json_error_t error;
	int is = 1;

	if (*line != '{')
		return 0;
	copy = malloc(length);
	if (!copy)
		return -1;
	for (size_t i = 0; i < length; i++)
		copy[i] = line[i] < 0x80 ? (char) line[i] : '?';
	json_t *root = json_loadb(copy, length, JSON_ALLOW_NUL, &error);
	if (!root && json_error_code(&error) == json_error_out_of_memory)
		is = -1;
	for (size_t i = 0; is > 0 && i < sizeof members / sizeof *members; i++)
		is = json_object_get(root, members[i]) != NULL;
	json_decref(root);
	free(copy);
	return is;
}
