#include "report/page_private.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PRINT_BYTES_MAX (64u << 20)
#define STRIP "drift" /* the column measure whose every window is kept */

static bool
room_take(struct tide_page *page, size_t bytes)
{
	if (bytes > TIDE_PAGE_BYTES_MAX - page->held_bytes)
		return false;
	page->held_bytes += bytes;
	return true;
}

/* Makes room for one more element of an array of `most` at most; false: it is full. */
static bool
array_grow(struct tide_page *page, void *array, size_t count, size_t *capacity, size_t most,
           size_t size)
{
	size_t wanted = *capacity ? *capacity * 2 : 4;
	void *old, *new;

	if (count < *capacity)
		return true;
	if (wanted > most)
		wanted = most;
	if (wanted <= count || !room_take(page, (wanted - *capacity) * size))
		return false;
	memcpy(&old, array, sizeof old);
	new = realloc(old, wanted * size);
	if (!new) {
		page->held_bytes -= (wanted - *capacity) * size;
		return false;
	}
	memcpy(array, &new, sizeof new);
	*capacity = wanted;
	return true;
}

static bool
text_copy(struct tide_page *page, struct tide_text *to, struct tide_text from)
{
	char *bytes;

	*to = (struct tide_text){0};
	if (from.length == 0)
		return true;
	if (!room_take(page, from.length))
		return false;
	bytes = malloc(from.length);
	if (!bytes)
		return false;
	memcpy(bytes, from.bytes, from.length);
	*to = (struct tide_text){bytes, from.length};
	return true;
}

static void
text_free(struct tide_text text)
{
	union {
		const char *lent;
		char *own;
	} bytes = {.lent = text.bytes};

	free(bytes.own);
}

static bool
key_copy(struct tide_page *page, struct tide_cell_key *to, const struct tide_cell_key *from)
{
	*to = *from;
	to->version = to->value = (struct tide_text){0};
	return text_copy(page, &to->model, from->model) &&
	       text_copy(page, &to->version, from->version) &&
	       text_copy(page, &to->value, from->value);
}

static void
key_free(const struct tide_cell_key *key)
{
	text_free(key->model);
	text_free(key->version);
	text_free(key->value);
}

struct tide_page *
tide_page_new(const struct tide_encode_context *context)
{
	struct tide_page *page = calloc(1, sizeof *page);

	if (!page)
		return NULL;
	page->context = context;
	page->start_ms = INT64_MAX;
	page->end_ms = INT64_MIN;
	return page;
}

static void
cell_free(struct page_cell *cell)
{
	for (size_t i = 0; i < cell->count; i++) {
		text_free(cell->series[i].column);
		free(cell->series[i].points);
	}
	free(cell->series);
	free(cell->volume.points);
	key_free(&cell->key);
	free(cell);
}

static void
incident_fini(const struct page_incident *incident)
{
	text_free(incident->column);
	for (size_t i = 0; i < 2; i++)
		text_free(incident->messages[i]);
	key_free(&incident->key);
}

void
tide_page_free(struct tide_page *page)
{
	if (!page)
		return;
	for (size_t i = 0; i < page->cell_count; i++)
		cell_free(page->cells[i]);
	for (size_t i = 0; i < page->incident_count; i++)
		incident_fini(&page->incidents[i]);
	free(page->cells);
	free(page->incidents);
	free(page);
}

/* The cell of a key, made if new; cells stand in the order of their keys. NULL: no room. */
static struct page_cell *
cell_at(struct tide_page *page, const struct tide_cell_key *key)
{
	size_t low = 0, high = page->cell_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = tide_cell_key_compare(&page->cells[middle]->key, key);
		if (order == 0)
			return page->cells[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (!array_grow(page, &page->cells, page->cell_count, &page->cell_capacity, SIZE_MAX / 64,
	                sizeof *page->cells) ||
	    !room_take(page, sizeof(struct page_cell)))
		return NULL;
	struct page_cell *cell = calloc(1, sizeof *cell);
	if (!cell)
		return NULL;
	cell->newest_ms[0] = cell->newest_ms[1] = INT64_MIN;
	if (!key_copy(page, &cell->key, key)) {
		cell_free(cell);
		return NULL;
	}
	memmove(page->cells + low + 1, page->cells + low,
	        (page->cell_count - low) * sizeof *page->cells);
	page->cells[low] = cell;
	page->cell_count++;
	return cell;
}

/* Findings come in the same order every window: the series after the last one is tried first. */
static struct page_series *
series_at(struct tide_page *page, struct page_cell *cell, const struct tide_finding *finding)
{
	for (size_t i = 0; i < cell->count; i++) {
		size_t at = (cell->hint + i) % cell->count;
		struct page_series *series = &cell->series[at];
		if (series->detector == finding->detector &&
		    tide_text_equal(series->column, finding->column)) {
			cell->hint = at + 1;
			return series;
		}
	}
	if (!array_grow(page, &cell->series, cell->count, &cell->capacity, SIZE_MAX / 64,
	                sizeof *cell->series))
		return NULL;
	struct page_series *series = &cell->series[cell->count];
	*series = (struct page_series){.detector = finding->detector};
	if (!text_copy(page, &series->column, finding->column))
		return NULL;
	cell->hint = ++cell->count;
	return series;
}

/* Puts a point in its place; the oldest one leaves a full series. */
static void
point_put(struct tide_page *page, struct page_series *series, size_t most,
          const struct page_point *point)
{
	size_t at = series->count;

	while (at > 0 && series->points[at - 1].start_ms > point->start_ms)
		at--;
	if (at > 0 && series->points[at - 1].start_ms == point->start_ms) {
		series->points[at - 1] = *point;
		return;
	}
	if (series->count == most) {
		page->windows_left_out += most > 1;
		if (at-- == 0)
			return;
		memmove(series->points, series->points + 1, at * sizeof *series->points);
		series->points[at] = *point;
		return;
	}
	if (!array_grow(page, &series->points, series->count, &series->capacity, most,
	                sizeof *series->points)) {
		page->points_left_out++;
		return;
	}
	memmove(series->points + at + 1, series->points + at,
	        (series->count - at) * sizeof *series->points);
	series->points[at] = *point;
	series->count++;
}

static void
finding_put(struct tide_page *page, struct page_cell *cell, const struct tide_evidence *evidence,
            const struct tide_finding *finding)
{
	bool whole = cell->key.segment < 0 && cell->key.version.length == 0;
	bool has_history = finding->column.length == 0 ||
	                   strcmp(finding->detector->name, STRIP) == 0;
	bool ok = finding->status == TIDE_OK;
	struct page_point point = {.start_ms = evidence->start_ms,
	                           .value = ok ? finding->value : NAN,
	                           .reference = finding->reference,
	                           .lower = finding->lower,
	                           .upper = finding->upper,
	                           .log10_p = finding->log10_p,
	                           .n = finding->n,
	                           .reason = finding->reason,
	                           .final = evidence->timing != TIDE_TIMING_EARLY};

	if (finding->column.length && !whole)
		return;
	struct page_series *series = series_at(page, cell, finding);
	if (series)
		point_put(page, series, has_history ? TIDE_PAGE_WINDOWS_MAX : 1, &point);
	else
		page->points_left_out++;
}

void
tide_page_result(struct tide_page *page, const struct tide_evidence *evidence,
                 const struct tide_finding *findings, size_t count)
{
	if (evidence->start_ms < page->start_ms)
		page->start_ms = evidence->start_ms;
	if (evidence->end_ms > page->end_ms)
		page->end_ms = evidence->end_ms;
	page->size_ms = evidence->end_ms - evidence->start_ms;
	if (evidence->side == TIDE_SIDE_INPUT) {
		for (size_t i = 0; i < 2 * TIDE_OUTCOMES; i++)
			page->outcomes[i / TIDE_OUTCOMES][i % TIDE_OUTCOMES] +=
			        evidence->counts->outcomes[i / TIDE_OUTCOMES][i % TIDE_OUTCOMES];
		return;
	}
	struct page_cell *cell = cell_at(page, &evidence->key);
	if (!cell) {
		page->cells_left_out++;
		return;
	}
	if (evidence->start_ms > cell->newest_ms[evidence->side])
		cell->newest_ms[evidence->side] = evidence->start_ms;
	bool labelled = evidence->side == TIDE_SIDE_LABEL;
	struct page_point volume = {.start_ms = evidence->start_ms,
	                            .value = labelled ? (double) evidence->labelled : NAN,
	                            .n = (double) evidence->predictions,
	                            .reference = NAN,
	                            .lower = NAN,
	                            .upper = NAN,
	                            .log10_p = NAN,
	                            .final = evidence->timing != TIDE_TIMING_EARLY};
	point_put(page, &cell->volume, TIDE_PAGE_WINDOWS_MAX, &volume);
	cell->hint = 0;
	for (size_t i = 0; i < count; i++)
		finding_put(page, cell, evidence, &findings[i]);
}

/* The incident of an alert, made if new; NULL: no room. */
static struct page_incident *
incident_at(struct tide_page *page, const struct tide_alert *alert)
{
	for (size_t i = page->incident_count; i-- > 0;)
		if (strcmp(page->incidents[i].alert_id, alert->alert_id) == 0)
			return &page->incidents[i];
	if (!array_grow(page, &page->incidents, page->incident_count, &page->incident_capacity,
	                TIDE_PAGE_INCIDENTS_MAX, sizeof *page->incidents))
		return NULL;
	struct page_incident *incident = &page->incidents[page->incident_count];
	*incident = (struct page_incident){.rule = alert->rule,
	                                   .severity = tide_alert_severity(alert),
	                                   .detector = alert->finding->detector,
	                                   .first_ms = alert->first_window_start_ms,
	                                   .opened_ms = alert->transition_ms};
	memcpy(incident->alert_id, alert->alert_id, sizeof incident->alert_id);
	if (!text_copy(page, &incident->column, alert->finding->column) ||
	    !key_copy(page, &incident->key, &alert->key)) {
		incident_fini(incident);
		return NULL;
	}
	page->incident_count++;
	return incident;
}

void
tide_page_alert(struct tide_page *page, const struct tide_alert *alert)
{
	struct page_incident *incident = incident_at(page, alert);
	struct tide_buffer message;

	if (!incident) {
		page->incidents_left_out++;
		return;
	}
	incident->open = alert->state == TIDE_ALERT_FIRING;
	incident->last_ms = alert->window_start_ms;
	incident->closed_ms = alert->transition_ms;
	incident->threshold = alert->threshold;
	tide_text_buffer_init(&message, TIDE_TEXT_BYTES_MAX * 4);
	tide_encode_alert_message(&message, page->context, alert);
	struct tide_text *place = &incident->messages[alert->state == TIDE_ALERT_RESOLVED];
	page->held_bytes -= place->length;
	text_free(*place);
	if (!text_copy(page, place, (struct tide_text){message.bytes, message.length}))
		page->incidents_left_out++;
	tide_text_buffer_fini(&message);
}

static int
file_write(const struct tide_buffer *buffer, const char *path, struct tide_error *error)
{
	FILE *file = fopen(path, "wb");

	if (!file)
		return tide_error_stop(error, TIDE_ERROR_CREATE, "cannot create %s: %s", path,
		                       strerror(errno));
	size_t written = fwrite(buffer->bytes, 1, buffer->length, file);
	bool failed = written != buffer->length;
	failed |= fclose(file) != 0;
	if (failed) {
		remove(path);
		return tide_error_stop(error, TIDE_ERROR_WRITE, "cannot write %s: %s", path,
		                       strerror(errno));
	}
	return 0;
}

int
tide_page_write(struct tide_page *page, const char *path, struct tide_error *error)
{
	struct tide_buffer html, aside;
	int failed;

	tide_text_buffer_init(&html, PRINT_BYTES_MAX);
	tide_text_buffer_init(&aside, FILENAME_MAX);
	tide_page_print(page, &html);
	tide_text_put_format(&aside, "%s.new", path);
	if (html.failed || aside.failed)
		failed = tide_error_stop(error, TIDE_ERROR_MEMORY,
		                         "%s: out of memory, or a page of more than %u MiB", path,
		                         PRINT_BYTES_MAX >> 20);
	else
		failed = file_write(&html, aside.bytes, error);
	if (!failed && rename(aside.bytes, path)) {
		failed = tide_error_stop(error, TIDE_ERROR_CREATE, "cannot rename %s to %s: %s",
		                         aside.bytes, path, strerror(errno));
		remove(aside.bytes);
	}
	tide_text_buffer_fini(&html);
	tide_text_buffer_fini(&aside);
	return failed;
}
