#include "base/error.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
tide_error_set(struct tide_error *error, enum tide_error_code code, enum tide_remedy remedy,
               const char *format, ...)
{
	va_list arguments;

	error->code = code;
	error->remedy = remedy;
	va_start(arguments, format);
	vsnprintf(error->text, sizeof error->text, format, arguments);
	va_end(arguments);
	return -1;
}

int
tide_error_prefix(struct tide_error *error, const char *format, ...)
{
	char prefix[sizeof error->text], rest[sizeof error->text];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(prefix, sizeof prefix, format, arguments);
	va_end(arguments);
	memcpy(rest, error->text, sizeof rest);
	size_t length = strlen(prefix);
	size_t room = sizeof error->text - 1 - length;
	memcpy(error->text, prefix, length);
	memcpy(error->text + length, rest, strnlen(rest, room));
	error->text[length + strnlen(rest, room)] = 0;
	return -1;
}
