#include "app/range.h"
#include "app/config_value.h"
#include "schemas/stamp.h"
#include "windowing/clock.h"
#include <stdio.h>
#include <string.h>

#define SPELLED_MAX 64 /* of one end */

static bool
all_of(struct tide_text text, const char *bytes)
{
	for (size_t i = 0; i < text.length; i++)
		if (!strchr(bytes, text.bytes[i]))
			return false;
	return text.length > 0;
}

/* `1h30m`: durations of the config, one behind the other. */
static bool
duration_read(struct tide_text text, int64_t *duration_ms)
{
	const char *at = text.bytes, *end = at + text.length;
	char part[SPELLED_MAX];
	int64_t part_ms, sum_ms = 0;

	while (at < end) {
		size_t length = 0;
		while (at + length < end && strchr("0123456789.", at[length]))
			length++;
		size_t digits = length;
		while (at + length < end && !strchr("0123456789.", at[length]))
			length++;
		if (digits == length || length >= sizeof part)
			return false;
		snprintf(part, sizeof part, "%.*s", (int) length, at);
		if (!tide_config_value_duration(part, &part_ms))
			return false;
		sum_ms += part_ms;
		at += length;
	}
	*duration_ms = sum_ms;
	return text.length > 0;
}

static bool
time_read(struct tide_text text, int64_t *time_ms)
{
	char midnight[SPELLED_MAX];
	bool read;

	if (all_of(text, "0123456789")) {
		bool seconds = text.length == 9 || text.length == 10;
		read = tide_stamp_read(text, seconds ? TIDE_TIME_S : TIDE_TIME_MS, time_ms) ==
		       TIDE_STAMP_OK;
	} else if (text.length == strlen("2026-03-01")) {
		snprintf(midnight, sizeof midnight, "%.*sT00:00:00Z", (int) text.length,
		         text.bytes);
		read = tide_stamp_read(tide_text_of(midnight), TIDE_TIME_RFC3339, time_ms) ==
		       TIDE_STAMP_OK;
	} else {
		read = tide_stamp_read(text, TIDE_TIME_RFC3339, time_ms) == TIDE_STAMP_OK;
	}
	return read && *time_ms <= TIDE_CLOCK_LAST_MS;
}

/* "-2h" */
static bool
time_before_end(struct tide_text text, struct tide_range_end *end)
{
	int64_t by_ms;

	if (text.length == 0 || text.bytes[0] != '-' ||
	    !duration_read((struct tide_text){text.bytes + 1, text.length - 1}, &by_ms))
		return false;
	*end = (struct tide_range_end){TIDE_RANGE_END, -by_ms};
	return true;
}

static bool
time_end_read(struct tide_text text, bool until, struct tide_range_end *end)
{
	size_t sign = text.length > 0 && text.bytes[0] == '+';
	struct tide_text behind = {text.bytes + sign, text.length - sign};

	*end = (struct tide_range_end){until ? TIDE_RANGE_END : TIDE_RANGE_START, 0};
	if (text.length == 0 || tide_text_is(text, until ? "end" : "start") ||
	    time_before_end(text, end))
		return true;
	end->anchor = TIDE_RANGE_AT;
	if (time_read(text, &end->by))
		return true;
	end->anchor = TIDE_RANGE_FROM;
	return until && duration_read(behind, &end->by);
}

static bool
times_read(struct tide_text from, struct tide_text until, struct tide_range *range)
{
	range->offsets = false;
	return time_end_read(from, false, &range->from) &&
	       time_end_read(until, true, &range->until) &&
	       !(range->from.anchor == TIDE_RANGE_START && range->until.anchor == TIDE_RANGE_FROM);
}

static struct tide_text
unmarked(struct tide_text text)
{
	size_t mark = text.length > 0 && text.bytes[0] == '@';

	return (struct tide_text){text.bytes + mark, text.length - mark};
}

/* `FROM..UNTIL` */
static bool
dotted_read(struct tide_text text, const char *dots, struct tide_range *range)
{
	struct tide_text from = {text.bytes, (size_t) (dots - text.bytes)};
	struct tide_text until = {dots + 2, text.length - from.length - 2};

	return times_read(unmarked(from), unmarked(until), range);
}

/* `@FROM`, `@FROM:UNTIL`: times have colons, too; it is the first with times around it. */
static bool
marked_read(struct tide_text text, struct tide_range *range)
{
	text = unmarked(text);
	if (text.length > 0 && times_read(text, TIDE_TEXT(""), range))
		return true;
	for (size_t i = 0; i < text.length; i++)
		if (text.bytes[i] == ':' &&
		    times_read((struct tide_text){text.bytes, i},
		               (struct tide_text){text.bytes + i + 1, text.length - i - 1}, range))
			return true;
	return false;
}

static bool
offset_read(struct tide_text text, bool until, struct tide_range_end *end)
{
	char sign = text.length > 0 ? text.bytes[0] : 0;
	size_t signs = sign == '-' || sign == '+';
	struct tide_text digits = {text.bytes + signs, text.length - signs};

	*end = (struct tide_range_end){until ? TIDE_RANGE_END : TIDE_RANGE_START, 0};
	if (text.length == 0 || tide_text_is(text, until ? "end" : "start"))
		return true;
	if (!all_of(digits, "0123456789") || !tide_stamp_integer(digits, &end->by) ||
	    (until && sign == '+'))
		return false;
	end->anchor = sign == '-'   ? TIDE_RANGE_END
	              : sign == '+' ? TIDE_RANGE_START
	                            : TIDE_RANGE_AT;
	if (sign == '-')
		end->by = -end->by;
	return true;
}

static bool
offsets_read(struct tide_text text, struct tide_range *range)
{
	const char *colon = memchr(text.bytes, ':', text.length);
	size_t from = colon ? (size_t) (colon - text.bytes) : text.length;
	size_t until = colon ? from + 1 : from;

	range->offsets = true;
	return text.length > 0 &&
	       offset_read((struct tide_text){text.bytes, from}, false, &range->from) &&
	       offset_read((struct tide_text){text.bytes + until, text.length - until}, true,
	                   &range->until);
}

static bool
form_read(struct tide_text text, struct tide_range *range)
{
	const char *dots = strstr(text.bytes, "..");

	if (text.length == 0 || text.length > 2 * SPELLED_MAX)
		return false;
	if (dots)
		return dotted_read(text, dots, range);
	if (text.bytes[0] == '@')
		return marked_read(text, range);
	if (offsets_read(text, range))
		return true;
	*range = (struct tide_range){.until = {TIDE_RANGE_END, 0}};
	return time_before_end(text, &range->from);
}

/* Both ends of one kind, the later one not second. Ends of different kinds meet in the topic. */
static bool
is_empty(const struct tide_range *range)
{
	if (range->until.anchor != TIDE_RANGE_END && range->until.by == 0)
		return true;
	return range->from.anchor == range->until.anchor && range->from.by >= range->until.by;
}

int
tide_range_read(const char *text, struct tide_range *range, struct tide_error *error)
{
	*range = (struct tide_range){0};
	if (!form_read(tide_text_of(text), range))
		return tide_error_stop(
		        error, TIDE_ERROR_USAGE,
		        "--range is FROM..UNTIL or @FROM:UNTIL, dates, RFC 3339 times or milliseconds, "
		        "-2h before the last record, or offsets as 100:200, +100, -100; this is \"%s\"",
		        text);
	if (is_empty(range))
		return tide_error_stop(error, TIDE_ERROR_USAGE,
		                       "--range is empty: the later end comes second, and is not "
		                       "in it; this is \"%s\"",
		                       text);
	return 0;
}

bool
tide_range_needs_last(const struct tide_range *range)
{
	return !range->offsets && (range->from.anchor == TIDE_RANGE_END || range->until.by < 0);
}

int
tide_range_times(const struct tide_range *range, int64_t last_ms, int64_t *from_ms,
                 int64_t *until_ms, struct tide_error *error)
{
	const struct tide_range_end *from = &range->from, *until = &range->until;

	*from_ms = INT64_MIN;
	if (from->anchor != TIDE_RANGE_START)
		*from_ms = from->by + (from->anchor == TIDE_RANGE_END ? last_ms : 0);
	if (*from_ms < 0)
		*from_ms = INT64_MIN;
	*until_ms = INT64_MAX;
	if (until->anchor == TIDE_RANGE_AT)
		*until_ms = until->by;
	else if (until->anchor == TIDE_RANGE_END && until->by < 0)
		*until_ms = last_ms + until->by;
	else if (until->anchor == TIDE_RANGE_FROM)
		*until_ms = (*from_ms < 0 ? 0 : *from_ms) + until->by;
	if (*from_ms >= *until_ms || *until_ms <= 0)
		return tide_error_stop(error, TIDE_ERROR_USAGE,
		                       "--range is empty: the last record is of %lld ms",
		                       (long long) last_ms);
	return 0;
}
