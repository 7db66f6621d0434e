/*
 * Every allocation of a small reading fails once: a config, its files, each record decoded, a line
 * written for each. The reading then either ends with an error and leaves nothing behind (the leak
 * check at exit, the same free file number), or it could do without and wrote the same bytes.
 */
#include "app/config.h"
#include "consumer/file_sink.h"
#include "consumer/file_source.h"
#include "schemas/decode.h"
#include "torture.h"

static const char config_text[] =
    "name: loans\n"
    "problem_type: classification_binary\n"
    "inputs:\n"
    "  predictions:\n"
    "    file: p\n"
    "    map: {id: id, timestamp: t, prediction: y, proba: s, features: f, zone: z}\n"
    "  labels:\n"
    "    file: l\n"
    "    format: avro\n"
    "    schema: l.avsc\n"
    "    map: {id: id, timestamp: t, target: y}\n"
    "segments: [zone]\n"
    "window: {size: 1h, label_horizon: 1h}\n"
    "rules: [{name: wrong, metric: accuracy_score, below: 0.9}]\n";

static const char schema_text[] =
    "{\"type\":\"record\",\"name\":\"L\",\"fields\":[{\"name\":\"id\",\"type\":\"string\"},"
    "{\"name\":\"t\",\"type\":\"long\"},{\"name\":\"y\",\"type\":{\"type\":\"enum\","
    "\"name\":\"Y\",\"symbols\":[\"0\",\"1\"]}}]}";

static void
prediction_print(FILE *file, int i)
{
	fprintf(file, "{\"id\":\"i%02d\",\"t\":%d,\"y\":%d,\"s\":0.%02d,", i, i * 300000, i % 2, i);
	fprintf(file, "\"f\":{\"a\":%d,\"b\":\"%c\"},\"z\":\"%c\"}\n", i * i % 17, "xyz"[i % 3],
	        "ns"[i % 2]);
}

/* An Avro label in a line of kcat: a text of three bytes, a long, a symbol. */
static void
label_print(FILE *file, int i)
{
	unsigned long bits = 2ul * (unsigned long)i * 300000ul;

	fprintf(file, "{\"topic\":\"l\",\"partition\":0,\"offset\":%d,\"ts\":%d,\"payload\":"
	        "\"\\u0006i%02d", i, i * 300000, i);
	for (; bits > 127; bits >>= 7)
		fputc((int)(128 | (bits & 127)), file);
	fprintf(file, "\\u%04lx\\u%04x\"}\n", bits, i % 3 == 0 ? 2u : 0u);
}

static void
inputs_write(void)
{
	FILE *file = create("c.yaml");

	fputs(config_text, file);
	fclose(file);
	file = create("l.avsc");
	fputs(schema_text, file);
	fclose(file);
	file = create("p");
	for (int i = 0; i < 60; i++)
		prediction_print(file, i);
	fputs("{\"id\":1.5}\n", file);
	fclose(file);
	file = create("l");
	for (int i = 0; i < 60; i++)
		label_print(file, i);
	fclose(file);
}

/* A line for each record of a queue: what the decoder made of it. */
static int
queue_write(struct tide_source *source, size_t queue, struct tide_decoder *decoder,
            struct tide_sink *sink, struct tide_error *error)
{
	enum tide_supply supply = TIDE_SUPPLY_RECORDS;

	while (supply != TIDE_SUPPLY_END) {
		struct tide_batch batch = {0};

		if (source->ops->take(source, queue, &batch, &supply, error))
			return -1;
		for (size_t i = 0; i < batch.count; i++) {
			struct tide_event event = {.record_ms = batch.records[i].time_ms};
			char line[512];
			int length;

			tide_decode(decoder, batch.records[i].value, batch.records[i].value_size,
			            &event);
			if (tide_decode_lost(decoder))
				return tide_error_stop(error, TIDE_ERROR_MEMORY, "a name is lost");
			length = snprintf(line, sizeof(line), "%s %.*s %lld %g %g %zu",
			                  event.poison ? event.poison : "good",
			                  (int)event.id.length,
			                  event.id.length ? event.id.bytes : "",
			                  (long long)event.time_ms, event.prediction.number,
			                  event.score.number, event.value_count);
			struct tide_letter letter = {.kind = TIDE_LETTER_RESULT,
			                             .value = (const uint8_t *)line,
			                             .value_size = (size_t)length};
			if (sink->ops->give(sink, &letter, error))
				return -1;
		}
	}
	return sink->ops->commit(sink, NULL, 0, error);
}

static int
files_read(const struct tide_config *config, struct tide_source *source, struct tide_sink *sink,
           struct tide_error *error)
{
	struct tide_columns *columns = tide_mapping_columns_new();
	const struct tide_queue *queues;
	size_t count = source->ops->queues(source, &queues);
	int failed = columns ? 0 : tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");

	for (size_t i = 0; !failed && i < count; i++) {
		const struct tide_mapping *mapping = queues[i].role ? &config->labels.mapping
		                                                    : &config->predictions.mapping;
		struct tide_decoder *decoder = NULL;

		failed = tide_decode_new(mapping, columns, &decoder, error);
		if (!failed)
			failed = queue_write(source, i, decoder, sink, error);
		tide_decode_free(decoder);
	}
	tide_mapping_columns_free(columns);
	return failed;
}

static int
config_read(const struct tide_config *config, struct tide_error *error)
{
	struct tide_source *source;
	struct tide_sink *sink;
	int failed;

	if (tide_file_source_open(config->predictions.file, config->labels.file, &source, error))
		return -1;
	failed = tide_file_sink_open(path_of("out"), NULL, NULL, &sink, error);
	if (!failed) {
		failed = files_read(config, source, sink, error);
		sink->ops->close(sink);
	}
	source->ops->close(source);
	return failed;
}

/* 0, or the code of the error. */
static int
reading(void)
{
	struct tide_config *config;
	struct tide_error error = {0};
	int failed;

	calls = 0;
	failed = tide_config_load(path_of("c.yaml"), &config, &error);
	if (!failed) {
		failed = config_read(config, &error);
		tide_config_free(config);
	}
	if (failed)
		assert_true(error.code != TIDE_ERROR_NONE && error.text[0] != '\0');
	return failed ? (int)error.code : 0;
}

static size_t
output_read(char *bytes)
{
	FILE *file = fopen(path_of("out"), "rb");
	size_t length;

	assert_non_null(file);
	length = fread(bytes, 1, OUTPUT_BYTES_MAX, file);
	fclose(file);
	return length;
}

static void
each_allocation_may_fail(void **state)
{
	char *expected = malloc(OUTPUT_BYTES_MAX), *got = malloc(OUTPUT_BYTES_MAX);
	unsigned long all, survived = 0, wrong = 0;
	size_t length;
	int number;

	(void)state;
	assert_true(expected && got);
	inputs_write();
	failing = 0;
	assert_int_equal(reading(), 0);
	all = calls;
	length = output_read(expected);
	assert_true(all > 50 && length > 2000);
	number = free_number();
	for (unsigned long n = 1; n <= all; n++) {
		failing = n;
		int code = reading();
		failing = 0;
		if (code == 0 && (output_read(got) != length ||
		                  memcmp(expected, got, length) != 0))
			wrong += say(n, "another answer");
		if (free_number() != number)
			wrong += say(n, "a file stays open");
		survived += code == 0;
	}
	fprintf(stderr, "%lu allocations, %lu of them could be done without\n", all, survived);
	free(expected);
	free(got);
	assert_int_equal(wrong, 0);
}

int
main(void)
{
	static const char *const names[] = {"c.yaml", "l.avsc", "p", "l", "out"};
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_allocation_may_fail),
	};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(path_of(names[i]));
	rmdir(folder);
	return failed;
}
