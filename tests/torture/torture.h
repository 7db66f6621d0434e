#ifndef TIDE_TESTS_TORTURE_TORTURE_H
#define TIDE_TESTS_TORTURE_TORTURE_H
/* What each torture program has of its own: an allocator whose n-th call fails, and a folder. The
 * linker puts the __wrap_ functions in the place of the C library's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define OUTPUT_BYTES_MAX (1u << 22)
#define PATH_BYTES 256

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static unsigned long calls, failing; /* the call that fails, from 1; 0: none */

void *
__wrap_malloc(size_t size)
{
	return ++calls == failing ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t count, size_t size)
{
	return ++calls == failing ? NULL : __real_calloc(count, size);
}

void *
__wrap_realloc(void *old, size_t size)
{
	return ++calls == failing ? NULL : __real_realloc(old, size);
}

static char folder[] = "/tmp/tide-torture-XXXXXX";

static const char *
path_of(const char *name)
{
	static char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static FILE *
create(const char *name)
{
	FILE *file = fopen(path_of(name), "w");

	assert_non_null(file);
	return file;
}

static int
free_number(void)
{
	int number = dup(0);

	close(number);
	return number;
}

static unsigned long
say(unsigned long call, const char *what)
{
	fprintf(stderr, "allocation %lu: %s\n", call, what);
	return 1;
}
#endif
