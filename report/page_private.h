#ifndef TIDE_REPORT_PAGE_PRIVATE_H
#define TIDE_REPORT_PAGE_PRIVATE_H
#include "report/page.h"
/*
 * What a page keeps, and how its parts are printed.
 *
 *  (1) A cell has one series a measure; a series has points in the order of their windows.
 *  (2) Numbers that do not exist are NaN; `reason` then says why, or is NULL.
 */
struct page_point {
	int64_t start_ms;
	double value, reference, lower, upper, log10_p, n;
	const char *reason;
	bool final;
};

/* One measure of one cell, or of one of its columns. `detector` NULL: value counts labelled
 * predictions (NaN: no label side yet) and n predictions. */
struct page_series {
	const struct tide_detector *detector;
	struct tide_text column;
	struct page_point *points;
	size_t count, capacity;
};

struct page_cell {
	struct tide_cell_key key;
	struct page_series volume;
	struct page_series *series;
	size_t count, capacity, hint;
	int64_t newest_ms[2]; /* [side]: start of the newest window, INT64_MIN: none */
};

struct page_incident {
	char alert_id[33];
	const struct tide_rule *rule;
	const char *severity;
	const struct tide_detector *detector;
	struct tide_text column;
	struct tide_cell_key key;
	bool open;
	int64_t first_ms, last_ms; /* starts of the first window that counted and of the last said */
	int64_t opened_ms, closed_ms;
	double threshold;
	struct tide_text messages[2]; /* [state] */
};

struct tide_page {
	const struct tide_encode_context *context;
	struct page_cell **cells;
	size_t cell_count, cell_capacity;
	struct page_incident *incidents;
	size_t incident_count, incident_capacity;
	uint64_t outcomes[2][TIDE_OUTCOMES];
	int64_t start_ms, end_ms, size_ms; /* INT64_MAX, INT64_MIN, 0: no window yet */
	size_t held_bytes;
	uint64_t cells_left_out, points_left_out, incidents_left_out, windows_left_out;
};

/* page_print.c: texts, times and numbers for people. */
void tide_page_print_text(struct tide_buffer *buffer, struct tide_text text, size_t most);
void tide_page_print_name(struct tide_buffer *buffer, struct tide_text name);
void tide_page_print_string(struct tide_buffer *buffer, const char *string);
void tide_page_print_number(struct tide_buffer *buffer, double number); /* NaN: a dash */
void tide_page_print_p(struct tide_buffer *buffer, double log10_p);     /* NaN: a dash */
void tide_page_print_time(struct tide_buffer *buffer, int64_t time_ms);
void tide_page_print_cell(struct tide_buffer *buffer, const struct tide_page *page,
                          const struct tide_cell_key *key);

/* page_chart.c: SVG with its text alternative. */
void tide_page_chart_line(struct tide_buffer *buffer, const struct tide_page *page,
                          const struct page_cell *cell, const struct page_series *series);
void tide_page_chart_strip(struct tide_buffer *buffer, const struct tide_page *page,
                           const struct page_series *series);
/* The class of a p-value, 0 (no evidence) to 3; -1 for NaN. */
int tide_page_chart_class(double log10_p);

/* page_table.c: the sections of one model. */
void tide_page_table_incidents(struct tide_buffer *buffer, const struct tide_page *page);
/* `first`: index of the cell of the whole model, behind which stand its versions and segments. */
void tide_page_table_model(struct tide_buffer *buffer, const struct tide_page *page, size_t first);
void tide_page_table_inputs(struct tide_buffer *buffer, const struct tide_page *page);

/* page_style.c */
extern const char tide_page_style[];
#endif
