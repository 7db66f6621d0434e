/*
 * Every allocation of a small replay fails once. The replay then either says that memory is out
 * and leaves nothing behind (the leak check at exit, the same free file number), or it could do
 * without and its answer is the same, byte for byte.
 */
#include "app/command.h"
#include "torture.h"

static const char config[] =
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
    "reference: {records: r}\n"
    "window: {size: 1h, label_horizon: 1h}\n"
    "rules: [{name: wrong, metric: accuracy_score, below: 0.9}]\n";

static const char schema[] =
    "{\"type\":\"record\",\"name\":\"L\",\"fields\":[{\"name\":\"id\",\"type\":\"string\"},"
    "{\"name\":\"t\",\"type\":\"long\"},{\"name\":\"y\",\"type\":{\"type\":\"enum\","
    "\"name\":\"Y\",\"symbols\":[\"0\",\"1\"]}}]}";

static void
prediction_print(FILE *file, int i, bool reference)
{
	fprintf(file, "{\"id\":\"i%02d\",\"t\":%d,\"y\":%d,\"s\":0.%02d,", i, i * 300000, i % 2, i);
	fprintf(file, "\"f\":{\"a\":%d,\"b\":\"%c\"},\"z\":\"%c\"%s}\n", i * i % 17, "xyz"[i % 3],
	        "ns"[i % 2], reference ? ",\"y\":1" : "");
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
	static const char *const names[] = {"p", "r"};
	FILE *file = create("c.yaml");

	fputs(config, file);
	fclose(file);
	file = create("l.avsc");
	fputs(schema, file);
	fclose(file);
	for (size_t k = 0; k < 2; k++) {
		file = create(names[k]);
		for (int i = 0; i < 60; i++)
			prediction_print(file, i, k == 1);
		if (k == 0)
			fputs("{\"id\":1.5}\n", file);
		fclose(file);
	}
	file = create("l");
	for (int i = 0; i < 60; i++)
		label_print(file, i);
	fclose(file);
}

static int
replay(void)
{
	static const char *const names[] = {"c.yaml", "results", "alerts", "dead"};
	static char paths[4][PATH_BYTES];
	char *arguments[] = {paths[0], "--results", paths[1], "--alerts", paths[2],
	                     "--dead-letters", paths[3]};

	for (size_t i = 0; i < 4; i++)
		snprintf(paths[i], PATH_BYTES, "%s/%s", folder, names[i]);
	calls = 0;
	return tide_command_replay(7, arguments);
}

/* All that a replay wrote, in one piece. */
static size_t
outputs_read(char *bytes)
{
	static const char *const names[] = {"results", "alerts", "dead"};
	size_t length = 0;

	for (size_t i = 0; i < 3; i++) {
		FILE *file = fopen(path_of(names[i]), "rb");

		assert_non_null(file);
		length += fread(bytes + length, 1, OUTPUT_BYTES_MAX - length, file);
		fclose(file);
	}
	assert_true(length < OUTPUT_BYTES_MAX);
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
	assert_int_equal(replay(), 0);
	all = calls;
	length = outputs_read(expected);
	assert_true(all > 100 && length > 10000);
	number = free_number();
	for (unsigned long n = 1; n <= all; n++) {
		failing = n;
		int code = replay();
		failing = 0;
		if (code != 0 && code != TIDE_ERROR_MEMORY)
			wrong += say(n, "another exit than 71");
		if (code == 0 && (outputs_read(got) != length ||
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
	static const char *const names[] = {"c.yaml", "l.avsc", "p", "r", "l", "results", "alerts",
	                                    "dead"};
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
