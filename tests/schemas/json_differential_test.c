/* JSON at random, whole and damaged: the fast decoder and the slow one see one event, and so does
 * the fast one in a record that was made compact. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "reference.h"
#include "same.h"
#include "schemas/compact.h"

#define DOCUMENTS 40000
#define BYTES_MAX (1u << 16)

struct maker {
	uint64_t random;
	struct tide_buffer json;
};

static unsigned
below(struct maker *maker, unsigned count)
{
	return (unsigned)(tide_same_random(&maker->random) % count);
}

static const char *
one_of(struct maker *maker, const char *const *words)
{
	unsigned count = 0;

	while (words[count])
		count++;
	return words[below(maker, count)];
}

static void
make_space(struct maker *maker)
{
	static const char *const spaces[] = {"", "", "", "", "", " ", "\n\t", "\r", NULL};

	tide_text_put_string(&maker->json, one_of(maker, spaces));
}

static void
make_text(struct maker *maker)
{
	static const char *const pieces[] = {
	    "a", "1", ".", "\\n", "\\\"", "\\\\", "\\/", "\\u0000", "\\u001f", "\\u00e9", "\\uD83D\\uDE00",
	    "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "", " ", "true", NULL};

	tide_text_put_string(&maker->json, "\"");
	for (unsigned i = below(maker, 5); i > 0; i--)
		tide_text_put_string(&maker->json, one_of(maker, pieces));
	tide_text_put_string(&maker->json, "\"");
}

static void make_value(struct maker *maker, unsigned depth);

/* Jansson keeps the last of equal keys, so most objects have each key once. */
static void
make_object(struct maker *maker, unsigned depth)
{
	static const char *const keys[] = {"p", "f", "w", "l", "e", "m", "v", "a", "b", "a.b", "b.c",
	                                   "a.b.c", "x", "cat", "dog", "c", "id", "n", "ts", "y",
	                                   "label"};
	bool first = true;

	tide_text_put_string(&maker->json, "{");
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) - (depth ? 0 : 5); i++) {
		if (below(maker, depth ? 8 : 3))
			continue;
		if (!first)
			tide_text_put_string(&maker->json, ",");
		first = false;
		make_space(maker);
		tide_text_put_format(&maker->json, "\"%s\"", keys[i]);
		make_space(maker);
		tide_text_put_string(&maker->json, ":");
		make_value(maker, depth + 1);
	}
	if (below(maker, 50) == 0)
		tide_text_put_format(&maker->json, "%s\"\\u0061\":1", first ? "" : ",");
	tide_text_put_string(&maker->json, "}");
}

static void
make_array(struct maker *maker, unsigned depth)
{
	unsigned count = below(maker, 4);

	tide_text_put_string(&maker->json, "[");
	for (unsigned i = 0; i < count; i++) {
		if (i > 0)
			tide_text_put_string(&maker->json, ",");
		make_value(maker, depth + 1);
	}
	tide_text_put_string(&maker->json, "]");
}

static void
make_value(struct maker *maker, unsigned depth)
{
	static const char *const words[] = {
	    "null", "true", "false", "0", "1", "0.5", "1.0", "-1", "1325376000000", "400", "1e2",
	    "-2.5E-3", "9007199254740993", "9223372036854775807", "123456.789e-10", "5e-324", NULL};
	unsigned choice = below(maker, 16);

	make_space(maker);
	if (choice < 9 || depth > 5)
		tide_text_put_string(&maker->json, one_of(maker, words));
	else if (choice < 11)
		make_text(maker);
	else if (choice < 14)
		make_object(maker, depth);
	else if (choice < 15)
		make_array(maker, depth);
	else
		tide_text_put_format(&maker->json, "%.*g", 1 + (int)below(maker, 17),
		                     (double)below(maker, 1u << 30) / 1048576);
	make_space(maker);
}

/* What every good record needs, then anything, then perhaps some damage. */
static void
make_document(struct maker *maker)
{
	static const char damage[] = "{}[]\",:\\ue\xff\x80\xc0-+.0tn\0\n";

	tide_text_buffer_reset(&maker->json);
	make_object(maker, 0);
	if (below(maker, 4)) {
		maker->json.length--;
		tide_text_put_format(&maker->json, "%s\"id\":%u,\"n\":\"k\",\"ts\":%u,\"y\":%u,"
		                     "\"label\":", maker->json.length > 1 ? "," : "",
		                     below(maker, 99) + 1, below(maker, 1u << 31), below(maker, 2));
		make_value(maker, 6);
		tide_text_put_string(&maker->json, "}");
	}
	if (below(maker, 60) == 0)
		for (unsigned i = 30 + below(maker, 6); i > 0; i--) {
			maker->json.length--;
			tide_text_put_string(&maker->json, ",\"z\":{}}");
		}
	for (unsigned i = below(maker, 4) ? 0 : below(maker, 3) + 1; i > 0; i--)
		maker->json.bytes[below(maker, (unsigned)maker->json.length)] =
		    damage[below(maker, sizeof(damage))];
	if (below(maker, 50) == 0)
		maker->json.length = below(maker, (unsigned)maker->json.length);
	assert_false(maker->json.failed);
}

/* Of the reasons that the reference does not tell apart. */
static bool
is_unreadable(const char *poison)
{
	static const char *const reasons[] = {"empty",    "not_utf8", "not_json",
	                                      "too_deep", "not_object", NULL};
	size_t i = 0;

	while (reasons[i] && poison && strcmp(reasons[i], poison) != 0)
		i++;
	return poison && reasons[i];
}

static const char *const names[] = {"cat", "dog", "c"};
static const char *const paths[] = {"a.b.c", "x", "b"};

static void
mapping_fill(struct tide_mapping *mapping, unsigned which)
{
	*mapping = (struct tide_mapping){.id = {"id", "n"},
	                                 .id_count = 1 + which % 2,
	                                 .timestamp = "ts",
	                                 .model = "m",
	                                 .version = "v",
	                                 .prediction = which == 2 ? NULL : "y",
	                                 .proba = "p",
	                                 .target = which == 3 ? "label" : NULL,
	                                 .latency = "l",
	                                 .error = "e",
	                                 .weight = "w",
	                                 .features = which == 1 ? NULL : "f",
	                                 .fields = {"a.b.c", "f.a", "b"},
	                                 .field_count = 3,
	                                 .problem = (enum tide_problem)which,
	                                 .proba_is_classes = which == 2,
	                                 .seed = 7};
	mapping->column_paths = (const char **)(uintptr_t)paths;
	mapping->column_path_count = which ? 3 : 0;
	mapping->classes = (const char **)(uintptr_t)names;
	mapping->class_count = which == 2 || which == 0 ? 3 : 0;
}

struct tally {
	unsigned good, poison, unreadable, unknown;
};

static void
document_check(struct maker *maker, const struct tide_mapping *mapping,
               struct tide_decoder *decoder, struct tide_columns *columns,
               struct tide_columns *reference_columns, struct tally *tally)
{
	struct tide_event fast = {.record_ms = 1}, slow = {.record_ms = 1};
	enum tide_reference_verdict verdict;
	const char *word = NULL;
	size_t length;

	make_document(maker);
	length = maker->json.length;
	for (size_t i = 0; i < TIDE_DECODE_PADDING; i++)
		tide_text_put(&maker->json, "}", 1);
	tide_decode(decoder, (const uint8_t *)maker->json.bytes, length, &fast);
	verdict = tide_reference_decode(mapping, reference_columns, maker->json.bytes, length,
	                                &slow);
	if (verdict == TIDE_REFERENCE_UNKNOWN) {
		tally->unknown++;
		return;
	}
	if (verdict == TIDE_REFERENCE_UNREADABLE) {
		tally->unreadable++;
		word = is_unreadable(fast.poison) ? NULL : "unreadable";
	} else {
		word = tide_same_event(&fast, columns, &slow, reference_columns);
		tally->good += !slow.poison;
		tally->poison += slow.poison != NULL;
	}
	if (word)
		fail_msg("%s: %s and %s: %.*s", word, fast.poison ? fast.poison : "good",
		         slow.poison ? slow.poison : "good", (int)length, maker->json.bytes);
}

static void
compact_check(struct maker *maker, const struct tide_mapping *mapping,
              struct tide_decoder *decoders[2], struct tide_columns *columns[2],
              struct tide_buffer *compact, unsigned *smaller)
{
	struct tide_event whole = {.record_ms = 1}, event = {.record_ms = 1};
	const char *word;
	size_t length;

	make_document(maker);
	length = maker->json.length;
	for (size_t i = 0; i < TIDE_DECODE_PADDING; i++)
		tide_text_put(&maker->json, "}", 1);
	tide_decode(decoders[0], (const uint8_t *)maker->json.bytes, length, &whole);
	if (whole.poison)
		return;
	tide_text_buffer_reset(compact);
	tide_compact(mapping, tide_decode_json(decoders[0]), compact);
	length = compact->length;
	for (size_t i = 0; i < TIDE_DECODE_PADDING; i++)
		tide_text_put(compact, "}", 1);
	assert_false(compact->failed);
	*smaller += length < maker->json.length / 2;
	tide_decode(decoders[1], (const uint8_t *)compact->bytes, length, &event);
	word = tide_same_event(&whole, columns[0], &event, columns[1]);
	if (word)
		fail_msg("%s: %s became %.*s", word, maker->json.bytes, (int)length, compact->bytes);
}

static void
a_compact_record_is_the_same_event(void **state)
{
	struct maker maker = {.random = 20040229};
	struct tide_buffer compact;
	unsigned smaller = 0;

	(void)state;
	tide_text_buffer_init(&maker.json, BYTES_MAX);
	tide_text_buffer_init(&compact, BYTES_MAX);
	for (unsigned which = 0; which < 4; which++) {
		struct tide_columns *columns[2];
		struct tide_decoder *decoders[2];
		struct tide_mapping mapping;
		struct tide_error error;

		mapping_fill(&mapping, which);
		for (size_t i = 0; i < 2; i++) {
			columns[i] = tide_mapping_columns_new();
			assert_int_equal(tide_decode_new(&mapping, columns[i], &decoders[i], &error), 0);
		}
		for (unsigned i = 0; i < DOCUMENTS / 4; i++)
			compact_check(&maker, &mapping, decoders, columns, &compact, &smaller);
		for (size_t i = 0; i < 2; i++) {
			tide_decode_free(decoders[i]);
			tide_mapping_columns_free(columns[i]);
		}
	}
	tide_text_buffer_fini(&compact);
	tide_text_buffer_fini(&maker.json);
	assert_true(smaller > DOCUMENTS / 50);
}

static void
only_what_the_mapping_names_is_left(void **state)
{
	static const char *const cases[][2] = {
	    {"{\"id\":1,\"n\":\"k\",\"ts\":5,\"x.y\":1,\"xx\":2,\"\":3,\"i\":4,\"y\":0}",
	     "{\"id\":1,\"n\":\"k\",\"ts\":5,\"y\":0}"},
	    {"{ \"debug\": [1, {\"id\": 2}], \"ts\": 5, \"n\": \"\\u0041\\n\", \"id\": 9007199254740993, "
	     "\"y\": 1.50, \"f\": {\"q\": [true, null, -1e-7], \"r\": {}}, \"a.b\": {\"c\": 1}, \"a\": 0, "
	     "\"a.b.c.d\": 1, \"id\\u0000\": 7, \"ts\": 6}",
	     "{\"ts\":5,\"n\":\"A\\u000a\",\"id\":9007199254740993,\"y\":1.50,"
	     "\"f\":{\"q\":[true,null,-1e-7],\"r\":{}},\"a.b\":{\"c\":1},\"a\":0,\"ts\":6}"}};
	struct tide_columns *columns = tide_mapping_columns_new();
	struct tide_buffer compact;
	struct tide_decoder *decoder;
	struct tide_mapping mapping;
	struct tide_error error;
	char bytes[1024];

	(void)state;
	mapping_fill(&mapping, 3);
	tide_text_buffer_init(&compact, BYTES_MAX);
	assert_int_equal(tide_decode_new(&mapping, columns, &decoder, &error), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tide_event event = {.record_ms = 1};
		memset(bytes, 0, sizeof(bytes));
		memcpy(bytes, cases[i][0], strlen(cases[i][0]));
		tide_decode(decoder, (const uint8_t *)bytes, strlen(bytes), &event);
		tide_text_buffer_reset(&compact);
		tide_compact(&mapping, tide_decode_json(decoder), &compact);
		tide_text_put(&compact, "", 1);
		assert_string_equal(compact.bytes, cases[i][1]);
	}
	tide_text_buffer_fini(&compact);
	tide_decode_free(decoder);
	tide_mapping_columns_free(columns);
}

static void
the_fast_decoder_sees_what_the_slow_one_sees(void **state)
{
	struct maker maker = {.random = 19700101};
	struct tally tally = {0};

	(void)state;
	tide_text_buffer_init(&maker.json, BYTES_MAX);
	for (unsigned which = 0; which < 4; which++) {
		struct tide_columns *columns = tide_mapping_columns_new();
		struct tide_columns *reference_columns = tide_mapping_columns_new();
		struct tide_decoder *decoder;
		struct tide_mapping mapping;
		struct tide_error error;

		mapping_fill(&mapping, which);
		assert_int_equal(tide_decode_new(&mapping, columns, &decoder, &error), 0);
		for (unsigned i = 0; i < DOCUMENTS / 4; i++)
			document_check(&maker, &mapping, decoder, columns, reference_columns,
			               &tally);
		tide_decode_free(decoder);
		tide_mapping_columns_free(columns);
		tide_mapping_columns_free(reference_columns);
	}
	tide_reference_end();
	tide_text_buffer_fini(&maker.json);
	printf("%u good, %u poison, %u unreadable, %u not compared\n", tally.good, tally.poison,
	       tally.unreadable, tally.unknown);
	assert_true(tally.good > DOCUMENTS / 50 && tally.poison > DOCUMENTS / 50 &&
	            tally.unreadable > DOCUMENTS / 50);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_fast_decoder_sees_what_the_slow_one_sees),
	    cmocka_unit_test(a_compact_record_is_the_same_event),
	    cmocka_unit_test(only_what_the_mapping_names_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
