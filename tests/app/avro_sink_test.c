#include "app/avro_sink.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* A sink that keeps the last letter and counts what else it is asked. */
struct last {
	struct tide_sink base;
	uint8_t value[256];
	size_t value_size, key_size, commits, closes;
};

static int
last_give(struct tide_sink *base, const struct tide_letter *letter, struct tide_error *error)
{
	struct last *last = (struct last *) base;

	(void) error;
	assert_true(letter->value_size <= sizeof(last->value));
	memcpy(last->value, letter->value, letter->value_size);
	last->value_size = letter->value_size;
	last->key_size = letter->key_size;
	base->given[letter->kind]++;
	return 0;
}

static int
last_commit(struct tide_sink *base, const struct tide_position *positions, size_t count,
            struct tide_error *error)
{
	(void) positions, (void) error;
	((struct last *) base)->commits += count;
	return 0;
}

static void
last_close(struct tide_sink *base)
{
	((struct last *) base)->closes++;
}

static const struct tide_sink_ops last_ops = {.give = last_give, .commit = last_commit,
	.close = last_close};

static int
give(struct tide_sink *sink, enum tide_letter_kind kind, const char *text,
     struct tide_error *error)
{
	struct tide_letter letter = {.kind = kind, .key = (const uint8_t *) "key", .key_size = 3,
		.value = (const uint8_t *) text, .value_size = strlen(text)};

	return sink->ops->give(sink, &letter, error);
}

#define RESULT "{\"schema\":1,\"name\":\"n\",\"segment\":{},\"window_start\":0,\"window_end\":64," \
	"\"side\":\"label\",\"timing\":\"final\",\"revision\":0,\"is_final\":true," \
	"\"complete\":false,\"coverage\":1,\"counts\":{\"accepted\":2},\"findings\":[]," \
	"\"distributions\":[],\"confusion\":null,\"curve\":null,\"config_hash\":\"h\"," \
	"\"part\":1,\"parts\":1"

/* By the words of the Avro specification and result.avsc, field after field. */
static const uint8_t datum[] = {
	2, 2, 'n', 0, 0, 0, 0, 128, 1, 10, 'l', 'a', 'b', 'e', 'l', 10, 'f', 'i', 'n', 'a', 'l', 0,
	0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 240, 63, 2, 16, 'a', 'c', 'c', 'e', 'p', 't', 'e',
	'd', 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 2, 'h', 2, 2};

static void
a_result_leaves_as_avro_and_all_else_as_it_came(void **state)
{
	struct tide_config config = {.results.format = TIDE_FORMAT_AVRO};
	struct last last = {.base.ops = &last_ops};
	struct tide_sink *sink = &last.base;
	struct tide_error error = {0};

	(void) state;
	assert_int_equal(tide_avro_sink_wrap(&sink, &config, &error), 0);
	assert_ptr_equal(tide_avro_sink_behind(sink), &last.base);
	assert_int_equal(give(sink, TIDE_LETTER_RESULT, RESULT "}", &error), 0);
	assert_int_equal(last.value_size, sizeof(datum));
	assert_memory_equal(last.value, datum, sizeof(datum));
	assert_int_equal(last.key_size, 3);
	assert_int_equal(give(sink, TIDE_LETTER_ALERT, "{\"a\":1}", &error), 0);
	assert_memory_equal(last.value, "{\"a\":1}", last.value_size);
	assert_int_equal(give(sink, TIDE_LETTER_DEAD, "\xff", &error), 0);
	assert_memory_equal(last.value, "\xff", last.value_size);
	assert_int_equal(give(sink, TIDE_LETTER_STATE, "a1;1", &error), 0);
	assert_memory_equal(last.value, "a1;1", last.value_size);
	assert_int_equal(give(sink, TIDE_LETTER_PARTIAL, "p1;1", &error), 0);
	assert_memory_equal(last.value, "p1;1", last.value_size);
	assert_int_equal(give(sink, TIDE_LETTER_PREDICTION, "{\"i\":1}", &error), 0);
	assert_memory_equal(last.value, "{\"i\":1}", last.value_size);
	assert_int_equal(give(sink, TIDE_LETTER_LABEL, "{\"i\":2}", &error), 0);
	assert_memory_equal(last.value, "{\"i\":2}", last.value_size);
	for (size_t kind = 0; kind < TIDE_LETTER_KINDS; kind++)
		assert_int_equal(sink->given[kind], 1);
	assert_int_equal(sink->ops->commit(sink, NULL, 5, &error), 0);
	assert_int_equal(last.commits, 5);
	sink->ops->close(sink);
	assert_int_equal(last.closes, 1);
}

static void
a_member_without_a_field_is_refused_with_its_path(void **state)
{
	struct tide_config config = {.results.format = TIDE_FORMAT_AVRO};
	struct last last = {.base.ops = &last_ops};
	struct tide_sink *sink = &last.base;
	struct tide_error error = {0};

	(void) state;
	assert_int_equal(tide_avro_sink_wrap(&sink, &config, &error), 0);
	assert_int_equal(give(sink, TIDE_LETTER_RESULT, RESULT ",\"more\":1}", &error), -1);
	assert_int_equal(error.code, TIDE_ERROR_BUG);
	assert_non_null(strstr(error.text, "more: the schema has no such field"));
	assert_int_equal(give(sink, TIDE_LETTER_RESULT, "{\"schema\":\"1\"}", &error), -1);
	if (!strstr(error.text, "schema: the value is no int"))
		fail_msg("%s", error.text);
	assert_int_equal(last.base.given[TIDE_LETTER_RESULT], 0);
	sink->ops->close(sink);
}

static void
json_outputs_need_no_sink_before_the_sink(void **state)
{
	struct tide_config config = {.dead_letters.format = TIDE_FORMAT_AVRO};
	struct last last = {.base.ops = &last_ops};
	struct tide_sink *sink = &last.base;
	struct tide_error error = {0};

	(void) state;
	assert_int_equal(tide_avro_sink_wrap(&sink, &config, &error), 0);
	assert_ptr_equal(sink, &last.base);
	assert_ptr_equal(tide_avro_sink_behind(sink), &last.base);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_result_leaves_as_avro_and_all_else_as_it_came),
		cmocka_unit_test(a_member_without_a_field_is_refused_with_its_path),
		cmocka_unit_test(json_outputs_need_no_sink_before_the_sink),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
