/* The first byte chooses the schema, the rest is a record. */
#include "fuzz.h"
#include "schemas/avro_schema.h"

#define F(name, type) "{\"name\":\"" name "\",\"type\":" type "}"

/* Every type of Avro, kept and skipped. */
static const char all[] =
    "{\"type\":\"record\",\"name\":\"R\",\"fields\":["
    F("skipped", "[\"null\",{\"type\":\"map\",\"values\":{\"type\":\"array\",\"items\":"
                 "{\"type\":\"record\",\"name\":\"S\",\"fields\":["
                 F("a", "\"bytes\"") "," F("b", "[\"boolean\",\"float\",\"null\"]") "]}}}]") ","
    F("nothing", "{\"type\":\"array\",\"items\":\"null\"}") ","
    F("id", "\"long\"") ","
    F("ts", "{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}") ","
    F("scores", "{\"type\":\"array\",\"items\":\"double\"}") ","
    F("f", "{\"type\":\"record\",\"name\":\"T\",\"fields\":["
           F("x", "[\"null\",\"float\"]") "," F("y", "\"int\"") ","
           F("e", "{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"u\",\"v\"]}") ","
           F("z", "{\"type\":\"fixed\",\"name\":\"F\",\"size\":3}") "," F("s", "\"S\"") "]}") ","
    F("m", "{\"type\":\"map\",\"values\":[\"null\",\"string\",\"bytes\",\"boolean\","
           "{\"type\":\"array\",\"items\":\"string\"}]}") "]}";

static const char *const names[] = {"a", "b"};

static struct tide_decoder *
decoder_of(size_t which)
{
	static struct tide_mapping mappings[] = {
	    {.format = TIDE_FORMAT_AVRO, .id = {"prediction_id"}, .id_count = 1, .timestamp = "ts",
	     .model = "model", .version = "model_version", .prediction = "prediction",
	     .proba = "probas", .proba_is_classes = true, .features = "features",
	     .latency = "latency_ms", .error = "error", .weight = "weight",
	     .problem = TIDE_PROBLEM_MULTICLASS},
	    {.format = TIDE_FORMAT_AVRO, .role = TIDE_LABELS, .id = {"prediction_id"},
	     .id_count = 1, .timestamp = "ts", .target = "label", .confluent_frame = true,
	     .problem = TIDE_PROBLEM_REGRESSION},
	    {.format = TIDE_FORMAT_AVRO, .avro_schema = all, .id = {"id"}, .id_count = 1,
	     .timestamp = "ts", .proba = "scores", .class_count = 2, .features = "f",
	     .error = "m", .fields = {"m.a", "m.b.c", "f.s.a"}, .field_count = 3,
	     .problem = TIDE_PROBLEM_MULTICLASS}};

	mappings[0].avro_schema = tide_avro_schema[0].text;
	mappings[1].avro_schema = tide_avro_schema[1].text;
	mappings[2].classes = (const char **)(uintptr_t)names;
	return tide_fuzz_decoder(&mappings[which]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct tide_decoder *decoders[3];

	for (size_t i = 0; i < 3; i++)
		if (!decoders[i])
			decoders[i] = decoder_of(i);
	if (size > 0)
		tide_fuzz_decode(decoders[bytes[0] % 3], bytes + 1, size - 1, 0);
	return 0;
}
