#include "app/gate.h"
#include "app/utc.h"
#include <math.h>
#include <stdio.h>

/* The number, or a dash. */
static void
number_put(struct tide_buffer *out, double number)
{
	if (isnan(number))
		tide_text_put_string(out, "-");
	else
		tide_text_put_format(out, "%.6g", number);
}

/* What a threshold asks for, in a few words. */
static void
asks_put(struct tide_buffer *out, const struct tide_threshold *threshold)
{
	const char *sign = threshold->greater_is_better ? ">=" : "<=";
	const char *by = threshold->greater_is_better ? "+" : "-";
	const char *comma = "";

	if (!isnan(threshold->threshold)) {
		tide_text_put_format(out, "%s %.6g", sign, threshold->threshold);
		comma = ", ";
	}
	if (!isnan(threshold->min_absolute_change)) {
		tide_text_put_format(out, "%s%s baseline %s %.6g", comma, sign, by,
		                     threshold->min_absolute_change);
		comma = ", ";
	}
	if (!isnan(threshold->min_relative_change))
		tide_text_put_format(out, "%s%s baseline %s %.6g%%", comma, sign, by,
		                     100 * threshold->min_relative_change);
}

/* Why it failed, one sentence a failure. */
static void
why_put(struct tide_buffer *out, const struct tide_gate_check *check)
{
	static const struct {
		unsigned failure;
		const char *text;
	} sentences[] = {{TIDE_THRESHOLD_LEVEL, "the threshold is not reached"},
	                 {TIDE_THRESHOLD_NO_BASELINE, "the baseline has no such value"},
	                 {TIDE_THRESHOLD_ABSOLUTE, "min_absolute_change is not reached"},
	                 {TIDE_THRESHOLD_RELATIVE, "min_relative_change is not reached"}};
	const char *comma = "";

	if (check->failures & TIDE_THRESHOLD_NO_VALUE) {
		tide_text_put_string(out, "no value: ");
		if (check->value && check->value->reason.length)
			tide_text_put(out, check->value->reason.bytes, check->value->reason.length);
		else
			tide_text_put_string(out, "it was not measured");
	}
	for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++) {
		if (!(check->failures & sentences[i].failure))
			continue;
		tide_text_put_format(out, "%s%s", comma, sentences[i].text);
		comma = ", ";
	}
}

/* The window in words; one that holds everything has no dates. */
static void
window_put(struct tide_buffer *out, const struct tide_gate_check *check)
{
	if (check->start_ms == 0 && check->end_ms == TIDE_GATE_EVER_MS) {
		tide_text_put_string(out, "the whole input");
		return;
	}
	tide_utc_print(out, check->start_ms);
	tide_text_put_string(out, " .. ");
	tide_utc_print(out, check->end_ms);
}

static void
check_text(struct tide_buffer *out, const struct tide_gate_check *check)
{
	tide_text_put_format(out, "  %-4s  %-32s ", check->failures ? "FAIL" : "ok",
	                     check->threshold->metric);
	number_put(out, check->value ? check->value->value : NAN);
	tide_text_put_string(out, "  (baseline ");
	number_put(out, check->baseline);
	tide_text_put_string(out, ")  ");
	asks_put(out, check->threshold);
	if (check->failures) {
		tide_text_put_string(out, ": ");
		why_put(out, check);
	}
	tide_text_put_string(out, "\n");
}

static bool
is_first(const struct tide_gate *gate, size_t i)
{
	const struct tide_gate_check *check = &gate->checks[i];

	return i == 0 || check[-1].start_ms != check->start_ms ||
	       !tide_text_equal(check[-1].model, check->model);
}

void
tide_gate_print_text(const struct tide_gate *gate, struct tide_buffer *out)
{
	for (size_t i = 0; i < gate->check_count; i++) {
		const struct tide_gate_check *check = &gate->checks[i];
		if (is_first(gate, i)) {
			tide_text_json_text(out, check->model); /* escaped: it is from records */
			tide_text_put_string(out, "  ");
			window_put(out, check);
			tide_text_put_string(out, "\n");
		}
		check_text(out, check);
	}
	tide_text_put_format(out, "%zu of %zu checks failed\n", gate->failed_count,
	                     gate->check_count);
}

static void
xml_put(struct tide_buffer *out, struct tide_text text)
{
	for (size_t i = 0; i < text.length; i++) {
		unsigned char c = (unsigned char) text.bytes[i];
		if (c < 32 || c == '&' || c == '<' || c == '>' || c == '"')
			tide_text_put_format(out, c < 32 ? "&#xfffd;" : "&#%u;", (unsigned) c);
		else
			tide_text_put(out, &text.bytes[i], 1);
	}
}

static void
why_xml(struct tide_buffer *out, const struct tide_gate_check *check)
{
	struct tide_buffer why;

	tide_text_buffer_init(&why, 4096);
	tide_text_put_string(&why, "value ");
	number_put(&why, check->value ? check->value->value : NAN);
	tide_text_put_string(&why, ", baseline ");
	number_put(&why, check->baseline);
	tide_text_put_string(&why, ", asked for ");
	asks_put(&why, check->threshold);
	tide_text_put_string(&why, ": ");
	why_put(&why, check);
	xml_put(out, (struct tide_text){why.bytes, why.length});
	out->failed |= why.failed;
	tide_text_buffer_fini(&why);
}

void
tide_gate_print_junit(const struct tide_gate *gate, const char *name, struct tide_buffer *out)
{
	tide_text_put_string(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
	                          "<testsuite name=\"");
	xml_put(out, tide_text_of(name));
	tide_text_put_format(out, "\" tests=\"%zu\" failures=\"%zu\">\n", gate->check_count,
	                     gate->failed_count);
	for (size_t i = 0; i < gate->check_count; i++) {
		const struct tide_gate_check *check = &gate->checks[i];
		tide_text_put_string(out, "<testcase classname=\"");
		xml_put(out, check->model);
		tide_text_put_string(out, " ");
		window_put(out, check);
		tide_text_put_string(out, "\" name=\"");
		xml_put(out, tide_text_of(check->threshold->metric));
		tide_text_put_string(out, check->failures ? "\"><failure message=\"" : "\"/>\n");
		if (!check->failures)
			continue;
		why_xml(out, check);
		tide_text_put_string(out, "\"/></testcase>\n");
	}
	tide_text_put_string(out, "</testsuite>\n</testsuites>\n");
}

/* In a cell of a table a bar would end it. */
static void
cell_put(struct tide_buffer *out, struct tide_text text)
{
	tide_text_put_string(out, " ");
	for (size_t i = 0; i < text.length; i++)
		if (text.bytes[i] == '|' || text.bytes[i] == '\\' || text.bytes[i] == '<')
			tide_text_put_format(out, "\\%c", text.bytes[i]);
		else
			tide_text_put(out, (unsigned char) text.bytes[i] < 32 ? " " : &text.bytes[i], 1);
	tide_text_put_string(out, " |");
}

void
tide_gate_print_markdown(const struct tide_gate *gate, const char *name, struct tide_buffer *out)
{
	tide_text_put_string(out, "### tidemark gate: ");
	cell_put(out, tide_text_of(name));
	out->length -= 2; /* a heading has no bar */
	tide_text_put_format(out, "\n\n%zu of %zu checks failed\n\n", gate->failed_count,
	                     gate->check_count);
	tide_text_put_string(out, "| | model | window | metric | value | baseline | asks | |\n"
	                          "|---|---|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < gate->check_count; i++) {
		const struct tide_gate_check *check = &gate->checks[i];
		tide_text_put_string(out, check->failures ? "| FAIL |" : "| ok |");
		cell_put(out, check->model);
		tide_text_put_string(out, " ");
		window_put(out, check);
		tide_text_put_string(out, " |");
		cell_put(out, tide_text_of(check->threshold->metric));
		tide_text_put_string(out, " ");
		number_put(out, check->value ? check->value->value : NAN);
		tide_text_put_string(out, " | ");
		number_put(out, check->baseline);
		tide_text_put_string(out, " | ");
		asks_put(out, check->threshold);
		tide_text_put_string(out, " | ");
		why_put(out, check);
		tide_text_put_string(out, " |\n");
	}
}
