#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "app/state_record.h"
#include "app/state_snapshot.h"
#include "app/state_table.h"
#include "base/bytes.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct tide_record
record_of(const char *key, const char *value, int64_t offset)
{
	return (struct tide_record){.key = (const uint8_t *) key,
	                            .key_size = strlen(key),
	                            .value = (const uint8_t *) value,
	                            .value_size = value ? strlen(value) : 0,
	                            .offset = offset,
	                            .time_ms = 1000 + offset};
}

static void
put(struct tide_state_table *table, const char *key, const char *value, int64_t offset)
{
	struct tide_record record = record_of(key, value, offset);
	struct tide_error error;

	assert_int_equal(tide_state_table_put(table, &record, &error), 0);
}

static void
of_each_key_the_last_record_counts(void **state)
{
	(void) state;
	struct tide_state_table table = {0};
	char key[32], value[32];

	for (int round = 0; round < 3; round++)
		for (int i = 0; i < 1000; i++) {
			snprintf(key, sizeof key, "key-%d", i);
			snprintf(value, sizeof value, "%d of %d", i, round);
			put(&table, key, value, round * 1000 + i);
		}
	assert_int_equal(table.count, 1000);
	for (int i = 0; i < 1000; i++) {
		snprintf(key, sizeof key, "key-%d", i);
		snprintf(value, sizeof value, "%d of 2", i);
		assert_true(tide_text_is(tide_state_table_key(&table.entries[i]), key));
		assert_true(tide_text_is(tide_state_table_value(&table.entries[i]), value));
		assert_int_equal(table.entries[i].offset, 2000 + i);
	}
	tide_state_table_fini(&table);
}

static void
an_empty_value_forgets_a_key_that_may_come_again(void **state)
{
	(void) state;
	struct tide_state_table table = {0};
	struct tide_record keyless = {.value = (const uint8_t *) "x", .value_size = 1};
	struct tide_error error;

	put(&table, "a", "1", 0);
	put(&table, "b", "2", 1);
	put(&table, "a", NULL, 2);
	put(&table, "b", "", 3);
	assert_int_equal(table.count, 2);
	assert_null(table.entries[0].value);
	assert_null(table.entries[1].value);
	assert_int_equal(table.bytes, 2);
	put(&table, "a", "3", 4);
	assert_string_equal(table.entries[0].value, "3");
	assert_int_equal(tide_state_table_put(&table, &keyless, &error), 0);
	assert_int_equal(table.count, 2);
	tide_state_table_fini(&table);
}

static void
a_record_is_what_its_key_says(void **state)
{
	(void) state;
	static const struct {
		const char *key;
		enum tide_state_kind kind;
	} cases[] = {{"stage", TIDE_STATE_STAGE},       {"stages", TIDE_STATE_OTHER},
	             {"alert/0123", TIDE_STATE_ALERT},  {"alert/", TIDE_STATE_OTHER},
	             {"drift/0", TIDE_STATE_DRIFT},     {"", TIDE_STATE_OTHER},
	             {"snapshot/0/000000", TIDE_STATE_SNAPSHOT}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(tide_state_record_kind(tide_text_of(cases[i].key)), cases[i].kind);
}

struct items {
	char kinds[64];
	size_t count, bytes;
};

static bool
item_note(void *closure, uint8_t kind, const uint8_t *bytes, size_t size)
{
	struct items *items = closure;

	for (size_t i = 0; i < size; i++)
		if (bytes[i] != kind)
			return false;
	items->kinds[items->count++] = (char) kind;
	items->bytes += size;
	return true;
}

/* The bytes of items "HWWE", each filled with its letter. */
static void
stream_fill(struct tide_buffer *stream)
{
	static const size_t sizes[] = {10, 300, 700, 0};
	char filler[700];

	for (size_t i = 0; i < 4; i++) {
		char kind = "HWWE"[i];
		memset(filler, kind, sizeof filler);
		tide_text_put(stream, &kind, 1);
		tide_bytes_put_number(stream, sizes[i]);
		tide_text_put(stream, filler, sizes[i]);
	}
}

/* Damage: the piece of this number has one byte changed, or is left out; -1: none. */
static bool
snapshot_read(int64_t number, int64_t wanted, size_t piece, int changed, int missing,
              struct items *items)
{
	struct tide_state_snapshot snapshot;
	struct tide_buffer stream, value;
	char key[TIDE_STATE_SNAPSHOT_KEY];

	tide_text_buffer_init(&stream, 1 << 20);
	tide_text_buffer_init(&value, 1 << 20);
	stream_fill(&stream);
	tide_state_snapshot_init(&snapshot, 1 << 20);
	snapshot.wanted = wanted;
	*items = (struct items){0};
	for (size_t at = 0, i = 0; at < stream.length; at += piece, i++) {
		size_t left = stream.length - at, size = left < piece ? left : piece;
		tide_text_buffer_reset(&value);
		tide_state_snapshot_key(number, i, key);
		tide_state_snapshot_value(&value, number, i,
		                          (struct tide_text){stream.bytes + at, size});
		if ((int) i == changed)
			value.bytes[value.length - 1] ^= 1;
		struct tide_record record = record_of(key, "", (int64_t) i);
		record.value = (const uint8_t *) value.bytes;
		record.value_size = value.length;
		if ((int) i != missing)
			tide_state_snapshot_take(&snapshot, &record, item_note, items);
	}
	bool whole = tide_state_snapshot_is_whole(&snapshot);
	if (whole && wanted) {
		assert_int_equal(snapshot.bytes, stream.length);
		assert_int_equal(snapshot.time_ms, 1000);
	}
	tide_state_snapshot_fini(&snapshot);
	tide_text_buffer_fini(&stream);
	tide_text_buffer_fini(&value);
	return whole;
}

static void
a_snapshot_is_the_same_items_whatever_its_pieces_are(void **state)
{
	(void) state;
	struct items items;

	for (size_t piece = 1; piece < 1100; piece += 7) {
		assert_true(snapshot_read(7, 7, piece, -1, -1, &items));
		assert_string_equal(items.kinds, "HWWE");
		assert_int_equal(items.bytes, 1010);
	}
}

static void
a_snapshot_that_misses_anything_is_not_whole(void **state)
{
	(void) state;
	struct items items;

	for (int i = 0; i < 10; i++) {
		assert_false(snapshot_read(7, 7, 102, i, -1, &items));
		assert_false(snapshot_read(7, 7, 102, -1, i, &items));
	}
	assert_true(snapshot_read(7, 7, 102, -1, -1, &items));
}

static void
another_snapshot_is_passed_over(void **state)
{
	(void) state;
	struct items items;

	assert_false(snapshot_read(5, 7, 100, -1, -1, &items));
	assert_int_equal(items.count, 0);
	assert_true(snapshot_read(5, 0, 100, -1, -1, &items));
	assert_int_equal(items.count, 0);
}

static void
snapshots_in_turn_have_other_keys(void **state)
{
	(void) state;
	char a[TIDE_STATE_SNAPSHOT_KEY], b[TIDE_STATE_SNAPSHOT_KEY], c[TIDE_STATE_SNAPSHOT_KEY];

	tide_state_snapshot_key(6, 12, a);
	tide_state_snapshot_key(7, 12, b);
	tide_state_snapshot_key(8, 12, c);
	assert_string_equal(a, "snapshot/0/000012");
	assert_string_not_equal(a, b);
	assert_string_equal(a, c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(of_each_key_the_last_record_counts),
	        cmocka_unit_test(an_empty_value_forgets_a_key_that_may_come_again),
	        cmocka_unit_test(a_record_is_what_its_key_says),
	        cmocka_unit_test(a_snapshot_is_the_same_items_whatever_its_pieces_are),
	        cmocka_unit_test(a_snapshot_that_misses_anything_is_not_whole),
	        cmocka_unit_test(another_snapshot_is_passed_over),
	        cmocka_unit_test(snapshots_in_turn_have_other_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
