#include "schemas/avro_encode.h"
#include <avro.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct tide_avro_encoder {
	avro_schema_t schema;
};

struct writer {
	struct tide_buffer *out;
	struct tide_error *error;
};

static int put_value(struct writer *writer, avro_schema_t schema, json_t *json);

static void
put_long(struct writer *writer, int64_t value)
{
	uint64_t bits = (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
	uint8_t bytes[10];
	size_t count = 0;

	for (; bits > 0x7f; bits >>= 7)
		bytes[count++] = (uint8_t)(0x80 | (bits & 0x7f));
	bytes[count++] = (uint8_t)bits;
	tide_text_put(writer->out, bytes, count);
}

static void
put_double(struct writer *writer, double value)
{
	uint8_t bytes[8];
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(bits >> 8 * i);
	tide_text_put(writer->out, bytes, sizeof(bytes));
}

static void
put_text(struct writer *writer, const char *bytes, size_t length)
{
	put_long(writer, (int64_t)length);
	tide_text_put(writer->out, bytes, length);
}

/* Whether a value is of the schema's own type; what it holds is seen when it is written. */
static bool
fits(avro_schema_t schema, const json_t *json)
{
	switch (avro_typeof(schema)) {
	case AVRO_NULL:
		return json_is_null(json);
	case AVRO_BOOLEAN:
		return json_is_boolean(json);
	case AVRO_INT32:
		return json_is_integer(json) && json_integer_value(json) >= INT32_MIN &&
		       json_integer_value(json) <= INT32_MAX;
	case AVRO_INT64:
		return json_is_integer(json);
	case AVRO_DOUBLE:
		return json_is_number(json);
	case AVRO_STRING:
		return json_is_string(json);
	case AVRO_ARRAY:
		return json_is_array(json);
	case AVRO_MAP:
	case AVRO_RECORD:
		return json_is_object(json);
	case AVRO_UNION:
		return true;
	default:
		return false; /* no schema that ships has bytes, fixed, float or enum */
	}
}

static avro_schema_t
target(avro_schema_t schema)
{
	return is_avro_link(schema) ? avro_schema_link_target(schema) : schema;
}

/* Records of one union are told apart by their fields. */
static bool
has_fields(avro_schema_t schema, json_t *json)
{
	const char *name;
	json_t *member;

	json_object_foreach(json, name, member)
		if (avro_schema_record_field_get_index(schema, name) < 0)
			return false;
	return true;
}

static int
put_union(struct writer *writer, avro_schema_t schema, json_t *json)
{
	size_t count = avro_schema_union_size(schema);

	for (size_t i = 0; i < count; i++) {
		avro_schema_t branch = target(avro_schema_union_branch(schema, (int)i));

		if (fits(branch, json) && (!is_avro_record(branch) || has_fields(branch, json))) {
			put_long(writer, (int64_t)i);
			return put_value(writer, branch, json);
		}
	}
	return tide_error_stop(writer->error, TIDE_ERROR_BUG, "no branch of the union fits");
}

static int
put_record(struct writer *writer, avro_schema_t schema, json_t *json)
{
	size_t count = avro_schema_record_size(schema);
	const char *name;
	json_t *member, *null = json_null();

	json_object_foreach(json, name, member)
		if (avro_schema_record_field_get_index(schema, name) < 0)
			return tide_error_stop(writer->error, TIDE_ERROR_BUG,
			                       "%s: the schema has no such field", name);
	for (size_t i = 0; i < count; i++) {
		name = avro_schema_record_field_name(schema, (int)i);
		member = json_object_get(json, name);
		if (put_value(writer, avro_schema_record_field_get_by_index(schema, (int)i),
		              member ? member : null))
			return tide_error_prefix(writer->error, "%s: ", name);
	}
	return 0;
}

static int
put_items(struct writer *writer, avro_schema_t schema, json_t *json)
{
	size_t count = json_array_size(json);

	if (count > 0)
		put_long(writer, (int64_t)count);
	for (size_t i = 0; i < count; i++)
		if (put_value(writer, avro_schema_array_items(schema), json_array_get(json, i)))
			return tide_error_prefix(writer->error, "[%zu]: ", i);
	put_long(writer, 0);
	return 0;
}

static int
put_members(struct writer *writer, avro_schema_t schema, json_t *json)
{
	size_t count = json_object_size(json);
	const char *name;
	json_t *member;

	if (count > 0)
		put_long(writer, (int64_t)count);
	json_object_foreach(json, name, member) {
		put_text(writer, name, strlen(name));
		if (put_value(writer, avro_schema_map_values(schema), member))
			return tide_error_prefix(writer->error, "%s: ", name);
	}
	put_long(writer, 0);
	return 0;
}

static int
put_value(struct writer *writer, avro_schema_t schema, json_t *json)
{
	schema = target(schema);
	if (!fits(schema, json))
		return tide_error_stop(writer->error, TIDE_ERROR_BUG, "the value is no %s",
		                       avro_schema_type_name(schema));
	switch (avro_typeof(schema)) {
	case AVRO_BOOLEAN:
		tide_text_put(writer->out, json_is_true(json) ? "\1" : "\0", 1);
		return 0;
	case AVRO_INT32:
	case AVRO_INT64:
		put_long(writer, json_integer_value(json));
		return 0;
	case AVRO_DOUBLE:
		put_double(writer, json_number_value(json));
		return 0;
	case AVRO_STRING:
		put_text(writer, json_string_value(json), json_string_length(json));
		return 0;
	case AVRO_ARRAY:
		return put_items(writer, schema, json);
	case AVRO_MAP:
		return put_members(writer, schema, json);
	case AVRO_RECORD:
		return put_record(writer, schema, json);
	case AVRO_UNION:
		return put_union(writer, schema, json);
	default: /* null has no bytes */
		return 0;
	}
}

int
tide_avro_encode(const struct tide_avro_encoder *encoder, struct tide_text json,
                 struct tide_buffer *out, struct tide_error *error)
{
	struct writer writer = {out, error};
	json_error_t where;
	json_t *document = json_loadb(json.bytes, json.length, JSON_ALLOW_NUL, &where);
	int failed;

	if (!document)
		return tide_error_stop(error, TIDE_ERROR_BUG, "a document for Avro is no JSON: %s",
		                       where.text);
	failed = put_value(&writer, encoder->schema, document);
	if (failed)
		failed = tide_error_prefix(error, "a document does not fit the Avro schema %s: ",
		                           avro_schema_name(encoder->schema));
	json_decref(document);
	if (!failed && out->failed)
		failed = tide_error_stop(error, TIDE_ERROR_MEMORY, "no memory for an Avro record");
	return failed;
}

int
tide_avro_encode_new(const char *schema, struct tide_avro_encoder **encoder,
                     struct tide_error *error)
{
	struct tide_avro_encoder *made = calloc(1, sizeof(*made));

	if (!made)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "no memory for an Avro schema");
	if (avro_schema_from_json_length(schema, strlen(schema), &made->schema)) {
		free(made);
		return tide_error_stop(error, TIDE_ERROR_CONFIG, "the Avro schema is none: %.300s",
		                       avro_strerror());
	}
	*encoder = made;
	return 0;
}

void
tide_avro_encode_free(struct tide_avro_encoder *encoder)
{
	if (!encoder)
		return;
	avro_schema_decref(encoder->schema);
	free(encoder);
}
