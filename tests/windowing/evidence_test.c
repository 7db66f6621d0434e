#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "windowing/evidence.h"

#define KEY(v, s, t)                                                                               \
	{                                                                                          \
		.model = TIDE_TEXT("m"), .version = TIDE_TEXT(v), .segment = s,                    \
		.value = TIDE_TEXT(t), .value_null = (s) >= 0 && sizeof(t) == 1                    \
	}

/* What leaves at one time: an early pane of the window 200 and the final one of 100, in the order
 * of panes.h. The second version has no other cells. */
static struct tide_evidence handed_out[] = {
        {.start_ms = 100, .side = TIDE_SIDE_LABEL, .key = KEY("", -1, "")},
        {.start_ms = 200, .side = TIDE_SIDE_LABEL, .key = KEY("", -1, "")},
        {.start_ms = 200, .side = TIDE_SIDE_LABEL, .key = KEY("", 0, "")},
        {.start_ms = 100, .side = TIDE_SIDE_PREDICTION, .key = KEY("", 0, "a")},
        {.start_ms = 100, .side = TIDE_SIDE_LABEL, .key = KEY("", 0, "a")},
        {.start_ms = 100, .side = TIDE_SIDE_LABEL, .key = KEY("", 0, "b")},
        {.start_ms = 200, .side = TIDE_SIDE_LABEL, .key = KEY("", 0, "b")},
        {.start_ms = 100, .side = TIDE_SIDE_LABEL, .key = KEY("", 1, "a")},
        {.start_ms = 100, .side = TIDE_SIDE_LABEL, .key = KEY("2", -1, "")},
        {.start_ms = 100, .side = TIDE_SIDE_LABEL, .key = KEY("2", 0, "a")},
};
#define COUNT (sizeof handed_out / sizeof *handed_out)

static struct tide_evidence
handed(size_t at)
{
	struct tide_evidence evidence = handed_out[at];

	evidence.after = handed_out + at + 1;
	evidence.after_count = COUNT - at - 1;
	return evidence;
}

/* The places of the cells of a segment that a total sees, one behind the other as digits. */
static size_t
seen(const struct tide_evidence *total, int segment)
{
	const struct tide_evidence *cell = NULL;
	size_t digits = 0;

	while ((cell = tide_evidence_group(total, segment, cell)))
		digits = 10 * digits + (size_t) (cell - handed_out);
	return digits;
}

static void
a_total_sees_the_segments_of_its_pane_and_version_alone(void **state)
{
	struct tide_evidence first = handed(0), second = handed(1), version = handed(8);

	(void) state;
	assert_int_equal(seen(&first, 0), 45);
	assert_int_equal(seen(&first, 1), 7);
	assert_int_equal(seen(&first, 2), 0);
	assert_int_equal(seen(&second, 0), 26);
	assert_int_equal(seen(&second, 1), 0);
	assert_int_equal(seen(&version, 0), 9);
}

static void
a_cell_is_found_by_its_key_in_the_same_pane(void **state)
{
	struct tide_evidence first = handed(0), second = handed(1);
	struct tide_cell_key a = KEY("", 0, "a"), b = KEY("", 0, "b"), c = KEY("", 0, "c");
	struct tide_cell_key missing = KEY("", 0, ""), other = KEY("2", 0, "a");

	(void) state;
	assert_ptr_equal(tide_evidence_cell(&first, &a), handed_out + 4);
	assert_ptr_equal(tide_evidence_cell(&first, &b), handed_out + 5);
	assert_ptr_equal(tide_evidence_cell(&first, &other), handed_out + 9);
	assert_null(tide_evidence_cell(&first, &c));
	assert_null(tide_evidence_cell(&first, &missing));
	assert_null(tide_evidence_cell(&second, &a));
	assert_ptr_equal(tide_evidence_cell(&second, &b), handed_out + 6);
	assert_ptr_equal(tide_evidence_cell(&second, &missing), handed_out + 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_total_sees_the_segments_of_its_pane_and_version_alone),
	        cmocka_unit_test(a_cell_is_found_by_its_key_in_the_same_pane),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
