#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/decode.h"

/* A record written by hand, by the words of the Avro specification. */
struct wire {
	uint8_t bytes[4096];
	size_t size;
};

static void
put_byte(struct wire *wire, unsigned byte)
{
	assert_true(wire->size < sizeof(wire->bytes) - TIDE_DECODE_PADDING);
	wire->bytes[wire->size++] = (uint8_t)byte;
}

static void
put_long(struct wire *wire, int64_t value)
{
	uint64_t bits = (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);

	for (; bits > 0x7f; bits >>= 7)
		put_byte(wire, 0x80 | (unsigned)(bits & 0x7f));
	put_byte(wire, (unsigned)bits);
}

static void
put_string(struct wire *wire, const char *string)
{
	put_long(wire, (int64_t)strlen(string));
	for (; *string; string++)
		put_byte(wire, (uint8_t)*string);
}

static void
put_double(struct wire *wire, double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	for (int i = 0; i < 8; i++)
		put_byte(wire, bits >> 8 * i & 0xff);
}

static void
put_float(struct wire *wire, float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof(bits));
	for (int i = 0; i < 4; i++)
		put_byte(wire, bits >> 8 * i & 0xff);
}

static const char schema[] =
    "{\"type\":\"record\",\"name\":\"P\",\"namespace\":\"a.b\",\"fields\":["
    "{\"name\":\"skipped\",\"type\":{\"type\":\"array\",\"items\":[\"null\",\"string\"]}},"
    "{\"name\":\"head\",\"type\":{\"type\":\"record\",\"name\":\"H\",\"fields\":["
    "{\"name\":\"id\",\"type\":\"long\"},"
    "{\"name\":\"at\",\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}}]}},"
    "{\"name\":\"model\",\"type\":{\"type\":\"enum\",\"name\":\"M\",\"symbols\":[\"x\",\"y\"]}},"
    "{\"name\":\"second\",\"type\":[\"null\",\"H\"]},"
    "{\"name\":\"prediction\",\"type\":[\"null\",\"double\",\"string\"]},"
    "{\"name\":\"features\",\"type\":{\"type\":\"map\",\"values\":"
    "[\"null\",\"float\",\"boolean\",\"string\",\"bytes\",\"int\"]}},"
    "{\"name\":\"scores\",\"type\":{\"type\":\"array\",\"items\":\"double\"}},"
    "{\"name\":\"mark\",\"type\":{\"type\":\"fixed\",\"name\":\"F\",\"size\":2}}]}";

static const char *const classes[] = {"a", "b"};

/* The schema with every word that the tests need. */
static struct tide_mapping
mapping_of(const char *text)
{
	struct tide_mapping mapping = {.role = TIDE_PREDICTIONS,
	                               .format = TIDE_FORMAT_AVRO,
	                               .avro_schema = text,
	                               .id = {"head.id"},
	                               .id_count = 1,
	                               .timestamp = "head.at",
	                               .model = "model",
	                               .prediction = "prediction",
	                               .proba = "scores",
	                               .class_count = 2,
	                               .features = "features",
	                               .fields = {"mark", "features.n"},
	                               .field_count = 2,
	                               .problem = TIDE_PROBLEM_MULTICLASS};

	mapping.classes = (const char **)(uintptr_t)classes;
	return mapping;
}

/* The record without what stands behind `features`. */
static void
put_front(struct wire *wire)
{
	put_long(wire, 2); /* skipped: one block of two, null and a text */
	put_long(wire, 0);
	put_long(wire, 1);
	put_string(wire, "\xff not UTF-8, but nobody asks");
	put_long(wire, 0);
	put_long(wire, INT64_C(-9007199254740993)); /* head */
	put_long(wire, INT64_C(1325376000000999));
	put_long(wire, 1); /* model */
	put_long(wire, 0); /* second */
	put_long(wire, 1); /* prediction */
	put_double(wire, 36.5);
}

static void
put_scores(struct wire *wire)
{
	put_long(wire, -2); /* a block that tells its size */
	put_long(wire, 16);
	put_double(wire, 0.25);
	put_double(wire, 0.75);
	put_long(wire, 0);
}

static void
put_features(struct wire *wire)
{
	put_long(wire, 4);
	put_string(wire, "f");
	put_long(wire, 1);
	put_float(wire, 0.5f);
	put_string(wire, "nan");
	put_long(wire, 1);
	put_float(wire, NAN);
	put_string(wire, "yes");
	put_long(wire, 2);
	put_byte(wire, 1);
	put_string(wire, "bytes");
	put_long(wire, 4);
	put_string(wire, "\xff");
	put_long(wire, 2); /* a second block */
	put_string(wire, "n");
	put_long(wire, 5);
	put_long(wire, -7);
	put_string(wire, "f"); /* again: the first wins */
	put_long(wire, 3);
	put_string(wire, "late");
	put_long(wire, 0);
}

static void
put_all(struct wire *wire)
{
	put_front(wire);
	put_features(wire);
	put_scores(wire);
	put_byte(wire, 'o');
	put_byte(wire, 'k');
}

struct bench {
	struct tide_columns *columns;
	struct tide_decoder *decoder;
	struct tide_event event;
};

static void
bench_open(struct bench *bench, const struct tide_mapping *mapping)
{
	struct tide_error error = {0};

	memset(bench, 0, sizeof(*bench));
	bench->columns = tide_mapping_columns_new();
	assert_non_null(bench->columns);
	if (tide_decode_new(mapping, bench->columns, &bench->decoder, &error))
		fail_msg("%s", error.text);
}

static void
bench_close(struct bench *bench)
{
	tide_decode_free(bench->decoder);
	tide_mapping_columns_free(bench->columns);
}

static const char *
decode(struct bench *bench, const struct wire *wire)
{
	tide_decode(bench->decoder, wire->bytes, wire->size, &bench->event);
	return bench->event.poison ? bench->event.poison : "good";
}

static void
a_good_record_gives_all_that_is_mapped(void **state)
{
	static const enum tide_value_kind kinds[] = {TIDE_VALUE_NUMBER, TIDE_VALUE_NONFINITE,
	                                             TIDE_VALUE_BOOLEAN, TIDE_VALUE_OTHER,
	                                             TIDE_VALUE_NUMBER};
	struct tide_mapping mapping = mapping_of(schema);
	struct wire wire = {.size = 0};
	struct bench bench;

	(void)state;
	bench_open(&bench, &mapping);
	put_all(&wire);
	assert_string_equal(decode(&bench, &wire), "good");
	assert_true(tide_text_is(bench.event.id, "-9007199254740993")); /* no double holds it */
	assert_true(bench.event.time_ms == 1325376000000);              /* the schema's unit */
	assert_true(tide_text_is(bench.event.model, "y"));
	assert_true(bench.event.prediction.number == 36.5);
	assert_int_equal(bench.event.score_count, 2);
	assert_true(bench.event.scores[0] == 0.25 && bench.event.scores[1] == 0.75);
	assert_int_equal(bench.event.value_count, 2 + 5); /* each class's score, then the features */
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(bench.event.values[2 + i].kind, kinds[i]);
	assert_true(bench.event.values[2].number == 0.5);
	assert_true(tide_text_is(bench.event.fields[0].text, "ok"));
	assert_true(bench.event.fields[1].number == -7);
	bench_close(&bench);
}

static void
a_record_cut_anywhere_or_followed_by_a_byte_is_poison(void **state)
{
	struct tide_mapping mapping = mapping_of(schema);
	struct wire wire = {.size = 0};
	struct bench bench;
	size_t size;

	(void)state;
	bench_open(&bench, &mapping);
	put_all(&wire);
	size = wire.size;
	assert_string_equal((wire.size = 0, decode(&bench, &wire)), "empty");
	for (wire.size = 1; wire.size < size; wire.size++)
		assert_string_equal(decode(&bench, &wire), "not_avro");
	wire.size++;
	assert_string_equal(decode(&bench, &wire), "not_avro");
	bench_close(&bench);
}

static void
a_confluent_frame_is_taken_off_or_missed(void **state)
{
	struct tide_mapping mapping = mapping_of(schema);
	struct wire wire = {.size = 0};
	struct bench bench;

	(void)state;
	mapping.confluent_frame = true;
	bench_open(&bench, &mapping);
	put_all(&wire);
	assert_string_equal(decode(&bench, &wire), "no_frame");
	wire.size = 0;
	for (unsigned i = 0; i < 5; i++)
		put_byte(&wire, i);
	assert_string_equal(decode(&bench, &wire), "not_avro");
	put_all(&wire);
	assert_string_equal(decode(&bench, &wire), "good");
	wire.size = 4;
	assert_string_equal(decode(&bench, &wire), "no_frame");
	bench_close(&bench);
}

/* One field of a type, the bytes of it, and what becomes of them. */
static const struct {
	const char *type;
	const char *bytes;
	size_t size;
	const char *reason;
} hostile[] = {
#define CASE(type, bytes, reason) {type, bytes, sizeof(bytes) - 1, reason}
    CASE("\"string\"", "\x02" "a", "good"),
    CASE("\"string\"", "\x80\x80\x08" "a", "not_avro"),                /* 65,536 of one byte */
    CASE("\"bytes\"", "\x80\x80\x80\x80\x40", "not_avro"),             /* 8 GiB */
    CASE("\"string\"", "\x01", "not_avro"),                            /* -1 */
    CASE("\"string\"", "\x02\xff", "not_utf8"),
    CASE("\"string\"", "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", "not_avro"),
    CASE("\"long\"", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "good"), /* the least */
    CASE("\"long\"", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", "not_avro"),
    CASE("\"int\"", "\x80\x80\x80\x80\x10", "not_avro"),               /* 2^31 */
    CASE("\"int\"", "\xff\xff\xff\xff\x0f", "good"),                   /* -2^31 */
    CASE("\"boolean\"", "\x01", "good"),
    CASE("\"boolean\"", "\x02", "not_avro"),
    CASE("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"x\",\"y\"]}", "\x02", "good"),
    CASE("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"x\",\"y\"]}", "\x04", "not_avro"),
    CASE("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"x\",\"y\"]}", "\x80\x89\x7a",
         "not_avro"),
    CASE("[\"null\",\"long\"]", "\x04", "not_avro"),
    CASE("[\"null\",\"long\"]", "\x01", "not_avro"),
    CASE("{\"type\":\"array\",\"items\":\"null\"}", "\x06\x00", "good"),
    CASE("{\"type\":\"array\",\"items\":\"null\"}",
         "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01\x00", "too_large"), /* 2^62 nulls */
    CASE("{\"type\":\"array\",\"items\":\"null\"}",
         "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00\x00", "too_large"), /* 2^63 of them */
    CASE("{\"type\":\"array\",\"items\":\"boolean\"}", "\x01\x02\x01\x00", "good"),
    CASE("{\"type\":\"array\",\"items\":\"boolean\"}", "\x01\x04\x01\x00", "not_avro"),
    CASE("{\"type\":\"array\",\"items\":\"boolean\"}", "\x01\x7e\x01\x00", "not_avro"),
    CASE("{\"type\":\"map\",\"values\":\"null\"}", "\x02\x02k\x00", "good"),
    CASE("{\"type\":\"map\",\"values\":\"null\"}", "\x02\x02\xff\x00", "not_utf8"),
    CASE("{\"type\":\"map\",\"values\":\"null\"}", "\x02\x10k\x00", "not_avro"),
#undef CASE
};

static void
hostile_bytes_are_poison_and_their_good_neighbours_are_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		struct tide_mapping mapping = {.format = TIDE_FORMAT_AVRO,
		                               .id = {"id"},
		                               .id_count = 1,
		                               .fields = {"x"},
		                               .field_count = 1};
		struct wire wire = {.size = 0};
		struct bench bench;
		char text[512];

		snprintf(text, sizeof(text),
		         "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"id\","
		         "\"type\":\"string\"},{\"name\":\"x\",\"type\":%s}]}", hostile[i].type);
		mapping.avro_schema = text;
		bench_open(&bench, &mapping);
		put_string(&wire, "i");
		memcpy(wire.bytes + wire.size, hostile[i].bytes, hostile[i].size);
		wire.size += hostile[i].size;
		if (strcmp(decode(&bench, &wire), hostile[i].reason) != 0)
			fail_msg("case %zu, %s: %s", i, hostile[i].type, decode(&bench, &wire));
		bench_close(&bench);
	}
}

#define RECORD(fields) "{\"type\":\"record\",\"name\":\"R\",\"fields\":[" fields "]}"
#define ID "{\"name\":\"id\",\"type\":\"string\"}"

/* A schema that is refused, and words of the message. */
static const struct {
	const char *text, *words;
} refused[] = {
    {NULL, "needs `schema`"},
    {"{", "is no JSON: line 1"},
    {"{}", "is none"},
    {"{\"type\":\"record\",\"name\":\"R\",\"name\":\"S\",\"fields\":[]}", "is no JSON"},
    {"\"string\"", "of a string, but a record is needed"},
    {RECORD(""), "names `id`, which the Avro schema does not have"},
    {RECORD("{\"name\":\"idd\",\"type\":\"string\"},{\"name\":\"b\",\"type\":\"int\"}"),
     "`id`, which the Avro schema does not have; it has idd, b"},
    {RECORD(ID ",{\"name\":\"x\",\"type\":[\"null\",\"R\"]}"), "contains itself"},
    {RECORD(ID ",{\"name\":\"x\",\"type\":{\"type\":\"record\",\"name\":\"S\",\"fields\":["
               "{\"name\":\"y\",\"type\":{\"type\":\"array\",\"items\":\"S\"}}]}}"), "at `x.y`"},
    {RECORD(ID ",{\"name\":\"x\",\"type\":{\"type\":\"fixed\",\"name\":\"F\",\"size\":-2}}"),
     "fixed of no possible size at `x`"},
};

static void
a_schema_that_cannot_be_used_is_refused_with_its_field(void **state)
{
	struct tide_columns *columns = tide_mapping_columns_new();

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct tide_mapping mapping = {.format = TIDE_FORMAT_AVRO,
		                               .avro_schema = refused[i].text,
		                               .id = {"id"},
		                               .id_count = 1};
		struct tide_decoder *decoder;
		struct tide_error error = {0};

		assert_int_equal(tide_decode_new(&mapping, columns, &decoder, &error), -1);
		assert_int_equal(error.code, TIDE_ERROR_CONFIG);
		if (!strstr(error.text, refused[i].words))
			fail_msg("case %zu: %s", i, error.text);
	}
	tide_mapping_columns_free(columns);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_good_record_gives_all_that_is_mapped),
	    cmocka_unit_test(a_record_cut_anywhere_or_followed_by_a_byte_is_poison),
	    cmocka_unit_test(a_confluent_frame_is_taken_off_or_missed),
	    cmocka_unit_test(hostile_bytes_are_poison_and_their_good_neighbours_are_not),
	    cmocka_unit_test(a_schema_that_cannot_be_used_is_refused_with_its_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
