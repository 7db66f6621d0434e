#ifndef TIDE_BASE_LOG_H
#define TIDE_BASE_LOG_H
#include "base/assert.h"
/*
 * Lines for the operator on stderr: `2026-01-02T03:04:05Z level room: sentence`.
 *
 *  (1) Only app, consumer and report log. Control bytes of the message are escaped, so that one
 *      event is one line. (2) A call site writes at most 100 lines a second; what it swallowed is
 *      said with its next line. (3) Payload values are never logged. @thread any
 */
enum tide_log_level { TIDE_LOG_DEBUG, TIDE_LOG_INFO, TIDE_LOG_WARN, TIDE_LOG_ERROR };

struct tide_log_site {
	long second;
	unsigned lines, swallowed;
};

void tide_log_level_set(enum tide_log_level least);
void tide_log_write(struct tide_log_site *site, enum tide_log_level level, const char *room,
                    const char *format, ...) TIDE_PRINTF(4, 5);

#define tide_log(level, room, ...) \
	do { \
		static struct tide_log_site log_site_; \
		tide_log_write(&log_site_, level, room, __VA_ARGS__); \
	} while (0)
#endif
