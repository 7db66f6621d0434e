#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "report/http.h"
#include "report/metrics.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct tide_counters counters;
static char answer[1 << 16];

static struct tide_http *
serve(const char *address, uint16_t port)
{
	struct tide_http_options options = {address, port, "n\"a\\m\ne", "1.2.3", 600000};
	struct tide_error error = {0};
	struct tide_http *http;

	if (tide_http_open(&options, &counters, &http, &error))
		fail_msg("%s", error.text);
	return http;
}

/* Sends the request as it is and reads until the other side closes; returns the status. */
static int
ask(const struct tide_http *http, const char *request)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	                              .sin_port = htons(tide_http_port(http)),
	                              .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	size_t length = 0;
	ssize_t got;

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *) &address, sizeof address), 0);
	assert_int_equal(write(fd, request, strlen(request)), strlen(request));
	while ((got = read(fd, answer + length, sizeof answer - 1 - length)) > 0)
		length += (size_t) got;
	answer[length] = 0;
	close(fd);
	return length > 12 ? (int) strtol(answer + 9, NULL, 10) : 0;
}

static int
get(const struct tide_http *http, const char *path)
{
	char request[256];

	snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
	         path);
	return ask(http, request);
}

static const char *
body(void)
{
	const char *end = strstr(answer, "\r\n\r\n");

	assert_non_null(end);
	return end + 4;
}

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int
start(void **state)
{
	(void) state;
	tide_counters_start(&counters);
	return 0;
}

static void
metrics_are_what_the_worker_counted(void **state)
{
	(void) state;
	struct tide_http *http = serve(NULL, 0);

	tide_counters_add(&counters.read[TIDE_LABELS], 40);
	tide_counters_add(&counters.read[TIDE_LABELS], 2);
	tide_counters_add(&counters.outcomes[TIDE_LABELS][TIDE_MATCHED], 41);
	tide_counters_set(&counters.pending, 7);
	tide_counters_commit(&counters, 3000000);
	tide_counters_set_ms(&counters.watermark_ms[TIDE_PREDICTIONS], 1500);
	assert_int_equal(get(http, "/metrics"), 200);
	assert_non_null(strstr(answer, "Content-Type: text/plain; version=0.0.4"));
	assert_non_null(strstr(body(), "\ntidemark_records_read_total{role=\"labels\"} 42\n"));
	assert_non_null(strstr(
	        body(), "\ntidemark_records_total{role=\"labels\",outcome=\"matched\"} 41\n"));
	assert_non_null(strstr(body(), "\ntidemark_pending_entries 7\n"));
	assert_non_null(
	        strstr(body(), "\ntidemark_commit_duration_seconds_bucket{le=\"0.0025\"} 0\n"));
	assert_non_null(
	        strstr(body(), "\ntidemark_commit_duration_seconds_bucket{le=\"0.005\"} 1\n"));
	assert_non_null(strstr(body(), "\ntidemark_commit_duration_seconds_sum 0.003\n"));
	assert_non_null(strstr(
	        body(), "\ntidemark_watermark_timestamp_seconds{role=\"predictions\"} 1.5\n"));
	assert_null(strstr(body(), "tidemark_watermark_timestamp_seconds{role=\"labels\"}"));
	tide_http_close(http);
}

static void
an_input_is_broken_where_any_of_its_partitions_is(void **state)
{
	(void) state;
	struct tide_http *http = serve(NULL, 0);

	counters.topics[TIDE_PREDICTIONS] = "p\"1";
	assert_int_equal(get(http, "/metrics"), 200);
	assert_non_null(strstr(body(), "\ntidemark_input_broken{topic=\"p\\\"1\"} 0\n"));
	counters.topics[TIDE_LABELS] = "l";
	tide_counters_set(&counters.broken[TIDE_LABELS], 3);
	tide_counters_set(&counters.capped, 12);
	assert_int_equal(get(http, "/metrics"), 200);
	assert_non_null(strstr(body(), "\ntidemark_input_broken{topic=\"p\\\"1\"} 0\n"));
	assert_non_null(strstr(body(), "\ntidemark_input_broken{topic=\"l\"} 1\n"));
	assert_non_null(strstr(body(), "\ntidemark_dead_letters_capped_total 12\n"));
	counters.topics[TIDE_PREDICTIONS] = counters.topics[TIDE_LABELS];
	assert_int_equal(get(http, "/metrics"), 200);
	const char *one = strstr(body(), "\ntidemark_input_broken{topic=\"l\"} 1\n");
	assert_non_null(one);
	assert_null(strstr(one + 1, "\ntidemark_input_broken{"));
	tide_http_close(http);
}

static void
what_a_worker_restores_is_told_with_its_age(void **state)
{
	(void) state;
	struct tide_http *http = serve(NULL, 0);

	assert_int_equal(get(http, "/metrics"), 200);
	assert_non_null(strstr(body(), "\ntidemark_rewinding 0\n"));
	assert_null(strstr(body(), "\ntidemark_snapshot_seconds_since "));
	tide_counters_set(&counters.tasks, 4);
	tide_counters_set(&counters.stages, 1);
	tide_counters_set(&counters.restore_ms, 2500);
	tide_counters_set(&counters.snapshot_bytes, 4096);
	tide_counters_set_ms(&counters.snapshot_ms, now_ms() - 61000);
	atomic_store(&counters.rewinding, true);
	assert_int_equal(get(http, "/metrics"), 200);
	assert_non_null(strstr(body(), "\ntidemark_tasks 4\n"));
	assert_non_null(strstr(body(), "\ntidemark_stages 1\n"));
	assert_non_null(strstr(body(), "\ntidemark_rewinding 1\n"));
	assert_non_null(strstr(body(), "\ntidemark_restore_seconds 2.5\n"));
	assert_non_null(strstr(body(), "\ntidemark_snapshot_bytes 4096\n"));
	assert_non_null(strstr(body(), "\ntidemark_snapshot_seconds_since 6"));
	tide_http_close(http);
}

static void
a_worker_is_healthy_while_it_moves(void **state)
{
	(void) state;
	struct tide_http *http = serve(NULL, 0);

	assert_int_equal(get(http, "/healthz"), 503);
	assert_string_equal(body(), "the worker has not begun\n");
	tide_counters_set_ms(&counters.moved_ms, now_ms() - 60000);
	assert_int_equal(get(http, "/healthz"), 200);
	tide_counters_set_ms(&counters.moved_ms, now_ms() - 3600000);
	assert_int_equal(get(http, "/healthz"), 503);
	assert_non_null(strstr(body(), "has not moved for 3600"));
	tide_http_close(http);
}

static void
a_worker_is_ready_when_it_says_so(void **state)
{
	(void) state;
	struct tide_http *http = serve(NULL, 0);

	assert_int_equal(get(http, "/readyz"), 503);
	atomic_store(&counters.ready, true);
	assert_int_equal(get(http, "/readyz"), 200);
	assert_string_equal(body(), "ok\n");
	tide_http_close(http);
}

static void
the_newest_page_is_served(void **state)
{
	(void) state;
	struct tide_http *http = serve(NULL, 0);

	assert_int_equal(get(http, "/"), 404);
	assert_true(tide_http_publish(http, TIDE_TEXT("<p>one</p>")));
	assert_true(tide_http_publish(http, TIDE_TEXT("<p>two</p>")));
	assert_int_equal(get(http, "/"), 200);
	assert_non_null(strstr(answer, "Content-Type: text/html; charset=utf-8"));
	assert_string_equal(body(), "<p>two</p>");
	tide_http_close(http);
}

static void
other_paths_and_methods_are_refused(void **state)
{
	(void) state;
	struct tide_http *http = serve(NULL, 0);

	assert_int_equal(get(http, "/metrics/"), 404);
	assert_int_equal(get(http, "/../etc/passwd"), 404);
	assert_int_equal(ask(http, "POST /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
	                           "Content-Length: 5\r\n\r\nhello"),
	                 405);
	assert_non_null(strstr(answer, "Allow: GET, HEAD"));
	assert_int_equal(ask(http, "DELETE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), 405);
	assert_int_equal(ask(http, "HEAD /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
	                 503);
	assert_string_equal(body(), "");
	tide_http_close(http);
}

static void
bytes_that_are_no_request_end_the_connection_and_no_more(void **state)
{
	(void) state;
	struct tide_http *http = serve(NULL, 0);
	char *long_request = malloc(40000);

	assert_non_null(long_request);
	memset(long_request, 'a', 39999);
	memcpy(long_request, "GET /", 5);
	memcpy(long_request + 39000, " HTTP/1.1\r\n\r\n", 13);
	long_request[39013] = 0;
	signal(SIGPIPE, SIG_IGN);
	assert_int_not_equal(ask(http, "\x16\x03\x01 nonsense\r\n\r\n"), 200);
	assert_int_not_equal(ask(http, long_request), 200);
	atomic_store(&counters.ready, true);
	assert_int_equal(get(http, "/readyz"), 200);
	free(long_request);
	tide_http_close(http);
}

static void
an_address_that_cannot_be_had_is_a_clear_error(void **state)
{
	(void) state;
	struct tide_http *http = serve("127.0.0.1", 0), *none = NULL;
	struct tide_http_options options = {NULL, tide_http_port(http), "n", "v", 1000};
	struct tide_error error = {0};
	char port[16];

	snprintf(port, sizeof port, "port %u", tide_http_port(http));
	assert_int_equal(tide_http_open(&options, &counters, &none, &error), -1);
	assert_int_equal(error.code, TIDE_ERROR_UNAVAILABLE);
	assert_non_null(strstr(error.text, port));
	options.address = "localhost";
	assert_int_equal(tide_http_open(&options, &counters, &none, &error), -1);
	assert_int_equal(error.code, TIDE_ERROR_CONFIG);
	assert_non_null(strstr(error.text, "\"localhost\""));
	options = (struct tide_http_options){"192.0.2.1", 0, "n", "v", 1000};
	assert_int_equal(tide_http_open(&options, &counters, &none, &error), -1);
	assert_int_equal(error.code, TIDE_ERROR_UNAVAILABLE);
	assert_null(none);
	tide_http_close(http);
}

static void *
count_up(void *closure)
{
	const atomic_bool *stop = closure;

	while (!atomic_load(stop))
		tide_counters_add(&counters.results, 1);
	return NULL;
}

static void
a_counter_never_falls_while_it_is_read(void **state)
{
	(void) state;
	struct tide_http *http = serve(NULL, 0);
	atomic_bool stop = false;
	unsigned long long before = 0;
	pthread_t writer;

	assert_int_equal(pthread_create(&writer, NULL, count_up, &stop), 0);
	for (int i = 0; i < 50; i++) {
		assert_int_equal(get(http, "/metrics"), 200);
		const char *line = strstr(body(), "\ntidemark_results_total ");
		assert_non_null(line);
		unsigned long long now = strtoull(line + 24, NULL, 10);
		assert_true(now >= before);
		before = now;
	}
	atomic_store(&stop, true);
	pthread_join(writer, NULL);
	assert_true(before > 0);
	tide_http_close(http);
}

/* With an argument the metrics go to standard output, for a linter to look at. */
int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(metrics_are_what_the_worker_counted, start),
	        cmocka_unit_test_setup(an_input_is_broken_where_any_of_its_partitions_is, start),
	        cmocka_unit_test_setup(what_a_worker_restores_is_told_with_its_age, start),
	        cmocka_unit_test_setup(a_worker_is_healthy_while_it_moves, start),
	        cmocka_unit_test_setup(a_worker_is_ready_when_it_says_so, start),
	        cmocka_unit_test_setup(the_newest_page_is_served, start),
	        cmocka_unit_test_setup(other_paths_and_methods_are_refused, start),
	        cmocka_unit_test_setup(bytes_that_are_no_request_end_the_connection_and_no_more,
	                               start),
	        cmocka_unit_test_setup(an_address_that_cannot_be_had_is_a_clear_error, start),
	        cmocka_unit_test_setup(a_counter_never_falls_while_it_is_read, start),
	};
	struct tide_buffer buffer;

	(void) argv;
	if (argc <= 1)
		return cmocka_run_group_tests(tests, NULL, NULL);
	tide_counters_start(&counters);
	tide_counters_set_ms(&counters.watermark_ms[TIDE_LABELS], 5000);
	tide_counters_set_ms(&counters.snapshot_ms, 1000);
	counters.topics[TIDE_LABELS] = "t\"a\\b\nc";
	for (uint64_t ns = 1000; ns < 100000000000; ns *= 3)
		tide_counters_commit(&counters, ns);
	tide_text_buffer_init(&buffer, 1 << 20);
	tide_metrics_print(&buffer, &counters, "n\"a\\m\ne", "1.2.3", 4000);
	fwrite(buffer.bytes, 1, buffer.length, stdout);
	tide_text_buffer_fini(&buffer);
	return 0;
}
