#include "base/log.h"
#include "base/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#define LINES_A_SECOND_MAX 100
static enum tide_log_level least_level = TIDE_LOG_INFO;

void
tide_log_level_set(enum tide_log_level least)
{
	least_level = least;
}

static void
line_write(time_t now, enum tide_log_level level, const char *room, const char *message)
{
	static const char *const names[] = {"debug", "info", "warn", "error"};
	char stamp[32], line[2048];
	struct tm utc;
	size_t at;

	gmtime_r(&now, &utc);
	strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &utc);
	at = (size_t) snprintf(line, sizeof line, "%s %s %s: ", stamp, names[level], room);
	for (const char *c = message; *c && at < sizeof line - 8; c++) {
		if ((unsigned char) *c < 0x20 || *c == 0x7f)
			at += (size_t) snprintf(line + at, 8, "\\x%02x", (unsigned char) *c);
		else
			line[at++] = *c;
	}
	line[at++] = '\n';
	fwrite(line, 1, at, stderr);
}

void
tide_log_write(struct tide_log_site *site, enum tide_log_level level, const char *room,
               const char *format, ...)
{
	char message[1600];
	va_list arguments;
	time_t now = time(NULL);

	if (level < least_level)
		return;
	if (site->second != (long) now) {
		unsigned swallowed = site->swallowed;
		*site = (struct tide_log_site){.second = (long) now};
		if (swallowed) {
			snprintf(message, sizeof message, "%u more lines like the next", swallowed);
			line_write(now, level, room, message);
		}
	}
	if (site->lines++ >= LINES_A_SECOND_MAX) {
		site->swallowed++;
		return;
	}
	va_start(arguments, format);
	vsnprintf(message, sizeof message, format, arguments);
	va_end(arguments);
	line_write(now, level, room, message);
}
