#include "app/config_value.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MAX 64
#define SECRET_BYTES_MAX (64u << 10)

size_t
tide_config_value_distance(const char *a, const char *b)
{
	size_t row[WORD_MAX], length_a = strlen(a), length_b = strlen(b);

	if (length_a >= WORD_MAX || length_b >= WORD_MAX)
		return 99;
	for (size_t j = 0; j <= length_b; j++)
		row[j] = j;
	for (size_t i = 1; i <= length_a; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= length_b; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[length_b];
}

/* The number that a text begins with: digits and a point only, so that `1e3s` is not a duration. */
static bool
leading_number(const char *text, double *number, const char **rest)
{
	size_t length = strspn(text, "0123456789.");

	if (!tide_text_read_number((struct tide_text){text, length}, number))
		return false;
	*rest = text + length;
	return true;
}

static const struct {
	const char *name;
	int64_t ms;
} duration_units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000},
	{"w", 604800000}};
#define DURATION_UNITS (sizeof(duration_units) / sizeof(duration_units[0]))

void
tide_config_value_duration_text(int64_t duration_ms, char text[TIDE_CONFIG_DURATION_SIZE])
{
	size_t unit = DURATION_UNITS - 2; /* weeks are read, days are written */

	while (unit > 0 && duration_ms % duration_units[unit].ms != 0)
		unit--;
	if (duration_ms == 0)
		unit = 1;
	(void) snprintf(text, TIDE_CONFIG_DURATION_SIZE, "%lld%s",
		(long long) (duration_ms / duration_units[unit].ms), duration_units[unit].name);
}

bool
tide_config_value_duration(const char *text, int64_t *duration_ms)
{
	const char *rest;
	double number;

	if (!leading_number(text, &number, &rest))
		return false;
	if (*rest == 0 && number == 0) {
		*duration_ms = 0;
		return true;
	}
	for (size_t i = 0; i < DURATION_UNITS; i++)
		if (strcmp(rest, duration_units[i].name) == 0) {
			double ms = number * (double) duration_units[i].ms;

			/* A thousand years; and no part of a millisecond is lost in silence. */
			if (ms > 3.2e13 || ms != floor(ms))
				return false;
			*duration_ms = (int64_t) ms;
			return true;
		}
	return false;
}

bool
tide_config_value_size(const char *text, size_t *size_bytes)
{
	static const struct {
		const char *name;
		double bytes;
	} units[] = {{"", 1}, {"B", 1}, {"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30},
		{"TiB", 0x1p40}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}};
	const char *rest;
	double number;

	if (!leading_number(text, &number, &rest))
		return false;
	rest += strspn(rest, " ");
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(rest, units[i].name) == 0) {
			double bytes = number * units[i].bytes;

			if (bytes < 1 || bytes > 0x1p50)
				return false;
			*size_bytes = (size_t) bytes;
			return true;
		}
	return false;
}

/* Days from 1970-01-01 of a Gregorian date (Hinnant 2021, days_from_civil). */
static int64_t
days_of(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = y / 400, year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year
	       - 719468;
}

static bool
digits(const char **at, int count, int *number)
{
	*number = 0;
	for (int i = 0; i < count; i++, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		*number = *number * 10 + (**at - '0');
	}
	return true;
}

static bool
character(const char **at, char wanted)
{
	if (**at != wanted)
		return false;
	(*at)++;
	return true;
}

static bool
offset_of(const char **at, int *minutes)
{
	int hour, minute, sign = **at == '-' ? -1 : 1;

	*minutes = 0;
	if (character(at, 'Z'))
		return true;
	if (!character(at, '+') && !character(at, '-'))
		return false;
	if (!digits(at, 2, &hour) || !character(at, ':') || !digits(at, 2, &minute) || hour > 23
	    || minute > 59)
		return false;
	*minutes = sign * (hour * 60 + minute);
	return true;
}

bool
tide_config_value_time(const char *text, int64_t *time_ms)
{
	static const int month_days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year, month, day, hour, minute, second, offset, ms = 0;
	const char *at = text;
	bool leap;

	if (!digits(&at, 4, &year) || !character(&at, '-') || !digits(&at, 2, &month)
	    || !character(&at, '-') || !digits(&at, 2, &day) || !character(&at, 'T')
	    || !digits(&at, 2, &hour) || !character(&at, ':') || !digits(&at, 2, &minute)
	    || !character(&at, ':') || !digits(&at, 2, &second))
		return false;
	if (character(&at, '.')) {
		int scale = 100;

		if (*at < '0' || *at > '9')
			return false;
		for (; *at >= '0' && *at <= '9'; at++, scale /= 10)
			ms += (*at - '0') * scale;
	}
	leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	if (!offset_of(&at, &offset) || *at != 0 || month < 1 || month > 12 || day < 1
	    || day > month_days[month - 1] || (month == 2 && day == 29 && !leap) || hour > 23
	    || minute > 59 || second > 60)
		return false;
	*time_ms = ((days_of(year, month, day) * 24 + hour) * 60 + minute - offset) * 60000
	           + second * 1000 + ms;
	return true;
}

/* `+0.02`, `- 0.02`: what stands behind `reference`. */
static bool
signed_number(const char *text, double *number)
{
	char sign = *text;

	if (sign != '+' && sign != '-')
		return false;
	text++;
	text += strspn(text, " ");
	if (!(*text >= '0' && *text <= '9') && *text != '.')
		return false;
	if (!tide_text_read_number(tide_text_of(text), number))
		return false;
	if (sign == '-')
		*number = -*number;
	return true;
}

bool
tide_config_value_side(const char *text, enum tide_rule_side *side, double *number)
{
	static const char reference[] = "reference", deviations[] = "reference_std(";
	const size_t word = sizeof(reference) - 1, open = sizeof(deviations) - 1;
	const char *rest;
	double read;

	if (tide_text_read_number(tide_text_of(text), &read)) {
		*side = TIDE_RULE_NUMBER;
	} else if (strncmp(text, deviations, open) == 0) {
		bool less = text[open] == '-';

		if (!leading_number(text + open + less, &read, &rest) || strcmp(rest, ")") != 0)
			return false;
		read = less ? -read : read;
		*side = TIDE_RULE_REFERENCE_STD;
	} else if (strncmp(text, reference, word) == 0) {
		rest = text + word + strspn(text + word, " ");
		if (*rest == 0)
			read = 0; /* `above: reference` */
		else if (!signed_number(rest, &read))
			return false;
		*side = TIDE_RULE_REFERENCE_PLUS;
	} else if (leading_number(text, &read, &rest)) {
		if (strcmp(rest, "x reference") != 0 && strcmp(rest, " x reference") != 0)
			return false;
		*side = TIDE_RULE_TIMES_REFERENCE;
	} else {
		bool less = *text == '-';

		if ((*text != '+' && !less) || !leading_number(text + 1, &read, &rest)
		    || strcmp(rest, "% reference") != 0)
			return false;
		read = (less ? -read : read) / 100;
		*side = TIDE_RULE_SHARE_OF_REFERENCE;
	}
	*number = read;
	return true;
}

bool
tide_config_value_m_of_n(const char *text, unsigned *m, unsigned *n)
{
	unsigned read_m, read_n;
	int end = -1;

	if (strspn(text, "0123456789 of") != strlen(text))
		return false;
	if (sscanf(text, "%2u of %2u%n", &read_m, &read_n, &end) != 2 || end < 0 || text[end] != 0)
		return false;
	if (read_m < 1 || read_m > read_n || read_n > 32)
		return false;
	*m = read_m;
	*n = read_n;
	return true;
}

bool
tide_config_value_rate(const char *text, double *count, int64_t *per_ms)
{
	static const char per[] = " per ";
	const char *rest;
	int64_t read_ms;
	double read;

	if (!leading_number(text, &read, &rest) || strncmp(rest, per, sizeof(per) - 1) != 0
	    || !tide_config_value_duration(rest + sizeof(per) - 1, &read_ms) || read <= 0
	    || read_ms == 0)
		return false;
	*count = read;
	*per_ms = read_ms;
	return true;
}

static int
memory_fail(const struct tide_config_reader *reader)
{
	return tide_error_stop(reader->error, TIDE_ERROR_MEMORY, "out of memory while reading %s",
		reader->path);
}

static int
put_file(struct tide_config_reader *reader, const struct yaml_node_s *node, const char *path,
         struct tide_buffer *buffer)
{
	struct tide_buffer name;
	char *bytes = malloc(SECRET_BYTES_MAX);
	FILE *file = NULL;
	size_t length;

	tide_text_buffer_init(&name, 4096);
	tide_text_put_format(&name, "%s%s", path[0] == '/' ? "" : reader->folder, path);
	tide_text_put(&name, "", 1);
	if (bytes == NULL || (name.failed && !name.full)) {
		tide_text_buffer_fini(&name);
		free(bytes);
		return memory_fail(reader);
	}
	if (!name.failed)
		file = fopen(name.bytes, "rb");
	tide_text_buffer_fini(&name);
	if (file == NULL) {
		free(bytes);
		return tide_config_yaml_fail(reader, node, "`${file:%.200s}` cannot be read", path);
	}
	length = fread(bytes, 1, SECRET_BYTES_MAX, file);
	(void) fclose(file);
	while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r'))
		length--;
	tide_text_put(buffer, bytes, length);
	free(bytes);
	return 0;
}

static int
put_secret(struct tide_config_reader *reader, const struct yaml_node_s *node, const char *inside,
           struct tide_buffer *buffer)
{
	const char *value;

	if (strncmp(inside, "file:", 5) == 0)
		return put_file(reader, node, inside + 5, buffer);
	if (strncmp(inside, "env:", 4) != 0)
		return tide_config_yaml_fail(reader, node,
			"`${%.64s}` is not known; say ${env:NAME} or ${file:PATH}", inside);
	value = getenv(inside + 4);
	if (value == NULL)
		return tide_config_yaml_fail(reader, node,
			"the environment has no `%.64s`; set it before starting", inside + 4);
	tide_text_put_string(buffer, value);
	return 0;
}

int
tide_config_value_substitute(struct tide_config_reader *reader, const struct yaml_node_s *node,
                             const char *raw, const char **text)
{
	struct tide_buffer buffer;
	char *kept, inside[512];
	int result = 0;

	tide_text_buffer_init(&buffer, 1u << 20);
	while (result == 0 && *raw != 0) {
		const char *open = strstr(raw, "${"), *close;

		tide_text_put(&buffer, raw, open == NULL ? strlen(raw) : (size_t) (open - raw));
		if (open == NULL)
			break;
		close = strchr(open, '}');
		if (close == NULL || (size_t) (close - open) > sizeof(inside)) {
			result = tide_config_yaml_fail(reader, node, "`${` has no `}`");
			break;
		}
		(void) snprintf(inside, sizeof(inside), "%.*s", (int) (close - open - 2), open + 2);
		result = put_secret(reader, node, inside, &buffer);
		raw = close + 1;
	}
	if (result == 0 && buffer.failed)
		result = buffer.full ? tide_config_yaml_fail(reader, node, "this text is too long")
		                     : memory_fail(reader);
	kept = result == 0 ? tide_config_yaml_keep(reader, buffer.length + 1) : NULL;
	if (kept != NULL && buffer.length > 0)
		memcpy(kept, buffer.bytes, buffer.length);
	tide_text_buffer_fini(&buffer);
	*text = kept;
	return kept == NULL ? -1 : 0;
}
