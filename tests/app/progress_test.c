#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "app/progress.h"

static void
a_line_says_share_records_rate_windows_and_what_is_left(void **state)
{
	static const struct {
		struct tide_progress progress;
		const char *line;
	} cases[] = {
	        {{0.25, 5000, 10000, 1335657600000},
	         "replayed 25 %, 5000 records, 500/s, windows to 2012-04-29, 30 s left"},
	        {{0.9999, 123, 2000, 1335657600000 + 5400000},
	         "replayed 99 %, 123 records, 62/s, windows to 2012-04-29T01:30:00Z, 0 s left"},
	        {{0, 0, 0, INT64_MIN}, "replayed 0 %, 0 records"},
	        {{0, 7, 1000, INT64_MIN}, "replayed 0 %, 7 records, 7/s"},
	        {{1, 7, 1000, INT64_MIN}, "replayed 100 %, 7 records, 7/s, 0 s left"},
	};

	(void) state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tide_buffer line;
		tide_text_buffer_init(&line, 1024);
		tide_progress_print(&line, &cases[i].progress);
		tide_text_put(&line, "", 1);
		assert_string_equal(line.bytes, cases[i].line);
		tide_text_buffer_fini(&line);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_line_says_share_records_rate_windows_and_what_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
