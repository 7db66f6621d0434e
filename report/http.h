#ifndef TIDE_REPORT_HTTP_H
#define TIDE_REPORT_HTTP_H
#include "base/error.h"
#include "report/counters.h"
/*
 * What a worker says over HTTP, from a thread of its own: /metrics /healthz /readyz and the page /.
 *
 *  (1) GET and HEAD of these four paths; else 404, or 405 with Allow. Nothing is ever changed by a
 *      request and no header but the path is looked at.
 *  (2) healthz: 200 while the worker's last round is at most stall_ms old, else 503; also 503
 *      before the first. readyz: 200 while counters->ready. The body says why in one line.
 *  (3) There is no encryption and no password: the address is the loopback unless told. At most
 *      32 connections, 10 s of silence each, 16 KiB of memory each.
 *  (4) Signals stay with the other threads.
 */
struct tide_http_options {
	const char *address; /* IPv4 or IPv6 in numbers; NULL: 127.0.0.1 */
	uint16_t port;       /* 0: any free one */
	const char *name, *version;
	int64_t stall_ms;
};

struct tide_http;

/** `counters` and the strings outlive it. Errors: TIDE_ERROR_CONFIG (address), TIDE_ERROR_MEMORY,
 *  TIDE_ERROR_PERMISSION, TIDE_ERROR_UNAVAILABLE (the port is taken, the address not ours). */
int tide_http_open(const struct tide_http_options *options, const struct tide_counters *counters,
                   struct tide_http **http, struct tide_error *error) TIDE_MUSTCHECK;
void tide_http_close(struct tide_http *http);
uint16_t tide_http_port(const struct tide_http *http);
/** Puts this page at /, in place of the last one; it is copied. False: out of memory, and the last
 *  one stays. */
bool tide_http_publish(struct tide_http *http, struct tide_text html);
#endif
