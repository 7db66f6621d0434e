#include "report/page_private.h"
#include <inttypes.h>
#include <math.h>
#include <time.h>

#define DASH "\xe2\x80\x93"
#define UNKNOWN "\xef\xbf\xbd" /* U+FFFD */

/* What HTML spells otherwise. */
static const char *
spelling(unsigned char byte)
{
	switch (byte) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case 0x7f:
		return UNKNOWN;
	default:
		return byte < 0x20 ? UNKNOWN : NULL;
	}
}

/* Bytes of the UTF-8 sequence that stands at the front of a text that is not empty, 0: none does.
 * Overlong forms, surrogates and what lies past U+10FFFF are none. */
static size_t
sequence(const char *text, size_t length)
{
	const unsigned char *at = (const unsigned char *) text;
	size_t size = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
	uint32_t code = at[0] & (size == 1 ? 0x7fu : 0x7fu >> size);
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

	if ((at[0] >= 0x80 && at[0] < 0xc0) || at[0] >= 0xf8 || size > length)
		return 0;
	for (size_t i = 1; i < size; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (at[i] & 0x3fu);
	}
	bool fine = code >= least[size] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) &&
	            (code & 0xfffe) != 0xfffe;
	return fine ? size : 0;
}

void
tide_page_print_text(struct tide_buffer *buffer, struct tide_text text, size_t most)
{
	size_t at = 0;

	while (at < text.length) {
		size_t size = sequence(text.bytes + at, text.length - at);
		const char *instead = size ? spelling((unsigned char) text.bytes[at]) : UNKNOWN;
		if (at + size > most && text.length > most) {
			tide_text_put_string(buffer, "\xe2\x80\xa6");
			return;
		}
		if (instead)
			tide_text_put_string(buffer, instead);
		else
			tide_text_put(buffer, text.bytes + at, size);
		at += size ? size : 1;
	}
}

void
tide_page_print_name(struct tide_buffer *buffer, struct tide_text name)
{
	tide_page_print_text(buffer, name, TIDE_PAGE_NAME_MAX);
}

void
tide_page_print_string(struct tide_buffer *buffer, const char *string)
{
	tide_page_print_name(buffer, tide_text_of(string));
}

void
tide_page_print_number(struct tide_buffer *buffer, double number)
{
	double size = fabs(number);

	if (!isfinite(number))
		tide_text_put_string(buffer, DASH);
	else if (size >= 1000 && size < 1e7)
		tide_text_put_format(buffer, "%.0f", number);
	else
		tide_text_put_format(buffer, "%.4g", number);
}

/* A p-value far below the least double still has its logarithm. */
void
tide_page_print_p(struct tide_buffer *buffer, double log10_p)
{
	if (isnan(log10_p))
		tide_text_put_string(buffer, DASH);
	else if (log10_p < -3)
		tide_text_put_format(buffer, "1e%.0f", floor(log10_p));
	else
		tide_text_put_format(buffer, "%.2g", pow(10, log10_p));
}

void
tide_page_print_time(struct tide_buffer *buffer, int64_t time_ms)
{
	int64_t rest_ms = (time_ms % 1000 + 1000) % 1000;
	time_t seconds = (time_t) ((time_ms - rest_ms) / 1000);
	struct tm utc;
	char text[64];

	if (!gmtime_r(&seconds, &utc)) {
		tide_text_put_format(buffer, "%" PRId64 " ms", time_ms);
		return;
	}
	strftime(text, sizeof text, "%Y-%m-%d", &utc);
	tide_text_put_string(buffer, text);
	if (seconds % 86400 == 0)
		return;
	strftime(text, sizeof text, seconds % 60 ? " %H:%M:%S" : " %H:%M", &utc);
	tide_text_put_string(buffer, text);
}

void
tide_page_print_cell(struct tide_buffer *buffer, const struct tide_page *page,
                     const struct tide_cell_key *key)
{
	if (key->version.length == 0 && key->segment < 0) {
		tide_text_put_string(buffer, "all");
		return;
	}
	if (key->version.length) {
		tide_text_put_string(buffer, "version ");
		tide_page_print_name(buffer, key->version);
	}
	if (key->version.length && key->segment >= 0)
		tide_text_put_string(buffer, ", ");
	if (key->segment >= 0) {
		tide_page_print_string(buffer, page->context->segments[key->segment].name);
		tide_text_put_string(buffer, " = ");
		if (key->value_null)
			tide_text_put_string(buffer, "(missing)");
		else
			tide_page_print_name(buffer, key->value);
	}
}

static void
tile(struct tide_buffer *buffer, const char *style, uint64_t number, const char *what)
{
	tide_text_put_format(buffer, "<li><b class=\"%s\">%" PRIu64 "</b> %s</li>\n", style, number,
	                     what);
}

static void
print_tiles(struct tide_buffer *buffer, const struct tide_page *page)
{
	uint64_t predictions = page->outcomes[TIDE_PREDICTIONS][TIDE_ACCEPTED];
	uint64_t matched = page->outcomes[TIDE_LABELS][TIDE_MATCHED] +
	                   page->outcomes[TIDE_LABELS][TIDE_CORRECTED];
	size_t open = 0;

	for (size_t i = 0; i < page->incident_count; i++)
		open += page->incidents[i].open;
	tide_text_put_string(buffer, "<ul class=\"tiles\">\n");
	tile(buffer, open ? "bad" : "good", open, "incidents open");
	tile(buffer, "", page->incident_count - open, "incidents resolved");
	tile(buffer, "", predictions, "predictions accepted");
	tile(buffer, "", matched, "labels matched");
	tide_text_put_string(buffer, "</ul>\n");
}

static void
print_head(struct tide_buffer *buffer, const struct tide_page *page)
{
	const struct tide_encode_context *context = page->context;

	tide_text_put_string(
	        buffer,
	        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
	        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
	        "<meta http-equiv=\"Content-Security-Policy\" "
	        "content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n<title>");
	tide_page_print_string(buffer, context->name);
	tide_text_put_string(buffer, " " DASH " tidemark</title>\n<style>");
	tide_text_put_string(buffer, tide_page_style);
	tide_text_put_string(buffer, "</style>\n</head>\n<body>\n<header>\n<h1>");
	tide_page_print_string(buffer, context->name);
	tide_text_put_string(buffer, "</h1>\n<p class=\"soft\">");
	if (page->start_ms <= page->end_ms) {
		tide_page_print_time(buffer, page->start_ms);
		tide_text_put_string(buffer, " to ");
		tide_page_print_time(buffer, page->end_ms);
		tide_text_put_string(buffer, " UTC \xc2\xb7 ");
	}
	tide_text_put_string(buffer, "config <code>");
	tide_page_print_string(buffer, context->config_hash);
	tide_text_put_string(buffer, "</code>");
	if (context->reference_id) {
		tide_text_put_string(buffer, " \xc2\xb7 reference <code>");
		tide_page_print_string(buffer, context->reference_id);
		tide_text_put_string(buffer, "</code>");
	}
	tide_text_put_string(buffer, "</p>\n");
	print_tiles(buffer, page);
	tide_text_put_string(buffer, "</header>\n<main>\n");
}

static void
print_left_out(struct tide_buffer *buffer, uint64_t count, const char *what)
{
	if (count)
		tide_text_put_format(buffer, "<li>%" PRIu64 " %s</li>\n", count, what);
}

static void
print_foot(struct tide_buffer *buffer, const struct tide_page *page)
{
	tide_text_put_string(
	        buffer, "</main>\n<footer>\n<p>Made by tidemark. Times are UTC; a window holds the "
	                "predictions made in it, with the labels that came for them. Columns are "
	                "shown for the whole model; versions and segments are in the results.</p>\n");
	if (page->cells_left_out + page->points_left_out + page->incidents_left_out +
	    page->windows_left_out) {
		tide_text_put_string(buffer, "<p>Left out, for want of room:</p>\n<ul>\n");
		print_left_out(buffer, page->cells_left_out, "panes of models, versions or segments");
		print_left_out(buffer, page->points_left_out, "values");
		print_left_out(buffer, page->windows_left_out, "values of windows long past");
		print_left_out(buffer, page->incidents_left_out, "alerts");
		tide_text_put_string(buffer, "</ul>\n");
	}
	tide_text_put_string(buffer, "</footer>\n</body>\n</html>\n");
}

void
tide_page_print(struct tide_page *page, struct tide_buffer *buffer)
{
	print_head(buffer, page);
	tide_page_table_incidents(buffer, page);
	for (size_t i = 0; i < page->cell_count; i++)
		if (page->cells[i]->key.segment < 0 && page->cells[i]->key.version.length == 0)
			tide_page_table_model(buffer, page, i);
	tide_page_table_inputs(buffer, page);
	print_foot(buffer, page);
}
