#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "tests/windowing/panes_world.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEEDS 2
#define KEYS_MAX 4096
#define SILENT_FROM 120 /* records */

/* The last that was said of a key. */
struct answer {
	const char *key, *line;
	size_t key_length, said;
	int64_t revision;
};

static bool
line_has(const char *line, const char *words)
{
	const char *at = strstr(line, words);

	return at && at < strchr(line, '\n');
}

/* Revisions of a key only grow, and nothing comes behind what is complete but a pane of its own. */
static size_t
answers_find(const struct told *told, struct answer *answers)
{
	size_t count = 0;

	for (const char *line = told->lines.bytes; *line; line = strchr(line, '\n') + 1) {
		size_t length = (size_t) (strchr(line, '\t') - line), i = 0;
		int64_t revision = atoll(strstr(line, "\"revision\":") + 11);
		while (i < count && (answers[i].key_length != length ||
		                     memcmp(answers[i].key, line, length) != 0))
			i++;
		if (i == count) {
			assert_true(count < KEYS_MAX);
			answers[count++] = (struct answer){.key_length = length, .revision = -1};
		}
		assert_true(revision > answers[i].revision);
		answers[i].key = answers[i].line = line;
		answers[i].revision = revision;
		answers[i].said++;
	}
	return count;
}

static int
answer_order(const void *a, const void *b)
{
	const struct answer *x = a, *y = b;
	size_t least = x->key_length < y->key_length ? x->key_length : y->key_length;
	int order = memcmp(x->key, y->key, least);

	return order ? order : (x->key_length > y->key_length) - (x->key_length < y->key_length);
}

/* What says when and how often it was said is left out. */
static void
assert_same_answer(const struct answer *a, const struct answer *b)
{
	const char *x = strstr(a->line, "\"timing\""), *y = strstr(b->line, "\"timing\"");

	assert_true(x - a->line == y - b->line);
	assert_memory_equal(a->line, b->line, (size_t) (x - a->line));
	x = strstr(x, "\"predictions\"");
	y = strstr(y, "\"predictions\"");
	size_t length = strcspn(x, "\n");
	if (strcspn(y, "\n") != length || memcmp(x, y, length) != 0) {
		fprintf(stderr, "%.*s\n%.*s\n", (int) strcspn(a->line, "\n"), a->line,
		        (int) strcspn(b->line, "\n"), b->line);
		fail();
	}
}

/* What is silent: queues of one partition, for some records, which come all at once then. */
struct silence {
	int32_t partition;
	bool roles[2];
	size_t until;
};

static bool
is_silent(const struct silence *silence, const struct record *record)
{
	return record->event.partition == silence->partition &&
	       silence->roles[record->event.role];
}

static void
stream_tell(uint64_t seed, int32_t count, const struct silence *silence, struct told *told)
{
	struct parts *parts = tide_parts_new(seed, count, false);
	struct record *records = tide_parts_records(parts);
	bool *idle = parts->idle[silence->partition];

	tide_parts_told(told);
	for (size_t i = 0; i < RECORDS; i++) {
		bool silent = i >= SILENT_FROM && i < silence->until;
		if (i == silence->until) {
			for (size_t j = SILENT_FROM; j < i; j++)
				if (is_silent(silence, &records[j]))
					(void) tide_parts_add(parts, &records[j].event);
		}
		if (!silent || !is_silent(silence, &records[i]))
			(void) tide_parts_add(parts, &records[i].event);
		idle[0] = silent && silence->roles[0];
		idle[1] = silent && silence->roles[1];
		if (i % 10)
			continue;
		tide_parts_take_all(parts);
		tide_parts_tell(parts, told);
	}
	tide_parts_end(parts);
	tide_parts_take_all(parts);
	tide_parts_tell(parts, told);
	assert_true(tide_panes_oldest(parts->world.panes) == INT64_MAX);
	if (!silence->roles[TIDE_PREDICTIONS])
		tide_parts_assert_nothing_is_lost(parts, told);
	tide_text_put(&told->lines, "", 1);
	assert_false(told->lines.failed);
	free(records);
	tide_parts_free(parts);
}

/* With the silence and without it the same is known in the end. */
static void
silence_is_made_good(int32_t count, bool predictions, bool labels)
{
	static struct answer answers[2][KEYS_MAX];

	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct told told[2];
		size_t counts[2], revised = 0;
		for (size_t i = 0; i < 2; i++) {
			const struct silence silence = {
			        count - 1, {predictions, labels}, SILENT_FROM + 80 * i};
			stream_tell(seed, count, &silence, &told[i]);
			counts[i] = answers_find(&told[i], answers[i]);
			qsort(answers[i], counts[i], sizeof **answers, answer_order);
		}
		assert_int_equal(counts[0], counts[1]);
		for (size_t i = 0; i < counts[0]; i++) {
			assert_same_answer(&answers[0][i], &answers[1][i]);
			assert_true(line_has(answers[1][i].line, "\"complete\":true"));
			revised += answers[1][i].said > answers[0][i].said;
		}
		assert_null(strstr(told[0].lines.bytes, "\"complete\":false"));
		assert_non_null(strstr(told[1].lines.bytes, "\"complete\":false"));
		assert_true(revised > 0);
		tide_text_buffer_fini(&told[0].lines);
		tide_text_buffer_fini(&told[1].lines);
	}
}

static void
what_left_without_an_idle_partition_is_revised_when_it_speaks(void **state)
{
	(void) state;
	silence_is_made_good(2, true, true);
}

static void
what_left_without_idle_labels_of_a_partition_is_revised(void **state)
{
	(void) state;
	silence_is_made_good(2, false, true);
	silence_is_made_good(1, false, true);
}

/* Twice as long as anything is held: what comes too late changes no answer. */
static void
who_is_silent_beyond_the_hold_is_not_waited_for(void **state)
{
	const struct silence silence = {1, {true, true}, RECORDS};

	(void) state;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct parts *parts = tide_parts_new(seed, 2, false);
		struct record *records = tide_parts_records(parts);
		int64_t hold_ms = tide_pane_hold_ms(&parts->world.setup.options);
		struct told told;
		tide_parts_told(&told);
		for (size_t i = 0; i < RECORDS; i++) {
			if (i < SILENT_FROM || !is_silent(&silence, &records[i]))
				(void) tide_parts_add(parts, &records[i].event);
			parts->idle[1][0] = parts->idle[1][1] = i >= SILENT_FROM;
			if (i % 5 && i + 1 < RECORDS)
				continue;
			tide_parts_take_all(parts);
			tide_parts_tell(parts, &told);
			int64_t clock_ms = tide_panes_clock(parts->world.panes);
			int64_t oldest_ms = tide_panes_oldest(parts->world.panes);
			assert_true(clock_ms == TIDE_NO_TIME ||
			            oldest_ms >= clock_ms - 2 * hold_ms);
		}
		size_t length = told.lines.length;
		int64_t clock_ms = tide_panes_clock(parts->world.panes);
		for (size_t i = SILENT_FROM; i < RECORDS; i++)
			if (is_silent(&silence, &records[i]) &&
			    records[i].event.time_ms < clock_ms - 2 * hold_ms)
				(void) tide_parts_add(parts, &records[i].event);
		tide_parts_take_all(parts);
		tide_parts_tell(parts, &told);
		assert_int_equal(told.lines.length, length);
		tide_text_buffer_fini(&told.lines);
		free(records);
		tide_parts_free(parts);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(who_is_silent_beyond_the_hold_is_not_waited_for),
	        cmocka_unit_test(what_left_without_an_idle_partition_is_revised_when_it_speaks),
	        cmocka_unit_test(what_left_without_idle_labels_of_a_partition_is_revised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
