#include "report/http.h"
#include "report/metrics.h"
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 32u
#define SILENCE_S 10u
#define CONNECTION_BYTES ((size_t) 16 << 10)
#define METRICS_BYTES_MAX (1u << 20)

struct tide_http {
	struct tide_http_options options;
	const struct tide_counters *counters;
	struct MHD_Daemon *daemon;
	uint16_t port;
	pthread_mutex_t lock; /* of page */
	struct MHD_Response *page;
};

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static unsigned
answer_metrics(struct tide_http *http, struct tide_buffer *body)
{
	tide_metrics_print(body, http->counters, http->options.name, http->options.version,
	                   now_ms());
	return MHD_HTTP_OK;
}

static unsigned
answer_health(struct tide_http *http, struct tide_buffer *body)
{
	int64_t moved_ms = atomic_load_explicit(&http->counters->moved_ms, memory_order_relaxed);
	int64_t still_ms = now_ms() - moved_ms;

	if (moved_ms == 0) {
		tide_text_put_string(body, "the worker has not begun\n");
		return MHD_HTTP_SERVICE_UNAVAILABLE;
	}
	if (still_ms > http->options.stall_ms) {
		tide_text_put_format(body, "the worker has not moved for %" PRId64 " ms\n", still_ms);
		return MHD_HTTP_SERVICE_UNAVAILABLE;
	}
	tide_text_put_string(body, "ok\n");
	return MHD_HTTP_OK;
}

static unsigned
answer_ready(struct tide_http *http, struct tide_buffer *body)
{
	bool ready = atomic_load_explicit(&http->counters->ready, memory_order_relaxed);

	tide_text_put_string(body, ready ? "ok\n"
	                                 : "no partition is assigned, or what was known is not "
	                                   "restored yet\n");
	return ready ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
}

static const struct {
	const char *path, *type;
	unsigned (*answer)(struct tide_http *http, struct tide_buffer *body);
} places[] = {{"/metrics", "text/plain; version=0.0.4; charset=utf-8", answer_metrics},
              {"/healthz", "text/plain; charset=utf-8", answer_health},
              {"/readyz", "text/plain; charset=utf-8", answer_ready}};

/* A response of a copy of these bytes, or NULL. */
static struct MHD_Response *
response_new(struct tide_text body, const char *type)
{
	union {
		const char *lent;
		void *unchanged; /* the library copies it */
	} bytes = {.lent = body.bytes ? body.bytes : ""};
	struct MHD_Response *response =
	        MHD_create_response_from_buffer(body.length, bytes.unchanged, MHD_RESPMEM_MUST_COPY);

	if (!response)
		return NULL;
	if (MHD_add_response_header(response, "Content-Type", type) != MHD_YES ||
	    MHD_add_response_header(response, "Cache-Control", "no-store") != MHD_YES ||
	    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff") != MHD_YES) {
		MHD_destroy_response(response);
		return NULL;
	}
	return response;
}

static enum MHD_Result
respond(struct MHD_Connection *connection, unsigned status, const char *type,
        const struct tide_buffer *body)
{
	struct MHD_Response *response =
	        body->failed ? NULL
	                     : response_new((struct tide_text){body->bytes, body->length}, type);
	enum MHD_Result result = MHD_NO;

	if (!response)
		return MHD_NO;
	if (status != MHD_HTTP_METHOD_NOT_ALLOWED ||
	    MHD_add_response_header(response, "Allow", "GET, HEAD") == MHD_YES)
		result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

/* The page, if there is one. */
static bool
respond_page(struct tide_http *http, struct MHD_Connection *connection, enum MHD_Result *result)
{
	bool there;

	pthread_mutex_lock(&http->lock);
	there = http->page != NULL;
	if (there)
		*result = MHD_queue_response(connection, MHD_HTTP_OK, http->page);
	pthread_mutex_unlock(&http->lock);
	return there;
}

static enum MHD_Result
request(void *closure, struct MHD_Connection *connection, const char *path, const char *method,
        const char *version, const char *upload, size_t *upload_size, void **seen)
{
	static char mark;
	struct tide_http *http = closure;
	const char *type = "text/plain; charset=utf-8";
	struct tide_buffer body;
	unsigned status = MHD_HTTP_NOT_FOUND;
	enum MHD_Result result;

	(void) version;
	(void) upload;
	if (!*seen) { /* the head of the request; it is answered once it is there as a whole */
		*seen = &mark;
		return MHD_YES;
	}
	if (*upload_size) {
		*upload_size = 0;
		return MHD_YES;
	}
	tide_text_buffer_init(&body, METRICS_BYTES_MAX);
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
		status = MHD_HTTP_METHOD_NOT_ALLOWED;
		tide_text_put_string(&body, "only GET and HEAD\n");
	} else if (strcmp(path, "/") == 0 && respond_page(http, connection, &result)) {
		return result;
	} else {
		size_t place = 0, count = sizeof places / sizeof *places;
		while (place < count && strcmp(path, places[place].path) != 0)
			place++;
		if (place < count) {
			type = places[place].type;
			status = places[place].answer(http, &body);
		} else {
			tide_text_put_string(&body, "there are /metrics /healthz /readyz and, "
			                            "once a window has closed, /\n");
		}
	}
	result = respond(connection, status, type, &body);
	tide_text_buffer_fini(&body);
	return result;
}

static int
bind_fails(const struct tide_http_options *options, struct tide_error *error)
{
	int code = errno;

	return tide_error_stop(error,
	                       code == EACCES ? TIDE_ERROR_PERMISSION : TIDE_ERROR_UNAVAILABLE,
	                       "cannot listen for HTTP on %s port %u: %s",
	                       options->address ? options->address : "127.0.0.1", options->port,
	                       strerror(code));
}

union address {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
};

/* The socket is made here so that its errors have their names. */
static int
socket_open(const struct tide_http_options *options, int *listener, uint16_t *port,
            struct tide_error *error)
{
	const char *text = options->address ? options->address : "127.0.0.1";
	union address address = {0};
	socklen_t size = sizeof address.four;
	const int on = 1;

	if (inet_pton(AF_INET, text, &address.four.sin_addr) == 1) {
		address.four.sin_family = AF_INET;
		address.four.sin_port = htons(options->port);
	} else if (inet_pton(AF_INET6, text, &address.six.sin6_addr) == 1) {
		address.six.sin6_family = AF_INET6;
		address.six.sin6_port = htons(options->port);
		size = sizeof address.six;
	} else {
		return tide_error_stop(error, TIDE_ERROR_CONFIG,
		                       "\"%s\" is no address to listen on for HTTP: write it in "
		                       "numbers, as in 127.0.0.1 or ::1",
		                       text);
	}
	*listener = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*listener < 0)
		return bind_fails(options, error);
	setsockopt(*listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(*listener, &address.any, size) || listen(*listener, (int) CONNECTIONS_MAX) ||
	    getsockname(*listener, &address.any, &size)) {
		bind_fails(options, error);
		close(*listener);
		return -1;
	}
	*port = ntohs(address.any.sa_family == AF_INET ? address.four.sin_port
	                                              : address.six.sin6_port);
	return 0;
}

/* The thread of the library is born with every signal blocked (4). */
static struct MHD_Daemon *
daemon_start(struct tide_http *http, int listener)
{
	struct MHD_Daemon *daemon;
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	daemon = MHD_start_daemon(
	        MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD, http->port, NULL, NULL, request,
	        http, MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_CONNECTION_LIMIT,
	        CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, SILENCE_S,
	        MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_BYTES, MHD_OPTION_END);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return daemon;
}

int
tide_http_open(const struct tide_http_options *options, const struct tide_counters *counters,
               struct tide_http **http, struct tide_error *error)
{
	struct tide_http *new = calloc(1, sizeof *new);
	int listener;

	if (!new)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	new->options = *options;
	new->counters = counters;
	pthread_mutex_init(&new->lock, NULL);
	if (socket_open(options, &listener, &new->port, error)) {
		tide_http_close(new);
		return -1;
	}
	new->daemon = daemon_start(new, listener);
	if (!new->daemon) { /* whose the socket is now the library does not say */
		tide_http_close(new);
		return tide_error_stop(error, TIDE_ERROR_UNAVAILABLE,
		                       "cannot start the HTTP thread: %s", strerror(errno));
	}
	*http = new;
	return 0;
}

void
tide_http_close(struct tide_http *http)
{
	if (!http)
		return;
	if (http->daemon)
		MHD_stop_daemon(http->daemon);
	if (http->page)
		MHD_destroy_response(http->page);
	pthread_mutex_destroy(&http->lock);
	free(http);
}

uint16_t
tide_http_port(const struct tide_http *http)
{
	return http->port;
}

bool
tide_http_publish(struct tide_http *http, struct tide_text html)
{
	struct MHD_Response *page = response_new(html, "text/html; charset=utf-8"), *old;

	if (!page)
		return false;
	pthread_mutex_lock(&http->lock);
	old = http->page;
	http->page = page;
	pthread_mutex_unlock(&http->lock);
	if (old)
		MHD_destroy_response(old);
	return true;
}
