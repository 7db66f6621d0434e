/*
 * Schemas and values at random: Avro C writes each value, the same value is written as JSON, and
 * both decoders must see one event.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <avro.h>

#include "same.h"

#define SCHEMAS 400
#define VALUES 40 /* of each schema */
#define PATHS_MAX 48
#define PATH_SIZE 64
#define BYTES_MAX (1u << 18)

struct maker {
	uint64_t random;
	unsigned names; /* named types so far */
	struct tide_buffer schema;
	struct tide_buffer json;
	char paths[PATHS_MAX][PATH_SIZE];
	size_t path_count;
};

static unsigned
below(struct maker *maker, unsigned count)
{
	return (unsigned)(tide_same_random(&maker->random) % count);
}

static void
remember(struct maker *maker, const char *path)
{
	if (maker->path_count < PATHS_MAX && strlen(path) < PATH_SIZE - 8)
		strncpy(maker->paths[maker->path_count++], path, PATH_SIZE - 1);
}

static void make_type(struct maker *maker, unsigned depth, bool in_union, const char *path);

static void
make_record(struct maker *maker, unsigned depth, const char *path)
{
	unsigned count = below(maker, 5);

	tide_text_put_format(&maker->schema, "{\"type\":\"record\",\"name\":\"N%u\",\"fields\":[",
	                     maker->names++);
	for (unsigned i = 0; i < count; i++) {
		char inner[PATH_SIZE * 2];

		snprintf(inner, sizeof(inner), "%s.g%u", path, i);
		tide_text_put_format(&maker->schema, "%s{\"name\":\"g%u\",\"type\":", i ? "," : "",
		                     i);
		if (*path)
			remember(maker, inner);
		make_type(maker, depth + 1, false, *path ? inner : "");
		tide_text_put_string(&maker->schema, "}");
	}
	tide_text_put_string(&maker->schema, "]}");
}

static void
make_union(struct maker *maker, unsigned depth, const char *path)
{
	tide_text_put_string(&maker->schema, "[\"null\",");
	if (below(maker, 2))
		tide_text_put_string(&maker->schema, "\"double\",\"string\",\"boolean\",\"bytes\"");
	else
		make_type(maker, depth + 1, true, path);
	tide_text_put_string(&maker->schema, "]");
}

static void
make_map(struct maker *maker, unsigned depth, const char *path)
{
	char inner[PATH_SIZE * 2];

	snprintf(inner, sizeof(inner), "%s.k%u", path, below(maker, 3));
	if (*path)
		remember(maker, inner);
	tide_text_put_string(&maker->schema, "{\"type\":\"map\",\"values\":");
	make_type(maker, depth + 1, false, *path ? inner : "");
	tide_text_put_string(&maker->schema, "}");
}

/* `path` is empty where no path leads, that is in arrays. */
static void
make_type(struct maker *maker, unsigned depth, bool in_union, const char *path)
{
	static const char *const plain[] = {"boolean", "int",   "long",   "float",
	                                    "double",  "bytes", "string", "null"};
	unsigned choice = below(maker, depth < 4 ? 14 : 10);

	if (choice < (in_union ? 7u : 8u)) {
		tide_text_put_format(&maker->schema, "\"%s\"", plain[choice]);
	} else if (choice <= 8) {
		tide_text_put_format(&maker->schema, "{\"type\":\"enum\",\"name\":\"N%u\","
		                     "\"symbols\":[\"u\",\"v\",\"w\"]}", maker->names++);
	} else if (choice == 9) {
		tide_text_put_format(&maker->schema, "{\"type\":\"fixed\",\"name\":\"N%u\","
		                     "\"size\":%u}", maker->names++, 1 + below(maker, 9));
	} else if (choice == 10) {
		/* Avro C has no memory for an item without bytes. */
		tide_text_put_string(&maker->schema, "{\"type\":\"array\",\"items\":");
		if (below(maker, 2))
			tide_text_put_string(&maker->schema, "\"double\"");
		else
			make_union(maker, depth + 1, "");
		tide_text_put_string(&maker->schema, "}");
	} else if (choice == 11) {
		make_map(maker, depth, path);
	} else if (choice == 12 && !in_union) {
		make_union(maker, depth, path);
	} else {
		make_record(maker, depth, path);
	}
}

static void
make_schema(struct maker *maker)
{
	tide_text_buffer_reset(&maker->schema);
	maker->names = 0;
	maker->path_count = 0;
	tide_text_put_string(&maker->schema, "{\"type\":\"record\",\"name\":\"R\",\"fields\":["
	                     "{\"name\":\"id\",\"type\":\"string\"},{\"name\":\"ts\",\"type\":"
	                     "{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}}");
	for (unsigned i = 0; i < 6; i++) {
		char path[8];

		snprintf(path, sizeof(path), "x%u", i);
		remember(maker, path);
		tide_text_put_format(&maker->schema, ",{\"name\":\"%s\",\"type\":", path);
		make_type(maker, 0, false, path);
		tide_text_put_string(&maker->schema, "}");
	}
	tide_text_put_string(&maker->schema, "]}");
	tide_text_put(&maker->schema, "", 1);
	assert_false(maker->schema.failed);
}

static void fill(struct maker *maker, avro_value_t *value);

/* What the JSON writer has no word for. */
static void
put_raw(struct maker *maker, const char *json)
{
	if (!strchr("[{:", maker->json.bytes[maker->json.length - 1]))
		tide_text_put_string(&maker->json, ",");
	tide_text_put_string(&maker->json, json);
}

/* The same bytes into both; what is not UTF-8 is in JSON what no column takes. */
static void
fill_bytes(struct maker *maker, avro_value_t *value, size_t length)
{
	static const char letters[] = "ab\"\\\n\x01 .\x7f";
	char bytes[16];
	bool odd = avro_value_get_type(value) != AVRO_STRING && below(maker, 4) == 0;

	for (size_t i = 0; i < length; i++)
		bytes[i] = letters[below(maker, sizeof(letters) - 1)];
	odd = odd && length > 0;
	if (odd)
		bytes[0] = (char)0xff;
	bytes[length] = '\0';
	if (avro_value_get_type(value) == AVRO_STRING)
		assert_int_equal(avro_value_set_string_len(value, bytes, length + 1), 0);
	else if (avro_value_get_type(value) == AVRO_BYTES)
		assert_int_equal(avro_value_set_bytes(value, bytes, length), 0);
	else
		assert_int_equal(avro_value_set_fixed(value, bytes, length), 0);
	if (odd)
		put_raw(maker, "[]");
	else
		tide_text_json_text(&maker->json, (struct tide_text){bytes, length});
}

static void
fill_real(struct maker *maker, avro_value_t *value)
{
	static const double odd[] = {0, -0.0, 1, INFINITY, -INFINITY, 7, 0x1p-1074, 1e300};
	bool is_float = avro_value_get_type(value) == AVRO_FLOAT;
	double number = below(maker, 3) ? (double)below(maker, 1001) / 1000
	                                : odd[below(maker, 8)];

	if (is_float) {
		if (fabs(number) > 1e30 && isfinite(number))
			number = 1e30;
		number = (double)(float)number;
		assert_int_equal(avro_value_set_float(value, (float)number), 0);
	} else {
		assert_int_equal(avro_value_set_double(value, number), 0);
	}
	if (isfinite(number))
		tide_text_json_number(&maker->json, number);
	else
		put_raw(maker, number < 0 ? "-1e999" : "1e999");
}

static void
fill_integer(struct maker *maker, avro_value_t *value)
{
	int64_t wide = (int64_t)(tide_same_random(&maker->random) << 16) >> below(maker, 64);

	if (avro_value_get_type(value) == AVRO_INT32) {
		wide = (int32_t)wide;
		assert_int_equal(avro_value_set_int(value, (int32_t)wide), 0);
	} else {
		assert_int_equal(avro_value_set_long(value, wide), 0);
	}
	tide_text_json_integer(&maker->json, wide);
}

static void
fill_items(struct maker *maker, avro_value_t *value)
{
	unsigned count = below(maker, 4);
	bool is_map = avro_value_get_type(value) == AVRO_MAP;

	tide_text_json_open(&maker->json, is_map ? '{' : '[');
	for (unsigned i = 0; i < count; i++) {
		avro_value_t item;
		char key[16];

		snprintf(key, sizeof(key), "k%u", i);
		if (is_map) {
			tide_text_json_key(&maker->json, key);
			assert_int_equal(avro_value_add(value, key, &item, NULL, NULL), 0);
		} else {
			assert_int_equal(avro_value_append(value, &item, NULL), 0);
		}
		fill(maker, &item);
	}
	tide_text_json_close(&maker->json, is_map ? '}' : ']');
}

static void
fill_record(struct maker *maker, avro_value_t *value)
{
	size_t count;

	assert_int_equal(avro_value_get_size(value, &count), 0);
	tide_text_json_open(&maker->json, '{');
	for (size_t i = 0; i < count; i++) {
		avro_value_t field;
		const char *name;

		assert_int_equal(avro_value_get_by_index(value, i, &field, &name), 0);
		tide_text_json_key(&maker->json, name);
		if (strcmp(name, "id") == 0) {
			fill_bytes(maker, &field, 1 + below(maker, 8));
		} else if (strcmp(name, "ts") == 0) {
			int64_t time_us = (int64_t)below(maker, 1u << 31) * 1000001 - 1000;

			assert_int_equal(avro_value_set_long(&field, time_us), 0);
			tide_text_json_integer(&maker->json, time_us);
		} else {
			fill(maker, &field);
		}
	}
	tide_text_json_close(&maker->json, '}');
}

static void
fill_chosen(struct maker *maker, avro_value_t *value)
{
	avro_schema_t schema = avro_value_get_schema(value);
	unsigned which;
	avro_value_t branch;

	if (avro_typeof(schema) == AVRO_ENUM) {
		which = below(maker, 3);
		assert_int_equal(avro_value_set_enum(value, (int)which), 0);
		tide_text_json_string(&maker->json, avro_schema_enum_get(schema, (int)which));
		return;
	}
	which = below(maker, (unsigned)avro_schema_union_size(schema));
	assert_int_equal(avro_value_set_branch(value, (int)which, &branch), 0);
	fill(maker, &branch);
}

static void
fill(struct maker *maker, avro_value_t *value)
{
	unsigned yes;

	switch (avro_value_get_type(value)) {
	case AVRO_NULL:
		assert_int_equal(avro_value_set_null(value), 0);
		tide_text_json_null(&maker->json);
		break;
	case AVRO_BOOLEAN:
		yes = below(maker, 2);
		assert_int_equal(avro_value_set_boolean(value, (int)yes), 0);
		tide_text_json_bool(&maker->json, yes);
		break;
	case AVRO_INT32:
	case AVRO_INT64:
		fill_integer(maker, value);
		break;
	case AVRO_FLOAT:
	case AVRO_DOUBLE:
		fill_real(maker, value);
		break;
	case AVRO_STRING:
	case AVRO_BYTES:
		fill_bytes(maker, value, below(maker, 6));
		break;
	case AVRO_FIXED:
		fill_bytes(maker, value,
		           (size_t)avro_schema_fixed_size(avro_value_get_schema(value)));
		break;
	case AVRO_ARRAY:
	case AVRO_MAP:
		fill_items(maker, value);
		break;
	case AVRO_RECORD:
		fill_record(maker, value);
		break;
	default:
		fill_chosen(maker, value);
		break;
	}
}

/* Words at random: what they lead to is of any type, so many records are poison, in both. */
static struct tide_mapping
make_mapping(struct maker *maker)
{
	struct tide_mapping mapping = {.id = {"id"}, .id_count = 1, .timestamp = "ts",
	                               .unit = TIDE_TIME_US, .avro_schema = maker->schema.bytes};
	const char **words[] = {&mapping.prediction, &mapping.proba,  &mapping.features,
	                        &mapping.weight,     &mapping.error,  &mapping.latency,
	                        &mapping.model,      &mapping.version, &mapping.target};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (below(maker, 4) == 0)
			*words[i] = maker->paths[below(maker, (unsigned)maker->path_count)];
	if (below(maker, 2))
		mapping.features = "x5";
	while (mapping.field_count < 6)
		mapping.fields[mapping.field_count++] =
		    maker->paths[below(maker, (unsigned)maker->path_count)];
	mapping.proba_is_classes = below(maker, 2);
	mapping.problem = (enum tide_problem)below(maker, 4);
	return mapping;
}

struct pair {
	struct tide_mapping mappings[2]; /* of JSON and of Avro */
	struct tide_columns *columns[2];
	struct tide_decoder *decoders[2];
	struct tide_event events[2];
};

static void
pair_open(struct pair *pair, const struct tide_mapping *mapping)
{
	struct tide_error error = {0};

	memset(pair, 0, sizeof(*pair));
	for (size_t i = 0; i < 2; i++) {
		pair->mappings[i] = *mapping;
		pair->mappings[i].format = i ? TIDE_FORMAT_AVRO : TIDE_FORMAT_JSON;
		pair->columns[i] = tide_mapping_columns_new();
		if (tide_decode_new(&pair->mappings[i], pair->columns[i], &pair->decoders[i],
		                    &error))
			fail_msg("%s in %s", error.text, mapping->avro_schema);
	}
}

static void
pair_close(struct pair *pair)
{
	for (size_t i = 0; i < 2; i++) {
		tide_decode_free(pair->decoders[i]);
		tide_mapping_columns_free(pair->columns[i]);
	}
}

/* One value, both ways; returns whether it was good. */
static bool
pair_check(struct pair *pair, struct maker *maker, avro_value_t *value, char *wire)
{
	avro_writer_t writer = avro_writer_memory(wire, BYTES_MAX);
	size_t size = 0, length;
	const char *word;

	avro_value_reset(value);
	tide_text_buffer_reset(&maker->json);
	fill(maker, value);
	length = maker->json.length;
	for (size_t i = 0; i < TIDE_DECODE_PADDING; i++)
		tide_text_put(&maker->json, "", 1);
	assert_false(maker->json.failed);
	assert_int_equal(avro_value_sizeof(value, &size), 0);
	assert_int_equal(avro_value_write(writer, value), 0);
	avro_writer_free(writer);
	tide_decode(pair->decoders[0], (const uint8_t *)maker->json.bytes, length,
	            &pair->events[0]);
	tide_decode(pair->decoders[1], (const uint8_t *)wire, size, &pair->events[1]);
	word = tide_same_event(&pair->events[0], pair->columns[0], &pair->events[1],
	                       pair->columns[1]);
	if (word)
		fail_msg("%s: %s and %s\n%s\n%.*s", word,
		         pair->events[0].poison ? pair->events[0].poison : "good",
		         pair->events[1].poison ? pair->events[1].poison : "good",
		         maker->schema.bytes, (int)length, maker->json.bytes);
	return !pair->events[0].poison;
}

static void
avro_and_json_give_the_same_event(void **state)
{
	struct maker maker = {.random = 20120301};
	char *wire = malloc(BYTES_MAX);
	unsigned good = 0;

	(void)state;
	assert_non_null(wire);
	tide_text_buffer_init(&maker.schema, BYTES_MAX);
	tide_text_buffer_init(&maker.json, BYTES_MAX);
	for (int i = 0; i < SCHEMAS; i++) {
		avro_schema_t schema;
		avro_value_iface_t *class;
		avro_value_t value;
		struct pair pair;

		make_schema(&maker);
		struct tide_mapping mapping = make_mapping(&maker);
		pair_open(&pair, &mapping);
		assert_int_equal(avro_schema_from_json_length(maker.schema.bytes,
		                                              maker.schema.length - 1, &schema), 0);
		class = avro_generic_class_from_schema(schema);
		assert_non_null(class);
		assert_int_equal(avro_generic_value_new(class, &value), 0);
		for (int j = 0; j < VALUES; j++)
			good += pair_check(&pair, &maker, &value, wire);
		avro_value_decref(&value);
		avro_value_iface_decref(class);
		avro_schema_decref(schema);
		pair_close(&pair);
	}
	printf("%u of %d records are good\n", good, SCHEMAS * VALUES);
	assert_true(good > SCHEMAS * VALUES / 20);
	tide_text_buffer_fini(&maker.schema);
	tide_text_buffer_fini(&maker.json);
	free(wire);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(avro_and_json_give_the_same_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
