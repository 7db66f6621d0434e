#ifndef TIDE_BASE_ASSERT_H
#define TIDE_BASE_ASSERT_H
/*
 * The programmer's fault ends the program at the line that found it, in release builds too.
 * The world's fault is a tide_error (base/error.h), the data's fault a value and a counter.
 */
#if defined(__GNUC__)
#define TIDE_NORETURN __attribute__((noreturn))
#define TIDE_MUSTCHECK __attribute__((warn_unused_result))
#define TIDE_PRINTF(format_at, first_at) __attribute__((format(printf, format_at, first_at)))
#else
#define TIDE_NORETURN
#define TIDE_MUSTCHECK
#define TIDE_PRINTF(format_at, first_at)
#endif

/** Prints file:line and the broken condition to stderr and aborts. */
TIDE_NORETURN void tide_assert_failed(const char *file, int line, const char *condition);

#define TIDE_ASSERT(condition) \
	((condition) ? (void) 0 : tide_assert_failed(__FILE__, __LINE__, #condition))

#endif
