#include "base/text.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tide_text
tide_text_of(const char *string)
{
	return (struct tide_text){string, string ? strlen(string) : 0};
}

bool
tide_text_equal(struct tide_text a, struct tide_text b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

bool
tide_text_is(struct tide_text text, const char *string)
{
	return tide_text_equal(text, tide_text_of(string));
}

int
tide_text_compare(struct tide_text a, struct tide_text b)
{
	size_t shorter = a.length < b.length ? a.length : b.length;
	int order = shorter ? memcmp(a.bytes, b.bytes, shorter) : 0;

	return order ? order : (a.length > b.length) - (a.length < b.length);
}

struct tide_text
tide_text_cut(struct tide_text text, size_t max_bytes)
{
	if (text.length <= max_bytes)
		return text;
	while (max_bytes > 0 && ((unsigned char) text.bytes[max_bytes] & 0xc0) == 0x80)
		max_bytes--;
	return (struct tide_text){text.bytes, max_bytes};
}

bool
tide_text_matches(struct tide_text text, const char *glob)
{
	const char *star = NULL;
	size_t at = 0, retry = 0;

	while (at < text.length) {
		if (*glob == '*') {
			star = ++glob;
			retry = at;
		} else if (*glob == '?' || (*glob && *glob == text.bytes[at])) {
			glob++;
			at++;
		} else if (star) {
			glob = star;
			at = ++retry;
		} else {
			return false;
		}
	}
	while (*glob == '*')
		glob++;
	return *glob == 0;
}

size_t
tide_text_number(double number, char text[TIDE_TEXT_NUMBER_SIZE])
{
	if (number == 0)
		number = 0; /* -0 */
	if (fabs(number) < 1e15 && number == floor(number))
		return (size_t) snprintf(text, TIDE_TEXT_NUMBER_SIZE, "%.0f", number);
	for (int digits = 15; digits <= 17; digits++) {
		int length = snprintf(text, TIDE_TEXT_NUMBER_SIZE, "%.*g", digits, number);
		if (digits == 17 || strtod(text, NULL) == number)
			return (size_t) length;
	}
	return 0;
}

bool
tide_text_read_number(struct tide_text text, double *number)
{
	char copy[64], *end;

	if (text.length == 0 || text.length >= sizeof copy)
		return false;
	for (size_t i = 0; i < text.length; i++)
		if (!strchr("0123456789+-.eE", text.bytes[i]) || text.bytes[i] == 0)
			return false;
	memcpy(copy, text.bytes, text.length);
	copy[text.length] = 0;
	*number = strtod(copy, &end);
	return *end == 0 && isfinite(*number);
}

void
tide_text_buffer_init(struct tide_buffer *buffer, size_t cap)
{
	*buffer = (struct tide_buffer){.cap = cap};
}

void
tide_text_buffer_fini(struct tide_buffer *buffer)
{
	free(buffer->bytes);
	*buffer = (struct tide_buffer){0};
}

void
tide_text_buffer_reset(struct tide_buffer *buffer)
{
	buffer->length = 0;
	buffer->failed = buffer->full = false;
}

static bool
buffer_room(struct tide_buffer *buffer, size_t length)
{
	size_t need = buffer->length + length + 1;

	if (buffer->failed)
		return false;
	if (need <= buffer->capacity)
		return true;
	size_t capacity = buffer->capacity ? buffer->capacity : 256;
	while (capacity < need)
		capacity *= 2;
	if (capacity > buffer->cap)
		capacity = buffer->cap;
	char *bytes = capacity >= need ? realloc(buffer->bytes, capacity) : NULL;
	if (!bytes) {
		buffer->failed = true;
		buffer->full = capacity < need;
		return false;
	}
	buffer->bytes = bytes;
	buffer->capacity = capacity;
	return true;
}

void
tide_text_put(struct tide_buffer *buffer, const void *bytes, size_t length)
{
	if (length == 0 || !buffer_room(buffer, length))
		return;
	memcpy(buffer->bytes + buffer->length, bytes, length);
	buffer->length += length;
	buffer->bytes[buffer->length] = 0;
}

void
tide_text_put_string(struct tide_buffer *buffer, const char *string)
{
	tide_text_put(buffer, string, strlen(string));
}

void
tide_text_put_format(struct tide_buffer *buffer, const char *format, ...)
{
	va_list arguments, again;

	va_start(arguments, format);
	va_copy(again, arguments);
	int length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length > 0 && buffer_room(buffer, (size_t) length)) {
		vsnprintf(buffer->bytes + buffer->length, (size_t) length + 1, format, again);
		buffer->length += (size_t) length;
	}
	va_end(again);
}

void
tide_text_put_number(struct tide_buffer *buffer, double number)
{
	char text[TIDE_TEXT_NUMBER_SIZE];

	tide_text_put(buffer, text, tide_text_number(number, text));
}

void
tide_text_put_integer(struct tide_buffer *buffer, int64_t number)
{
	char text[24];

	tide_text_put(buffer, text, (size_t) snprintf(text, sizeof text, "%lld", (long long) number));
}

void
tide_text_put_hex(struct tide_buffer *buffer, const void *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < length; i++) {
		uint8_t byte = ((const uint8_t *) bytes)[i];
		tide_text_put(buffer, (const char[]){digits[byte >> 4], digits[byte & 15]}, 2);
	}
}

static int
digit_of(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
tide_text_read_hex(struct tide_text text, uint8_t *bytes)
{
	for (size_t i = 0; i + 1 < text.length; i += 2) {
		int high = digit_of(text.bytes[i]), low = digit_of(text.bytes[i + 1]);
		if (high < 0 || low < 0)
			return false;
		bytes[i / 2] = (uint8_t) (high * 16 + low);
	}
	return text.length % 2 == 0;
}

/* A value follows an opening bracket, a colon or nothing; everything else wants a comma first. */
static void
json_comma(struct tide_buffer *buffer)
{
	char last = buffer->length ? buffer->bytes[buffer->length - 1] : '[';

	if (!strchr("{[:\n", last))
		tide_text_put(buffer, ",", 1);
}

static void
json_quote(struct tide_buffer *buffer, struct tide_text value)
{
	size_t plain = 0;

	tide_text_put(buffer, "\"", 1);
	for (size_t i = 0; i < value.length; i++) {
		unsigned char c = (unsigned char) value.bytes[i];
		if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
			continue;
		tide_text_put(buffer, value.bytes + plain, i - plain);
		plain = i + 1;
		if (c == '"' || c == '\\')
			tide_text_put_format(buffer, "\\%c", c);
		else
			tide_text_put_format(buffer, "\\u%04x", c);
	}
	tide_text_put(buffer, value.bytes + plain, value.length - plain);
	tide_text_put(buffer, "\"", 1);
}

void
tide_text_json_key(struct tide_buffer *buffer, const char *key)
{
	json_comma(buffer);
	json_quote(buffer, tide_text_of(key));
	tide_text_put(buffer, ":", 1);
}

void
tide_text_json_text(struct tide_buffer *buffer, struct tide_text value)
{
	json_comma(buffer);
	json_quote(buffer, value);
}

void
tide_text_json_string(struct tide_buffer *buffer, const char *value)
{
	if (value)
		tide_text_json_text(buffer, tide_text_of(value));
	else
		tide_text_json_null(buffer);
}

void
tide_text_json_number(struct tide_buffer *buffer, double value)
{
	json_comma(buffer);
	if (isfinite(value))
		tide_text_put_number(buffer, value);
	else
		tide_text_put_string(buffer, "null");
}

void
tide_text_json_integer(struct tide_buffer *buffer, int64_t value)
{
	json_comma(buffer);
	tide_text_put_integer(buffer, value);
}

void
tide_text_json_spelled(struct tide_buffer *buffer, struct tide_text value)
{
	json_comma(buffer);
	tide_text_put(buffer, value.bytes, value.length);
}

void
tide_text_json_bool(struct tide_buffer *buffer, bool value)
{
	json_comma(buffer);
	tide_text_put_string(buffer, value ? "true" : "false");
}

void
tide_text_json_null(struct tide_buffer *buffer)
{
	json_comma(buffer);
	tide_text_put_string(buffer, "null");
}

void
tide_text_json_open(struct tide_buffer *buffer, char bracket)
{
	json_comma(buffer);
	tide_text_put(buffer, &bracket, 1);
}

void
tide_text_json_close(struct tide_buffer *buffer, char bracket)
{
	tide_text_put(buffer, &bracket, 1);
}

void
tide_text_json_put_text(struct tide_buffer *buffer, const char *key, struct tide_text value)
{
	tide_text_json_key(buffer, key);
	tide_text_json_text(buffer, value);
}

void
tide_text_json_put_string(struct tide_buffer *buffer, const char *key, const char *value)
{
	tide_text_json_key(buffer, key);
	tide_text_json_string(buffer, value);
}

void
tide_text_json_put_number(struct tide_buffer *buffer, const char *key, double value)
{
	tide_text_json_key(buffer, key);
	tide_text_json_number(buffer, value);
}

void
tide_text_json_put_integer(struct tide_buffer *buffer, const char *key, int64_t value)
{
	tide_text_json_key(buffer, key);
	tide_text_json_integer(buffer, value);
}

void
tide_text_json_put_bool(struct tide_buffer *buffer, const char *key, bool value)
{
	tide_text_json_key(buffer, key);
	tide_text_json_bool(buffer, value);
}

void
tide_text_json_put_name(struct tide_buffer *buffer, const char *key, struct tide_text value)
{
	tide_text_json_key(buffer, key);
	if (value.length)
		tide_text_json_text(buffer, value);
	else
		tide_text_json_null(buffer);
}
