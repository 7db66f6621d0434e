#include "report/page_private.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX 1000

/* The families that a page shows of a model, in the order of what people ask first. */
static const struct {
	enum tide_family family;
	const char *title;
} sections[] = {{TIDE_PERFORMANCE, "Performance"},
                {TIDE_ESTIMATE, "Estimated performance"},
                {TIDE_CONCEPT, "Concept drift"},
                {TIDE_FAIRNESS, "Fairness"},
                {TIDE_BUSINESS, "Business"},
                {TIDE_OPERATIONS, "Operations"},
                {TIDE_DRIFT, "Drift of columns"},
                {TIDE_QUALITY, "Data quality"}};

static void
head_open(struct tide_buffer *buffer, const char *caption)
{
	tide_text_put_string(buffer, "<div class=\"wide\" tabindex=\"0\" role=\"region\" "
	                             "aria-label=\"");
	tide_page_print_string(buffer, caption);
	tide_text_put_string(buffer, "\">\n<table>\n<caption>");
	tide_page_print_string(buffer, caption);
	tide_text_put_string(buffer, "</caption>\n<thead><tr>");
}

static void
head_cell(struct tide_buffer *buffer, const char *style, const char *title)
{
	tide_text_put_format(buffer, "<th scope=\"col\" class=\"%s\">", style);
	tide_page_print_string(buffer, title);
	tide_text_put_string(buffer, "</th>");
}

static void
table_close(struct tide_buffer *buffer)
{
	tide_text_put_string(buffer, "</tbody>\n</table>\n</div>\n");
}

static int
severity_rank(const char *severity)
{
	return strcmp(severity, "critical") == 0 ? 0 : strcmp(severity, "warning") == 0 ? 1 : 2;
}

/* Open ones first, the gravest of them first; then the newest. Ids break ties. */
static int
incident_order(const void *left, const void *right)
{
	const struct page_incident *a = *(const struct page_incident *const *) left;
	const struct page_incident *b = *(const struct page_incident *const *) right;
	int rank = severity_rank(a->severity) - severity_rank(b->severity);

	if (a->open != b->open)
		return a->open ? -1 : 1;
	if (a->open && rank)
		return rank;
	if (a->opened_ms != b->opened_ms)
		return a->opened_ms > b->opened_ms ? -1 : 1;
	return strcmp(a->alert_id, b->alert_id);
}

static void
incident_row(struct tide_buffer *buffer, const struct page_incident *incident)
{
	tide_text_put_format(buffer, "<tr><th scope=\"row\" class=\"t %s\">%s</th><td>",
	                     incident->open ? "bad" : "good",
	                     incident->open ? "firing" : "resolved");
	tide_page_print_string(buffer, incident->severity);
	tide_text_put_string(buffer, "</td><td>");
	tide_page_print_string(buffer, incident->rule->name);
	if (incident->rule->owner) {
		tide_text_put_string(buffer, "<small>");
		tide_page_print_string(buffer, incident->rule->owner);
		tide_text_put_string(buffer, "</small>");
	}
	tide_text_put_string(buffer, "</td><td class=\"m\">");
	tide_page_print_text(buffer, incident->messages[TIDE_ALERT_FIRING], MESSAGE_MAX);
	if (!incident->open) {
		tide_text_put_string(buffer, "<small>");
		tide_page_print_text(buffer, incident->messages[TIDE_ALERT_RESOLVED], MESSAGE_MAX);
		tide_text_put_string(buffer, "</small>");
	}
	tide_text_put_string(buffer, "</td><td class=\"t\">");
	tide_page_print_time(buffer, incident->first_ms);
	tide_text_put_string(buffer, "</td><td class=\"t\">");
	tide_page_print_time(buffer, incident->opened_ms);
	tide_text_put_string(buffer, "</td><td class=\"t\">");
	if (!incident->open)
		tide_page_print_time(buffer, incident->closed_ms);
	tide_text_put_string(buffer, "</td></tr>\n");
}

void
tide_page_table_incidents(struct tide_buffer *buffer, const struct tide_page *page)
{
	static const char *const titles[] = {"State", "Severity", "Rule", "What was seen",
	                                     "First window", "Fired", "Resolved"};
	const struct page_incident **order;

	tide_text_put_string(buffer, "<h2>Incidents</h2>\n");
	if (page->incident_count == 0) {
		tide_text_put_string(buffer, "<p>No rule has fired.</p>\n");
		return;
	}
	order = calloc(page->incident_count, sizeof *order);
	if (!order) {
		buffer->failed = true;
		return;
	}
	for (size_t i = 0; i < page->incident_count; i++)
		order[i] = &page->incidents[i];
	qsort(order, page->incident_count, sizeof *order, incident_order);
	head_open(buffer, "Incidents, open ones first");
	for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
		head_cell(buffer, "", titles[i]);
	tide_text_put_string(buffer, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < page->incident_count; i++)
		incident_row(buffer, order[i]);
	table_close(buffer);
	free(order);
}

/* The newest point of the series if it is of that window, else NULL. */
static const struct page_point *
point_of(const struct page_series *series, int64_t start_ms)
{
	if (series->count == 0 || series->points[series->count - 1].start_ms != start_ms)
		return NULL;
	return &series->points[series->count - 1];
}

static const struct page_point *
newest(const struct page_cell *cell, const struct page_series *series)
{
	return point_of(series, cell->newest_ms[series->detector->side]);
}

static const struct page_series *
series_find(const struct page_cell *cell, const struct tide_detector *detector,
            struct tide_text column)
{
	for (size_t i = 0; i < cell->count; i++)
		if (cell->series[i].detector == detector &&
		    tide_text_equal(cell->series[i].column, column))
			return &cell->series[i];
	return NULL;
}

/* The name of a measure, which may be broken behind its underscores. */
static void
head_measure(struct tide_buffer *buffer, const struct tide_detector *detector)
{
	tide_text_put_string(buffer, "<th scope=\"col\" class=\"n\" title=\"");
	tide_page_print_string(buffer, detector->title);
	tide_text_put_string(buffer, "\">");
	for (const char *at = detector->name; *at; at++)
		tide_text_put_format(buffer, *at == '_' ? "%c<wbr/>" : "%c", *at);
	tide_text_put_string(buffer, "</th>");
}

/* A number of a table, with what is beside it in small. */
static void
number_cell(struct tide_buffer *buffer, const struct page_point *point, bool with_reference)
{
	tide_text_put_string(buffer, "<td class=\"n\"");
	if (point && point->reason && !isfinite(point->value)) {
		tide_text_put_string(buffer, " title=\"");
		tide_page_print_string(buffer, point->reason);
		tide_text_put_string(buffer, "\"");
	}
	tide_text_put_string(buffer, ">");
	tide_page_print_number(buffer, point ? point->value : NAN);
	if (with_reference && point && isfinite(point->reference)) {
		tide_text_put_string(buffer, "<small>");
		tide_page_print_number(buffer, point->reference);
		tide_text_put_string(buffer, "</small>");
	}
	tide_text_put_string(buffer, "</td>");
}

/* The i-th measure of the model's own in a family, NULL past the end. */
static const struct page_series *
own_series(const struct page_cell *cell, enum tide_family family, size_t index)
{
	for (size_t i = 0; i < cell->count; i++)
		if (cell->series[i].column.length == 0 &&
		    cell->series[i].detector->family == family && index-- == 0)
			return &cell->series[i];
	return NULL;
}

/* Every window of every measure: the numbers behind the charts. */
static void
windows_table(struct tide_buffer *buffer, const struct page_cell *cell, enum tide_family family)
{
	const struct page_series *series;

	tide_text_put_string(buffer, "<details><summary>Numbers of every window</summary>\n");
	head_open(buffer, "Every window, the newest first");
	head_cell(buffer, "", "Window");
	head_cell(buffer, "n", "Predictions");
	head_cell(buffer, "n", "Labelled");
	for (size_t k = 0; (series = own_series(cell, family, k)); k++)
		head_measure(buffer, series->detector);
	tide_text_put_string(buffer, "</tr></thead>\n<tbody>\n");
	for (size_t i = cell->volume.count; i-- > 0;) {
		const struct page_point *volume = &cell->volume.points[i];
		tide_text_put_string(buffer, "<tr><th scope=\"row\" class=\"t\">");
		tide_page_print_time(buffer, volume->start_ms);
		tide_text_put_format(buffer, "</th><td class=\"n\">%.0f</td><td class=\"n\">",
		                     volume->n);
		tide_page_print_number(buffer, volume->value);
		tide_text_put_string(buffer, "</td>");
		for (size_t k = 0; (series = own_series(cell, family, k)); k++) {
			const struct page_point *point = NULL;
			for (size_t at = series->count; at-- > 0 && !point;)
				if (series->points[at].start_ms == volume->start_ms)
					point = &series->points[at];
			number_cell(buffer, point, false);
		}
		tide_text_put_string(buffer, "</tr>\n");
	}
	table_close(buffer);
	tide_text_put_string(buffer, "</details>\n");
}

/* The newest window of the model, and of each of its versions and segments. */
static void
cells_table(struct tide_buffer *buffer, const struct tide_page *page, size_t first,
            enum tide_family family)
{
	const struct page_cell *whole = page->cells[first];
	const struct page_series *series;

	head_open(buffer, "The newest window of each version and segment, its reference below");
	head_cell(buffer, "c", "Of");
	head_cell(buffer, "t", "Window");
	head_cell(buffer, "n", "Labelled");
	for (size_t k = 0; (series = own_series(whole, family, k)); k++)
		head_measure(buffer, series->detector);
	tide_text_put_string(buffer, "</tr></thead>\n<tbody>\n");
	for (size_t i = first; i < page->cell_count; i++) {
		const struct page_cell *cell = page->cells[i];
		int64_t start_ms = cell->newest_ms[TIDE_SIDE_LABEL];
		if (!tide_text_equal(cell->key.model, whole->key.model))
			break;
		if (start_ms == INT64_MIN)
			continue;
		tide_text_put_string(buffer, "<tr><th scope=\"row\">");
		tide_page_print_cell(buffer, page, &cell->key);
		tide_text_put_string(buffer, "</th><td class=\"t\">");
		tide_page_print_time(buffer, start_ms);
		tide_text_put_string(buffer, "</td><td class=\"n\">");
		const struct page_point *volume = point_of(&cell->volume, start_ms);
		tide_page_print_number(buffer, volume ? volume->value : NAN);
		tide_text_put_string(buffer, "</td>");
		for (size_t k = 0; (series = own_series(whole, family, k)); k++) {
			const struct page_series *its =
			        series_find(cell, series->detector, (struct tide_text){0});
			number_cell(buffer, its ? newest(cell, its) : NULL, true);
		}
		tide_text_put_string(buffer, "</tr>\n");
	}
	table_close(buffer);
}

static void
own_section(struct tide_buffer *buffer, const struct tide_page *page, size_t first,
            enum tide_family family)
{
	const struct page_cell *cell = page->cells[first];
	const struct page_series *series;

	tide_text_put_string(buffer, "<p class=\"soft\">Dashed: the reference. Dotted: the threshold of "
	                             "a rule. Shaded: the windows of an incident. Band: the 95 % "
	                             "interval.</p>\n<div class=\"charts\">\n");
	for (size_t k = 0; (series = own_series(cell, family, k)); k++)
		tide_page_chart_line(buffer, page, cell, series);
	tide_text_put_string(buffer, "</div>\n");
	cells_table(buffer, page, first, family);
	windows_table(buffer, cell, family);
}

static int
column_order(const void *left, const void *right)
{
	const struct page_series *a = *(const struct page_series *const *) left;
	const struct page_series *b = *(const struct page_series *const *) right;

	return tide_text_compare(a->column, b->column);
}

/* Strips of p-values beside a row, where the family has them. */
static void
strip_cell(struct tide_buffer *buffer, const struct tide_page *page, const struct page_cell *cell,
           const struct tide_detector *detector, struct tide_text column)
{
	const struct page_series *series = detector ? series_find(cell, detector, column) : NULL;
	const struct page_point *point = series ? newest(cell, series) : NULL;

	tide_text_put_string(buffer, "<td class=\"s\">");
	if (series)
		tide_page_chart_strip(buffer, page, series);
	tide_text_put_string(buffer, "</td><td class=\"n\">");
	tide_page_print_p(buffer, point ? point->log10_p : NAN);
	tide_text_put_string(buffer, "</td>");
}

/* One row a column, one column a measure: the newest window. */
static void
columns_rows(struct tide_buffer *buffer, const struct tide_page *page, const struct page_cell *cell,
             const struct page_series *const *columns, size_t count,
             const struct tide_detector *const *detectors, size_t detector_count,
             const struct tide_detector *strip)
{
	for (size_t i = 0; i < count; i++) {
		struct tide_text column = columns[i]->column;
		if (i > 0 && tide_text_equal(columns[i - 1]->column, column))
			continue;
		tide_text_put_string(buffer, "<tr><th scope=\"row\" class=\"c\">");
		tide_page_print_name(buffer, column);
		tide_text_put_string(buffer, "</th>");
		if (strip)
			strip_cell(buffer, page, cell, strip, column);
		for (size_t k = 0; k < detector_count; k++) {
			const struct page_series *series = series_find(cell, detectors[k], column);
			number_cell(buffer, series ? newest(cell, series) : NULL, true);
		}
		tide_text_put_string(buffer, "</tr>\n");
	}
}

static void
strip_key(struct tide_buffer *buffer)
{
	static const char *const words[] = {"no evidence (p \xe2\x89\xa5 0.05)", "p < 0.05",
	                                    "p < 0.001", "p < 1e-6"};

	tide_text_put_string(buffer, "<p>Each window is tested against more than a harmless "
	                             "shift.</p>\n<ul class=\"key\">");
	for (int i = 0; i < 4; i++) {
		tide_text_put_format(buffer,
		                     "<li><svg viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect "
		                     "class=\"p%d\" width=\"10\" height=\"10\"/></svg>",
		                     i);
		tide_page_print_string(buffer, words[i]);
		tide_text_put_string(buffer, "</li>");
	}
	tide_text_put_string(buffer, "</ul>\n");
}

#define DETECTORS_MAX 128

static void
columns_section(struct tide_buffer *buffer, const struct tide_page *page,
                const struct page_cell *cell, enum tide_family family)
{
	const struct tide_detector *detectors[DETECTORS_MAX], *detector, *strip = NULL;
	const struct page_series **columns = calloc(cell->count ? cell->count : 1, sizeof *columns);
	size_t detector_count = 0, count = 0;

	if (!columns) {
		buffer->failed = true;
		return;
	}
	for (size_t i = 0; i < cell->count; i++)
		if (cell->series[i].column.length && cell->series[i].detector->family == family)
			columns[count++] = &cell->series[i];
	for (size_t i = 0; (detector = tide_detector_at(i)) && detector_count < DETECTORS_MAX; i++) {
		bool used = false;
		for (size_t k = 0; k < count && !used; k++)
			used = columns[k]->detector == detector;
		if (used)
			detectors[detector_count++] = detector;
		if (used && family == TIDE_DRIFT && strcmp(detector->name, "drift") == 0)
			strip = detector;
	}
	qsort(columns, count, sizeof *columns, column_order);
	if (strip)
		strip_key(buffer);
	head_open(buffer, "The newest window, its reference below");
	head_cell(buffer, "c", "Column");
	if (strip) {
		head_cell(buffer, "", "All windows");
		head_cell(buffer, "n", "p");
	}
	for (size_t k = 0; k < detector_count; k++)
		head_measure(buffer, detectors[k]);
	tide_text_put_string(buffer, "</tr></thead>\n<tbody>\n");
	columns_rows(buffer, page, cell, columns, count, detectors, detector_count, strip);
	table_close(buffer);
	free(columns);
}

static bool
has_columns(const struct page_cell *cell, enum tide_family family)
{
	for (size_t i = 0; i < cell->count; i++)
		if (cell->series[i].column.length && cell->series[i].detector->family == family)
			return true;
	return false;
}

void
tide_page_table_model(struct tide_buffer *buffer, const struct tide_page *page, size_t first)
{
	const struct page_cell *cell = page->cells[first];

	tide_text_put_string(buffer, "<section>\n<h2>Model ");
	if (cell->key.model.length)
		tide_page_print_name(buffer, cell->key.model);
	else
		tide_page_print_string(buffer, page->context->name);
	tide_text_put_string(buffer, "</h2>\n");
	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
		bool own = own_series(cell, sections[i].family, 0) != NULL;
		bool columns = has_columns(cell, sections[i].family);
		if (own || columns)
			tide_text_put_format(buffer, "<h3>%s</h3>\n", sections[i].title);
		if (own)
			own_section(buffer, page, first, sections[i].family);
		if (columns)
			columns_section(buffer, page, cell, sections[i].family);
	}
	tide_text_put_string(buffer, "</section>\n");
}

void
tide_page_table_inputs(struct tide_buffer *buffer, const struct tide_page *page)
{
	static const char *const names[TIDE_OUTCOMES] = {
	        "accepted", "matched",      "duplicate", "conflict", "corrected", "unmatched",
	        "before_start", "late", "future",    "poison",   "waiting"};

	tide_text_put_string(buffer, "<h2>Inputs</h2>\n");
	head_open(buffer, "What became of every record");
	head_cell(buffer, "", "Outcome");
	head_cell(buffer, "n", "Predictions");
	head_cell(buffer, "n", "Labels");
	tide_text_put_string(buffer, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < TIDE_OUTCOMES; i++)
		if (page->outcomes[0][i] + page->outcomes[1][i])
			tide_text_put_format(buffer,
			                     "<tr><th scope=\"row\">%s</th><td class=\"n\">%" PRIu64
			                     "</td><td class=\"n\">%" PRIu64 "</td></tr>\n",
			                     names[i], page->outcomes[0][i], page->outcomes[1][i]);
	table_close(buffer);
}
