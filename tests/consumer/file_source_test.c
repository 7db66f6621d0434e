#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "consumer/file_source.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/tide_file_source_XXXXXX";
static char path[128], packed[160];

struct heard {
	size_t count;
	char values[64][64];
	int64_t offsets[64], times[64];
	bool tombstone[64];
	const char *damage[64];
	char keys[64][16];
};

static int
setup(void **state)
{
	(void) state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/in", folder);
	return 0;
}

static int
teardown(void **state)
{
	char command[160];

	(void) state;
	snprintf(command, sizeof command, "rm -r %s", folder);
	return system(command);
}

static void
write_bytes(const char *bytes, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void
write_text(const char *text)
{
	write_bytes(text, strlen(text));
}

/* Packs `path` into `packed` and cuts the last bytes off. */
static void
pack(const char *program, int cut)
{
	char command[512];

	snprintf(packed, sizeof packed, "%s/packed", folder);
	snprintf(command, sizeof command, "%s -c %s | head -c -%d > %s", program, path, cut,
	         packed);
	assert_int_equal(system(command), 0);
}

static struct tide_source *
opened(const char *predictions, const char *labels)
{
	struct tide_source *source = NULL;
	struct tide_error error = {0};

	if (tide_file_source_open(predictions, labels, &source, &error))
		fail_msg("%s", error.text);
	return source;
}

/* Takes everything of a queue; returns 0 at END, -1 at an error. */
static int
hear(struct tide_source *source, size_t queue, struct heard *heard, struct tide_error *error)
{
	enum tide_supply supply = TIDE_SUPPLY_WAIT;
	struct tide_batch batch;
	unsigned sum = 0;

	memset(heard, 0, sizeof *heard);
	while (supply != TIDE_SUPPLY_END) {
		if (source->ops->take(source, queue, &batch, &supply, error))
			return -1;
		assert_int_equal(batch.count > 0, supply == TIDE_SUPPLY_RECORDS);
		assert_in_range(batch.count, 0, 1024);
		for (size_t i = 0; i < batch.count; i++, heard->count++) {
			const struct tide_record *r = &batch.records[i];
			size_t at = heard->count % 64;
			/* the sanitizer says no where the padding is not there */
			for (size_t p = 0; r->value && p < TIDE_SOURCE_PADDING; p++)
				sum += r->value[r->value_size + p];
			snprintf(heard->values[at], 64, "%.*s",
			         (int) (r->value_size < 63 ? r->value_size : 63),
			         r->value ? (const char *) r->value : "");
			snprintf(heard->keys[at], 16, "%.*s", (int) r->key_size,
			         r->key ? (const char *) r->key : "");
			heard->tombstone[at] = !r->value;
			heard->offsets[at] = r->offset;
			heard->times[at] = r->time_ms;
			heard->damage[at] = r->damage;
		}
	}
	return sum == UINT32_MAX ? 1 : 0;
}

static void
expect_two_lines(const char *file)
{
	struct tide_source *source = opened(NULL, file);
	const struct tide_queue *queues;
	struct tide_error error;
	struct heard heard;
	bool changed = true;

	assert_int_equal(source->ops->queues(source, &queues), 1);
	assert_int_equal(queues[0].role, 1);
	assert_int_equal(queues[0].partition, 0);
	assert_string_equal(queues[0].topic, file);
	assert_int_equal(source->ops->poll(source, 0, &changed, &error), 0);
	assert_false(changed);
	assert_int_equal(hear(source, 0, &heard, &error), 0);
	assert_int_equal(heard.count, 2);
	assert_string_equal(heard.values[0], "{\"a\":1}");
	assert_string_equal(heard.values[1], "{\"b\":2}");
	assert_int_equal(heard.offsets[1], 1);
	assert_true(heard.times[0] == INT64_MIN);
	assert_true(source->ops->progress(source) == 1);
	source->ops->close(source);
}

static void
plain_gzip_and_zstd_read_the_same(void **state)
{
	(void) state;
	write_text("{\"a\":1}\n\n\r\n{\"b\":2}\r\n");
	expect_two_lines(path);
	pack("gzip", 0);
	expect_two_lines(packed);
	pack("zstd -q", 0);
	expect_two_lines(packed);
}

static void
a_last_line_without_an_end_is_a_record(void **state)
{
	(void) state;
	write_text("{\"a\":1}\n{\"b\":2}");
	expect_two_lines(path);
}

static void
members_of_gzip_follow_each_other_and_zeros_may_end_them(void **state)
{
	char command[512];

	(void) state;
	snprintf(packed, sizeof packed, "%s/packed", folder);
	snprintf(command, sizeof command,
	         "(echo '{\"a\":1}' | gzip; echo '{\"b\":2}' | gzip; head -c 512 /dev/zero) > %s",
	         packed);
	assert_int_equal(system(command), 0);
	expect_two_lines(packed);
}

static void
an_empty_file_ends_at_once(void **state)
{
	struct tide_error error;
	struct heard heard;

	(void) state;
	write_text("");
	struct tide_source *source = opened(path, path);
	const struct tide_queue *queues;
	assert_int_equal(source->ops->queues(source, &queues), 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(queues[i].role, i);
		assert_int_equal(hear(source, i, &heard, &error), 0);
		assert_int_equal(heard.count, 0);
	}
	source->ops->close(source);
}

static void
a_line_too_long_is_damage_and_loses_nothing_else(void **state)
{
	/* the longest line that may be, one byte more, and several windows more */
	static const size_t sizes[] = {1048576, 1048577, 7000001};

	(void) state;
	for (size_t i = 0; i < 3; i++)
		for (int end = 0; end < 2; end++) {
			char *text = malloc(sizes[i] + 16);
			struct tide_error error;
			struct heard heard;
			memcpy(text, "1\n", 2);
			memset(text + 2, 'x', sizes[i]);
			memcpy(text + 2 + sizes[i], "\n2\n", 3);
			write_bytes(text, sizes[i] + (end ? 2 : 5));
			free(text);
			struct tide_source *source = opened(path, NULL);
			assert_int_equal(hear(source, 0, &heard, &error), 0);
			assert_int_equal(heard.count, end ? 2 : 3);
			assert_string_equal(heard.values[0], "1");
			assert_int_equal(heard.tombstone[1], i > 0);
			if (i > 0)
				assert_string_equal(heard.damage[1],
				                    "line longer than 1048576 bytes");
			else
				assert_null(heard.damage[1]);
			if (!end) {
				assert_string_equal(heard.values[2], "2");
				assert_int_equal(heard.offsets[2], 2);
				assert_null(heard.damage[2]);
			}
			source->ops->close(source);
		}
}

static void
a_truncated_stream_gives_its_records_and_then_fails_naming_file_and_line(void **state)
{
	static const char *const programs[] = {"gzip", "zstd -q"};

	(void) state;
	for (size_t i = 0; i < 2; i++) {
		struct tide_error error = {0};
		struct heard heard;
		FILE *file = fopen(path, "w");
		for (int n = 0; n < 200000; n++)
			fprintf(file, "{\"n\":%d}\n", n);
		fclose(file);
		pack(programs[i], 8);
		struct tide_source *source = opened(packed, NULL);
		assert_true(source->ops->progress(source) < 1);
		assert_int_equal(hear(source, 0, &heard, &error), -1);
		assert_int_equal(error.code, TIDE_ERROR_DATA);
		assert_non_null(strstr(error.text, packed));
		assert_non_null(strstr(error.text, "truncated"));
		char line[32];
		snprintf(line, sizeof line, "line %zu:", heard.count + 1);
		assert_non_null(strstr(error.text, line));
		assert_true(heard.count > 100000);
		assert_int_equal(hear(source, 0, &heard, &error), -1);
		source->ops->close(source);
	}
}

static void
a_missing_file_and_a_folder_are_no_input(void **state)
{
	struct tide_source *source = NULL;
	struct tide_error error = {0};

	(void) state;
	assert_int_equal(tide_file_source_open("/nowhere/x", NULL, &source, &error), -1);
	assert_int_equal(error.code, TIDE_ERROR_NO_INPUT);
	assert_non_null(strstr(error.text, "/nowhere/x: cannot be read: No such file"));
	assert_int_equal(tide_file_source_open(NULL, folder, &source, &error), -1);
	assert_int_equal(error.code, TIDE_ERROR_NO_INPUT);
	assert_int_equal(tide_file_source_open("-", "-", &source, &error), -1);
	assert_int_equal(error.code, TIDE_ERROR_USAGE);
	assert_null(source);
}

static const char dump[] =
        "{\"topic\":\"t\",\"partition\":3,\"offset\":70,"
        "\"tstype\":\"create\",\"ts\":1000,\"broker\":1,"
        "\"headers\":[\"partition\",\"9\"],\"key\":\"k\","
        "\"payload\":\"{\\\"x\\\":\\\"\\u00e9\\ud83d\\ude00\xff\\\"}\"}\n"
        "{\"topic\":\"t\",\"partition\":0,\"offset\":5,"
        "\"tstype\":\"create\",\"ts\":1001,\"key\":null,\"payload\":null}\n"
        "{\"topic\": \"t\", \"partition\": 3, \"offset\": 71, "
        "\"ts\": 1002, \"key\": \"\", \"payload\": \"b\"}\n"
        "{\"topic\":\"t\",\"partition\":3,\"off\n"
        "{\"topic\":\"t\",\"partition\":0,\"offset\":7,"
        "\"ts\":-1,\"key\":\"z\",\"payload\":\"c\"}\n";

static void
a_kcat_dump_has_a_queue_for_every_partition(void **state)
{
	const struct tide_queue *queues;
	struct tide_error error;
	struct heard heard;

	(void) state;
	write_text(dump);
	for (size_t first = 0; first < 2; first++) {
		struct tide_source *source = opened(path, NULL);
		assert_int_equal(source->ops->queues(source, &queues), 2);
		assert_int_equal(queues[0].partition, 3);
		assert_int_equal(queues[0].start_offset, 70);
		assert_int_equal(queues[1].partition, 0);
		assert_int_equal(queues[1].start_offset, 5);
		for (size_t i = 0; i < 2; i++) {
			size_t queue = first ^ i;
			assert_int_equal(hear(source, queue, &heard, &error), 0);
			if (queue == 0) {
				assert_int_equal(heard.count, 2);
				assert_string_equal(heard.values[0],
				                    "{\"x\":\"\xc3\xa9\xf0\x9f\x98\x80\xff\"}");
				assert_string_equal(heard.keys[0], "k");
				assert_int_equal(heard.times[0], 1000);
				assert_string_equal(heard.values[1], "b");
				assert_int_equal(heard.offsets[1], 71);
				continue;
			}
			assert_int_equal(heard.count, 3);
			assert_true(heard.tombstone[0]);
			assert_null(heard.damage[0]);
			assert_string_equal(heard.damage[1], "no kcat -J object");
			assert_string_equal(heard.values[1],
			                    "{\"topic\":\"t\",\"partition\":3,\"off");
			assert_int_equal(heard.offsets[1], 6);
			assert_string_equal(heard.values[2], "c");
			assert_true(heard.times[2] == INT64_MIN);
		}
		source->ops->close(source);
	}
}

static void
partitions_too_far_apart_are_a_memory_error_with_advice(void **state)
{
	struct tide_error error = {0};
	struct heard heard;
	FILE *file = fopen(path, "w");
	char *text = malloc(1000001);

	(void) state;
	memset(text, 'x', 1000000);
	text[1000000] = 0;
	for (int i = 0; i < 71; i++)
		fprintf(file,
		        "{\"topic\":\"t\",\"partition\":%d,\"offset\":%d,\"ts\":1,"
		        "\"payload\":\"%s\"}\n",
		        i == 70, i, text);
	fclose(file);
	free(text);
	struct tide_source *source = opened(path, NULL);
	assert_int_equal(hear(source, 1, &heard, &error), -1);
	assert_int_equal(error.code, TIDE_ERROR_MEMORY);
	assert_non_null(strstr(error.text, "split the dump by partition"));
	source->ops->close(source);
	source = opened(path, NULL);
	assert_int_equal(hear(source, 0, &heard, &error), 0);
	assert_int_equal(heard.count, 70);
	assert_int_equal(hear(source, 1, &heard, &error), 0);
	assert_int_equal(heard.count, 1);
	source->ops->close(source);
}

static void
stdin_has_partition_0_only_and_no_end_to_measure(void **state)
{
	const struct tide_queue *queues;
	struct tide_error error;
	struct heard heard;
	int pipes[2], saved = dup(STDIN_FILENO);

	(void) state;
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(write(pipes[1], dump, sizeof dump - 1), sizeof dump - 1);
	close(pipes[1]);
	dup2(pipes[0], STDIN_FILENO);
	close(pipes[0]);
	struct tide_source *source = opened("-", NULL);
	assert_int_equal(source->ops->queues(source, &queues), 1);
	assert_true(isnan(source->ops->progress(source)));
	assert_int_equal(hear(source, 0, &heard, &error), 0);
	assert_int_equal(heard.count, 5);
	assert_non_null(heard.damage[0]);
	assert_null(heard.damage[1]);
	assert_int_equal(heard.offsets[1], 5);
	assert_non_null(heard.damage[2]);
	source->ops->close(source);
	dup2(saved, STDIN_FILENO);
	close(saved);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(plain_gzip_and_zstd_read_the_same),
	        cmocka_unit_test(a_last_line_without_an_end_is_a_record),
	        cmocka_unit_test(members_of_gzip_follow_each_other_and_zeros_may_end_them),
	        cmocka_unit_test(an_empty_file_ends_at_once),
	        cmocka_unit_test(a_line_too_long_is_damage_and_loses_nothing_else),
	        cmocka_unit_test(
	                a_truncated_stream_gives_its_records_and_then_fails_naming_file_and_line),
	        cmocka_unit_test(a_missing_file_and_a_folder_are_no_input),
	        cmocka_unit_test(a_kcat_dump_has_a_queue_for_every_partition),
	        cmocka_unit_test(partitions_too_far_apart_are_a_memory_error_with_advice),
	        cmocka_unit_test(stdin_has_partition_0_only_and_no_end_to_measure),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
