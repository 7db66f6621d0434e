#include "report/page_private.h"
#include <inttypes.h>
#include <math.h>

#define WIDTH 360.0
#define HEIGHT 150.0
#define LEFT 46.0
#define RIGHT 10.0
#define TOP 10.0
#define BOTTOM 22.0
#define TICKS 4 /* lines at most, about */

/* From a series to the paper: windows to x, values to y. */
struct frame {
	const struct page_series *series;
	int64_t first_ms, last_ms, size_ms;
	double low, high, tick;
	double limit; /* threshold of the newest incident, or NaN */
	size_t alarms, open;
};

static double
x_of(const struct frame *frame, double time_ms)
{
	double span = (double) (frame->last_ms - frame->first_ms);
	double share = span > 0 ? (time_ms - (double) frame->first_ms) / span : 0.5;

	share = share < 0 ? 0 : share > 1 ? 1 : share;
	return LEFT + 6 + share * (WIDTH - LEFT - RIGHT - 12);
}

static double
y_of(const struct frame *frame, double value)
{
	return TOP + (frame->high - value) / (frame->high - frame->low) * (HEIGHT - TOP - BOTTOM);
}

static void
take(struct frame *frame, double value)
{
	if (!isfinite(value))
		return;
	frame->low = fmin(frame->low, value);
	frame->high = fmax(frame->high, value);
}

static bool
concerns(const struct page_incident *incident, const struct page_cell *cell,
         const struct page_series *series)
{
	return incident->detector == series->detector &&
	       tide_text_equal(incident->column, series->column) &&
	       tide_cell_key_compare(&incident->key, &cell->key) == 0;
}

/* A step of 1, 2 or 5 times a power of ten that cuts the range into a few ticks. */
static double
tick_of(double range)
{
	double power = pow(10, floor(log10(range / TICKS)));
	double step = range / TICKS / power;

	return power * (step <= 1 ? 1 : step <= 2 ? 2 : step <= 5 ? 5 : 10);
}

/* False: no finite value to draw, or numbers too far apart for a picture. */
static bool
frame_start(struct frame *frame, const struct tide_page *page, const struct page_cell *cell,
            const struct page_series *series)
{
	*frame = (struct frame){.series = series, .size_ms = page->size_ms, .low = INFINITY,
	                        .high = -INFINITY, .limit = NAN};
	for (size_t i = 0; i < series->count; i++)
		take(frame, series->points[i].value);
	if (!(frame->low <= frame->high))
		return false;
	for (size_t i = 0; i < series->count; i++) {
		take(frame, series->points[i].reference);
		take(frame, series->points[i].lower);
		take(frame, series->points[i].upper);
	}
	for (size_t i = 0; i < page->incident_count; i++) {
		if (!concerns(&page->incidents[i], cell, series))
			continue;
		frame->limit = page->incidents[i].threshold;
		take(frame, frame->limit);
		frame->alarms++;
		frame->open += page->incidents[i].open;
	}
	frame->first_ms = series->points[0].start_ms;
	frame->last_ms = series->points[series->count - 1].start_ms;
	if (!(frame->high - frame->low > 1e-12 * fmax(fabs(frame->high), fabs(frame->low)))) {
		double half = frame->low == 0 ? 0.5 : fabs(frame->low) / 2;
		frame->low -= half;
		frame->high += half;
	}
	frame->tick = tick_of(frame->high - frame->low);
	frame->low = floor(frame->low / frame->tick) * frame->tick;
	frame->high = ceil(frame->high / frame->tick) * frame->tick;
	return isfinite(frame->high - frame->low) && frame->high > frame->low;
}

static void
draw_grid(struct tide_buffer *buffer, const struct frame *frame)
{
	int steps = (int) lround((frame->high - frame->low) / frame->tick);

	for (int i = 0; i <= steps; i++) {
		double value = frame->low + i * frame->tick, y = y_of(frame, value);
		if (fabs(value) < frame->tick / 1e6)
			value = 0;
		tide_text_put_format(buffer,
		                     "<line class=\"grid\" x1=\"%g\" x2=\"%g\" y1=\"%.1f\" "
		                     "y2=\"%.1f\"/><text x=\"%g\" y=\"%.1f\" "
		                     "text-anchor=\"end\">",
		                     LEFT, WIDTH - RIGHT, y, y, LEFT - 5, y + 4);
		tide_page_print_number(buffer, value);
		tide_text_put_string(buffer, "</text>");
	}
	tide_text_put_format(buffer, "<text x=\"%g\" y=\"%g\">", LEFT, HEIGHT - 6);
	tide_page_print_time(buffer, frame->first_ms);
	if (frame->first_ms < frame->last_ms) {
		tide_text_put_format(buffer, "</text><text x=\"%g\" y=\"%g\" text-anchor=\"end\">",
		                     WIDTH - RIGHT, HEIGHT - 6);
		tide_page_print_time(buffer, frame->last_ms);
	}
	tide_text_put_string(buffer, "</text>\n");
}

/* The windows of every incident, from the first that counted to the one before it was resolved. */
static void
draw_alarms(struct tide_buffer *buffer, const struct frame *frame, const struct tide_page *page,
            const struct page_cell *cell)
{
	for (size_t i = 0; i < page->incident_count; i++) {
		const struct page_incident *incident = &page->incidents[i];
		if (!concerns(incident, cell, frame->series))
			continue;
		double half = (double) frame->size_ms / 2;
		double from = x_of(frame, (double) incident->first_ms - half);
		double to = x_of(frame, incident->open ? (double) frame->last_ms
		                                       : (double) incident->last_ms - half);
		tide_text_put_format(buffer,
		                     "<rect class=\"alarm\" x=\"%.1f\" y=\"%g\" width=\"%.1f\" "
		                     "height=\"%g\"/>",
		                     from - (frame->first_ms == frame->last_ms ? 4 : 0), TOP,
		                     fmax(to - from, 0) +
		                             (frame->first_ms == frame->last_ms ? 8 : 0),
		                     HEIGHT - TOP - BOTTOM);
	}
}

static void
draw_level(struct tide_buffer *buffer, const struct frame *frame, const char *style, double level)
{
	if (isfinite(level))
		tide_text_put_format(buffer,
		                     "<line class=\"%s\" x1=\"%g\" x2=\"%g\" y1=\"%.1f\" "
		                     "y2=\"%.1f\"/>\n",
		                     style, LEFT, WIDTH - RIGHT, y_of(frame, level),
		                     y_of(frame, level));
}

static bool
has_band(const struct page_point *point)
{
	return isfinite(point->value) && isfinite(point->lower) && isfinite(point->upper);
}

/* Runs of windows that have an interval, each a polygon: along the top, back along the bottom. */
static void
draw_band(struct tide_buffer *buffer, const struct frame *frame)
{
	const struct page_point *points = frame->series->points;

	for (size_t i = 0, end; i < frame->series->count; i = end + 1) {
		for (end = i; end < frame->series->count && has_band(&points[end]);)
			end++;
		if (end - i < 2)
			continue;
		tide_text_put_string(buffer, "<polygon class=\"band\" points=\"");
		for (size_t k = i; k < end; k++)
			tide_text_put_format(buffer, "%.1f,%.1f ",
			                     x_of(frame, (double) points[k].start_ms),
			                     y_of(frame, points[k].upper));
		for (size_t k = end; k-- > i;)
			tide_text_put_format(buffer, "%.1f,%.1f ",
			                     x_of(frame, (double) points[k].start_ms),
			                     y_of(frame, points[k].lower));
		tide_text_put_string(buffer, "\"/>\n");
	}
}

static void
draw_values(struct tide_buffer *buffer, const struct frame *frame)
{
	const struct page_point *points = frame->series->points;
	bool drawing = false;

	tide_text_put_string(buffer, "<path class=\"value\" d=\"");
	for (size_t i = 0; i < frame->series->count; i++) {
		bool there = isfinite(points[i].value);
		if (there)
			tide_text_put_format(buffer, "%c%.1f %.1f", drawing ? 'L' : 'M',
			                     x_of(frame, (double) points[i].start_ms),
			                     y_of(frame, points[i].value));
		drawing = there;
	}
	tide_text_put_string(buffer, "\"/>\n");
	for (size_t i = 0; i < frame->series->count; i++) {
		if (!isfinite(points[i].value))
			continue;
		tide_text_put_format(buffer,
		                     "<circle class=\"%s\" r=\"%s\" cx=\"%.1f\" cy=\"%.1f\"><title>",
		                     points[i].final ? "dot" : "early",
		                     frame->series->count > 60 ? "1.5" : "3",
		                     x_of(frame, (double) points[i].start_ms),
		                     y_of(frame, points[i].value));
		tide_page_print_time(buffer, points[i].start_ms);
		tide_text_put_string(buffer, ": ");
		tide_page_print_number(buffer, points[i].value);
		tide_text_put_string(buffer, points[i].final ? "" : " (early)");
		tide_text_put_string(buffer, "</title></circle>");
	}
}

/* What the picture says, in words. */
static void
describe(struct tide_buffer *buffer, const struct frame *frame, const struct page_point *last)
{
	double least = INFINITY, greatest = -INFINITY;

	for (size_t i = 0; i < frame->series->count; i++) {
		if (isfinite(frame->series->points[i].value)) {
			least = fmin(least, frame->series->points[i].value);
			greatest = fmax(greatest, frame->series->points[i].value);
		}
	}
	tide_page_print_string(buffer, frame->series->detector->title);
	tide_text_put_format(buffer, " over %zu windows: least ", frame->series->count);
	tide_page_print_number(buffer, least);
	tide_text_put_string(buffer, ", greatest ");
	tide_page_print_number(buffer, greatest);
	tide_text_put_string(buffer, ", last ");
	tide_page_print_number(buffer, last->value);
	if (isfinite(last->reference)) {
		tide_text_put_string(buffer, ", reference ");
		tide_page_print_number(buffer, last->reference);
	}
	if (frame->alarms)
		tide_text_put_format(buffer, "; %zu %s", frame->alarms,
		                     frame->alarms == 1 ? "incident" : "incidents");
	tide_text_put_string(buffer, ". The numbers of each window are in the table below.");
}

void
tide_page_chart_line(struct tide_buffer *buffer, const struct tide_page *page,
                     const struct page_cell *cell, const struct page_series *series)
{
	struct frame frame;

	if (series->count == 0 || !frame_start(&frame, page, cell, series))
		return;
	const struct page_point *last = &series->points[series->count - 1];
	tide_text_put_string(buffer, "<figure>\n<figcaption><b>");
	tide_page_print_string(buffer, series->detector->title);
	tide_text_put_format(buffer, "</b><span><b%s>", frame.open ? " class=\"bad\"" : "");
	tide_page_print_number(buffer, last->value);
	tide_text_put_string(buffer, "</b>");
	if (isfinite(last->reference)) {
		tide_text_put_string(buffer, " \xc2\xb7 reference ");
		tide_page_print_number(buffer, last->reference);
	}
	tide_text_put_format(buffer,
	                     "</span></figcaption>\n<svg viewBox=\"0 0 %g %g\" role=\"img\" "
	                     "aria-label=\"",
	                     WIDTH, HEIGHT);
	describe(buffer, &frame, last);
	tide_text_put_string(buffer, "\">\n");
	draw_grid(buffer, &frame);
	draw_alarms(buffer, &frame, page, cell);
	draw_band(buffer, &frame);
	draw_level(buffer, &frame, "ref", last->reference);
	draw_level(buffer, &frame, "limit", frame.limit);
	draw_values(buffer, &frame);
	tide_text_put_string(buffer, "</svg>\n</figure>\n");
}

int
tide_page_chart_class(double log10_p)
{
	if (isnan(log10_p))
		return -1;
	return (log10_p < -1.301029995663981) + (log10_p < -3) + (log10_p < -6);
}

void
tide_page_chart_strip(struct tide_buffer *buffer, const struct tide_page *page,
                      const struct page_series *series)
{
	size_t classes[5] = {0}; /* [class + 1] */
	int64_t first_ms = series->points[0].start_ms, size_ms = page->size_ms > 0 ? page->size_ms : 1;
	int64_t last_ms = series->points[series->count - 1].start_ms;

	for (size_t i = 0; i < series->count; i++)
		classes[tide_page_chart_class(series->points[i].log10_p) + 1]++;
	tide_text_put_format(buffer,
	                     "<svg class=\"strip\" viewBox=\"0 0 %" PRId64
	                     " 10\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"",
	                     ((last_ms - first_ms) / size_ms + 1) * 10);
	tide_text_put_format(buffer,
	                     "%zu windows: p below 1e-6 in %zu, below 0.001 in %zu, below 0.05 in "
	                     "%zu, no evidence in %zu, no answer in %zu\">",
	                     series->count, classes[4], classes[3], classes[2], classes[1],
	                     classes[0]);
	for (size_t i = 0; i < series->count; i++) {
		const struct page_point *point = &series->points[i];
		tide_text_put_format(
		        buffer, "<rect class=\"p%d\" x=\"%" PRId64 "\" width=\"9.4\" height=\"10\"><title>",
		        tide_page_chart_class(point->log10_p),
		        (point->start_ms - first_ms) / size_ms * 10);
		tide_page_print_time(buffer, point->start_ms);
		tide_text_put_string(buffer, ": ");
		tide_page_print_number(buffer, point->value);
		tide_text_put_string(buffer, ", p ");
		tide_page_print_p(buffer, point->log10_p);
		tide_text_put_string(buffer, "</title></rect>");
	}
	tide_text_put_string(buffer, "</svg>");
}
