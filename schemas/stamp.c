#include "schemas/stamp.h"

struct cursor {
	const char *at, *end;
};

bool
tide_stamp_integer(struct tide_text text, int64_t *integer)
{
	size_t at = text.length > 0 && text.bytes[0] == '-';
	bool negative = at == 1;
	int64_t value = 0;

	if (at == text.length)
		return false;
	for (; at < text.length; at++) {
		int digit = text.bytes[at] - '0';

		if (digit < 0 || digit > 9 || value > (INT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*integer = negative ? -value : value;
	return true;
}

/* Exactly `count` digits whose value is in [least, most]. */
static bool
read_digits(struct cursor *cursor, int count, int least, int most, int *value)
{
	*value = 0;
	for (int i = 0; i < count; i++, cursor->at++) {
		if (cursor->at == cursor->end || *cursor->at < '0' || *cursor->at > '9')
			return false;
		*value = *value * 10 + (*cursor->at - '0');
	}
	return *value >= least && *value <= most;
}

static bool
read_one_of(struct cursor *cursor, const char *bytes)
{
	if (cursor->at == cursor->end)
		return false;
	for (; *bytes; bytes++)
		if (*cursor->at == *bytes) {
			cursor->at++;
			return true;
		}
	return false;
}

static bool
read_fraction(struct cursor *cursor, int *milliseconds)
{
	int scale = 100;
	const char *first;

	*milliseconds = 0;
	if (!read_one_of(cursor, "."))
		return true;
	first = cursor->at;
	for (; cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9'; cursor->at++) {
		*milliseconds += scale * (*cursor->at - '0');
		scale /= 10;
	}
	return cursor->at > first;
}

static bool
read_offset(struct cursor *cursor, int *minutes)
{
	int hour, minute, sign;

	*minutes = 0;
	if (read_one_of(cursor, "Zz"))
		return true;
	if (cursor->at == cursor->end)
		return false;
	sign = *cursor->at == '-' ? -1 : 1;
	if (!read_one_of(cursor, "+-") || !read_digits(cursor, 2, 0, 23, &hour) ||
	    !read_one_of(cursor, ":") || !read_digits(cursor, 2, 0, 59, &minute))
		return false;
	*minutes = sign * (hour * 60 + minute);
	return true;
}

static int
month_days(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

/* Days since 1970-01-01, proleptic Gregorian; years begin in March for the leap day. */
static int64_t
days_of(int year, int month, int day)
{
	int64_t y = year - (month <= 2) + 400; /* positive also for the year 0 */
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return y * 365 + y / 4 - y / 100 + y / 400 + of_year - 719468 - 146097;
}

static enum tide_stamp
read_rfc3339(struct tide_text text, int64_t *time_ms)
{
	struct cursor cursor = {text.bytes, text.bytes + text.length};
	int year, month, day, hour, minute, second, milliseconds, offset;

	if (!read_digits(&cursor, 4, 0, 9999, &year) || !read_one_of(&cursor, "-") ||
	    !read_digits(&cursor, 2, 1, 12, &month) || !read_one_of(&cursor, "-") ||
	    !read_digits(&cursor, 2, 1, month_days(year, month), &day) ||
	    !read_one_of(&cursor, "Tt ") || !read_digits(&cursor, 2, 0, 23, &hour) ||
	    !read_one_of(&cursor, ":") || !read_digits(&cursor, 2, 0, 59, &minute) ||
	    !read_one_of(&cursor, ":") || !read_digits(&cursor, 2, 0, 60, &second) ||
	    !read_fraction(&cursor, &milliseconds) || !read_offset(&cursor, &offset) ||
	    cursor.at != cursor.end)
		return TIDE_STAMP_BAD;
	*time_ms = ((days_of(year, month, day) * 24 + hour) * 60 + minute - offset) * 60000 +
	           second * 1000 + milliseconds;
	return *time_ms < 0 ? TIDE_STAMP_NEGATIVE : TIDE_STAMP_OK;
}

enum tide_stamp
tide_stamp_read(struct tide_text text, enum tide_time_unit unit, int64_t *time_ms)
{
	int64_t value;

	if (unit == TIDE_TIME_RFC3339)
		return read_rfc3339(text, time_ms);
	if (!tide_stamp_integer(text, &value))
		return TIDE_STAMP_BAD;
	if (value < 0)
		return TIDE_STAMP_NEGATIVE;
	if (unit == TIDE_TIME_S) {
		if (value > INT64_MAX / 1000)
			return TIDE_STAMP_BAD;
		value *= 1000;
	} else if (unit == TIDE_TIME_US) {
		value /= 1000;
	} else if (unit == TIDE_TIME_NS) {
		value /= 1000000;
	}
	*time_ms = value;
	return TIDE_STAMP_OK;
}
