#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "app/position.h"
#include <string.h>

static void
a_note_comes_back_as_it_was_written(void **state)
{
	struct tide_position_note notes[] = {
	        {INT64_MIN, -1, INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN, "", 0, 0, -1, 0, 0},
	        {-1, 0, 1700000000000, -3600000, INT64_MAX, 5, "0123456789abcdef", 6, 70, 3, 800, 9},
	};
	char text[TIDE_POSITION_NOTE], again[TIDE_POSITION_NOTE];

	(void) state;
	for (size_t i = 0; i < sizeof notes / sizeof *notes; i++) {
		struct tide_position_note back;
		struct tide_error error;
		tide_position_write(&notes[i], text);
		assert_int_equal(tide_position_read(text, &back, &error), 0);
		assert_true(back.read_offset == notes[i].read_offset);
		assert_true(back.whole_start_ms == notes[i].whole_start_ms);
		assert_string_equal(back.state_hash, notes[i].state_hash);
		tide_position_write(&back, again);
		assert_string_equal(again, text);
		memcpy(text + strlen(text), ";X=later", 9);
		assert_int_equal(tide_position_read(text, &back, &error), 0);
	}
	assert_string_equal(text, "tm1;W=-1;R=0;F=1700000000000;I=-3600000;J=9223372036854775807"
	                          ";S=5;H=0123456789abcdef;P=6;E=70;O=800;N=9;Q=3;X=later");
}

static void
an_older_note_is_of_a_partition_that_was_read_from_its_start(void **state)
{
	static const char *const notes[] = {"tm1;W=1;R=2;F=3;I=4;J=5", "tm1;W=1;R=2;F=3;I=4;J=5;X=6"};

	(void) state;
	for (size_t i = 0; i < 2; i++) {
		struct tide_position_note note;
		struct tide_error error;
		assert_int_equal(tide_position_read(notes[i], &note, &error), 0);
		assert_true(note.whole_start_ms == 5 && note.began_ms == INT64_MIN);
	}
}

static void
an_empty_note_says_nothing_and_a_strange_one_is_refused(void **state)
{
	static const char *const strange[] = {"tm2;W=1", "tm1", "tm1;W=", "tm1;W=1;R=2;F=3;I=4",
	                                      "tm1;W=1;R=2;F=x;I=4;J=5", "tm1;W=1x;R=2;F=3;I=4;J=5",
	                                      "tm1;W=1;R=2;F=3;I=4;J=5;S=x",
	                                      "tm1;W=1;R=2;F=3;I=4;J=5;S=6;H=12",
	                                      "tm1;W=99999999999999999999;R=2;F=3;I=4;J=5"};
	struct tide_position_note note;
	struct tide_error error;

	(void) state;
	assert_int_equal(tide_position_read("", &note, &error), 0);
	assert_true(note.watermark_ms == INT64_MIN && note.read_offset == -1);
	for (size_t i = 0; i < sizeof strange / sizeof *strange; i++) {
		assert_int_equal(tide_position_read(strange[i], &note, &error), -1);
		assert_int_equal(error.code, TIDE_ERROR_DATA);
	}
}

/* The promise of the trail, against every record of a ragged stream. */
static void
no_record_of_a_time_stands_before_the_offset_that_is_found_for_it(void **state)
{
	static int64_t times[20000];
	static struct tide_position_trail trail, copy;
	int64_t watermark_ms = INT64_MIN;
	uint32_t random = 7;

	(void) state;
	tide_position_start(&trail, 10, 0, INT64_MIN);
	for (int64_t i = 0; i < 20000; i++) {
		random = random * 1664525u + 1013904223u;
		times[i] = i * 3 - 500 + (int64_t) (random >> 24);
		if (times[i] > watermark_ms) {
			tide_position_add(&trail, i, watermark_ms, times[i]);
			watermark_ms = times[i];
		}
		if (i % 997 != 0)
			continue;
		int64_t wanted_ms = times[i] - 700;
		copy = trail;
		struct tide_position_mark mark = tide_position_find(&copy, wanted_ms);
		for (int64_t j = 0; j < mark.offset; j++)
			assert_true(times[j] < wanted_ms);
		assert_true(mark.offset == 0 || mark.offset + 2000 > i); /* and not far before */
		assert_true(mark.offset > 0 || i < 2000);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_note_comes_back_as_it_was_written),
	        cmocka_unit_test(an_older_note_is_of_a_partition_that_was_read_from_its_start),
	        cmocka_unit_test(an_empty_note_says_nothing_and_a_strange_one_is_refused),
	        cmocka_unit_test(no_record_of_a_time_stands_before_the_offset_that_is_found_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
