#ifndef TIDE_BASE_TEXT_H
#define TIDE_BASE_TEXT_H
#include "base/assert.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
/*
 * Bytes with a length, and a growing buffer to print into.
 *
 *  (1) A tide_text borrows: it says nothing about who owns the bytes; it is not 0-terminated.
 *  (2) A tide_buffer owns its bytes and has a cap; past the cap, or without memory, it remembers
 *      `failed` and swallows what follows, so that a printer checks once, at the end.
 *  (3) Numbers print in the shortest form that reads back to the same double, integers without a
 *      point, so the same value is the same text everywhere (canonical number form, SPEC 5.3).
 */
struct tide_text {
	const char *bytes;
	size_t length;
};

#define TIDE_TEXT(literal) ((struct tide_text){literal, sizeof(literal) - 1})

struct tide_text tide_text_of(const char *string); /* NULL gives an empty text */
bool tide_text_equal(struct tide_text a, struct tide_text b);
bool tide_text_is(struct tide_text text, const char *string);
/** Order of bytes, a prefix before what it begins: <0, 0, >0. */
int tide_text_compare(struct tide_text a, struct tide_text b);
/** At most max_bytes of UTF-8 text, cut before the character that would pass them. */
struct tide_text tide_text_cut(struct tide_text text, size_t max_bytes);
/** Glob with '*' for any run and '?' for one byte; no other specials. */
bool tide_text_matches(struct tide_text text, const char *glob);

#define TIDE_TEXT_NUMBER_SIZE 32
/** Writes the canonical form (3) of a finite number, 0-terminated; returns its length.
 *  -0 is "0". */
size_t tide_text_number(double number, char text[TIDE_TEXT_NUMBER_SIZE]);
/** Reads a whole text as a decimal number; false if it is not one, or not finite. */
bool tide_text_read_number(struct tide_text text, double *number);

struct tide_buffer {
	char *bytes;
	size_t length, capacity, cap;
	bool failed, full; /* full: because of the cap */
};

void tide_text_buffer_init(struct tide_buffer *buffer, size_t cap);
void tide_text_buffer_fini(struct tide_buffer *buffer);
void tide_text_buffer_reset(struct tide_buffer *buffer); /* keeps the memory, forgets `failed` */
void tide_text_put(struct tide_buffer *buffer, const void *bytes, size_t length);
void tide_text_put_string(struct tide_buffer *buffer, const char *string);
void tide_text_put_format(struct tide_buffer *buffer, const char *format, ...) TIDE_PRINTF(2, 3);
void tide_text_put_number(struct tide_buffer *buffer, double number);
void tide_text_put_integer(struct tide_buffer *buffer, int64_t number);
void tide_text_put_hex(struct tide_buffer *buffer, const void *bytes, size_t length);
/** The bytes that put_hex wrote so; false: the text is something else. */
bool tide_text_read_hex(struct tide_text text, uint8_t *bytes);

/*
 * JSON, written by hand because its bytes are a promise (SPEC 4): keys in the order written, no
 * white space, numbers as (3), NaN and Inf as null. A comma is placed by looking at the last byte.
 */
void tide_text_json_key(struct tide_buffer *buffer, const char *key); /* [,]"key": */
void tide_text_json_text(struct tide_buffer *buffer, struct tide_text value);
void tide_text_json_string(struct tide_buffer *buffer, const char *value); /* NULL: null */
void tide_text_json_number(struct tide_buffer *buffer, double value);
void tide_text_json_integer(struct tide_buffer *buffer, int64_t value);
void tide_text_json_spelled(struct tide_buffer *buffer, struct tide_text value); /* as it is */
void tide_text_json_bool(struct tide_buffer *buffer, bool value);
void tide_text_json_null(struct tide_buffer *buffer);
void tide_text_json_open(struct tide_buffer *buffer, char bracket);  /* '{' or '[' */
void tide_text_json_close(struct tide_buffer *buffer, char bracket); /* '}' or ']' */
/* A key and its value at once. */
void tide_text_json_put_text(struct tide_buffer *buffer, const char *key, struct tide_text value);
/* The same, but null where it is empty. */
void tide_text_json_put_name(struct tide_buffer *buffer, const char *key, struct tide_text value);
void tide_text_json_put_string(struct tide_buffer *buffer, const char *key, const char *value);
void tide_text_json_put_number(struct tide_buffer *buffer, const char *key, double value);
void tide_text_json_put_integer(struct tide_buffer *buffer, const char *key, int64_t value);
void tide_text_json_put_bool(struct tide_buffer *buffer, const char *key, bool value);
#endif
