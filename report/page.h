#ifndef TIDE_REPORT_PAGE_H
#define TIDE_REPORT_PAGE_H
#include "alerts/encode.h"
/*
 * One HTML page of what a worker saw: incidents, measures over windows, drift, quality, inputs.
 *
 *  (1) The page is whole in itself: no script, no font, nothing that a browser would fetch. It
 *      reads in light and dark, on paper and on a phone, and every chart has its numbers as text.
 *  (2) Every text from outside is escaped; control bytes become U+FFFD; a name longer than
 *      TIDE_PAGE_NAME_MAX bytes is cut when it is printed, never when it is compared.
 *  (3) Memory is bounded by TIDE_PAGE_BYTES_MAX, a series by the newest TIDE_PAGE_WINDOWS_MAX
 *      windows, incidents by TIDE_PAGE_INCIDENTS_MAX. What finds no room is counted, and the page
 *      says so at its end. Taking a result or an alert cannot fail.
 *  (4) A later pane of a window (final after early, revised after final) replaces the earlier one.
 *  (5) Columns are shown for the whole model only, not for its versions and segments.
 *  (6) The bytes depend on the results and alerts alone: on no clock and no host.
 */
#define TIDE_PAGE_BYTES_MAX (64u << 20)
#define TIDE_PAGE_WINDOWS_MAX 256
#define TIDE_PAGE_INCIDENTS_MAX 1000
#define TIDE_PAGE_NAME_MAX 120

struct tide_page;

/** `context`, and the rules that alerts point to, outlive the page. NULL: out of memory. */
struct tide_page *tide_page_new(const struct tide_encode_context *context);
void tide_page_free(struct tide_page *page);
/** One closed pane with its findings; everything is copied. */
void tide_page_result(struct tide_page *page, const struct tide_evidence *evidence,
                      const struct tide_finding *findings, size_t count);
/** One transition; comes after the result that it judged. */
void tide_page_alert(struct tide_page *page, const struct tide_alert *alert);
/** Appends the page to `buffer`, whose `failed` tells at the end. */
void tide_page_print(struct tide_page *page, struct tide_buffer *buffer);
/** Prints the page into the file `path`, by way of `path`.new: a reader never sees half of it.
 *  Errors: TIDE_ERROR_MEMORY, TIDE_ERROR_CREATE, TIDE_ERROR_WRITE. */
int tide_page_write(struct tide_page *page, const char *path,
                    struct tide_error *error) TIDE_MUSTCHECK;
#endif
