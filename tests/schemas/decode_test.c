#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/decode.h"

static const struct tide_mapping plain = {.role = TIDE_PREDICTIONS,
                                          .id = {"prediction_id"},
                                          .id_count = 1,
                                          .timestamp = "ts",
                                          .model = "model",
                                          .version = "model_version",
                                          .prediction = "prediction",
                                          .proba = "proba",
                                          .features = "features",
                                          .weight = "weight",
                                          .problem = TIDE_PROBLEM_BINARY};

struct bench {
	struct tide_columns *columns;
	struct tide_decoder *decoder;
	struct tide_event event;
	uint8_t bytes[4096];
};

static void
bench_open(struct bench *bench, const struct tide_mapping *mapping)
{
	struct tide_error error;

	memset(bench, 0, sizeof(*bench));
	bench->columns = tide_mapping_columns_new();
	assert_non_null(bench->columns);
	assert_int_equal(tide_decode_new(mapping, bench->columns, &bench->decoder, &error), 0);
}

static void
bench_close(struct bench *bench)
{
	tide_decode_free(bench->decoder);
	tide_mapping_columns_free(bench->columns);
}

static void
decode(struct bench *bench, const char *record)
{
	size_t size = strlen(record);

	assert_true(size + TIDE_DECODE_PADDING <= sizeof(bench->bytes));
	memset(bench->bytes, '}', sizeof(bench->bytes));
	memcpy(bench->bytes, record, size);
	tide_decode(bench->decoder, bench->bytes, size, &bench->event);
}

/* A record with one thing wrong, and the reason that names it. */
static const struct {
	const char *record, *reason;
} wrong[] = {
    {"", "empty"},
    {" \n", "empty"},
    {"[1]", "not_object"},
    {"7", "not_object"},
    {"nonsense", "not_json"},
    {"{\"label\"", "not_json"},
    {"{\"a\":NaN}", "not_json"},
    {"{\"a\":01}", "not_json"},
    {"{\"a\":nul}", "not_json"},
    {"{\"a\":1,}", "not_json"},
    {"{\"a\":[1,]}", "not_json"},
    {"{\"a\":\"x}", "not_json"},
    {"{\"a\":\"\\x\"}", "not_json"},
    {"{\"prediction_id\":\"a\",\"ts\":1,\"prediction\":1} {}", "not_json"},
    {"{\"prediction_id\":\"a\",\"ts\":1,\"prediction\":1}x", "not_json"},
    {"{\"prediction_id\":\"a\",\"ts\":1,\"prediction\":1}}", "not_json"},
    {"{\"prediction_id\":\"a\",\"ts\":1,\"prediction\":1,\"z\":{\"y\":[tru]}}", "not_json"},
    {"{\"a\":\"\xff\"}", "not_utf8"},
    {"{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}", "too_deep"},
    {"{\"ts\":1,\"prediction\":1}", "missing_id"},
    {"{\"prediction_id\":null,\"ts\":1,\"prediction\":1}", "missing_id"},
    {"{\"prediction_id\":\"\",\"ts\":1,\"prediction\":1}", "bad_id"},
    {"{\"prediction_id\":1.5,\"ts\":1,\"prediction\":1}", "bad_id"},
    {"{\"prediction_id\":\"a\",\"prediction\":1}", "missing_timestamp"},
    {"{\"prediction_id\":\"a\",\"ts\":\"1\",\"prediction\":1}", "bad_timestamp"},
    {"{\"prediction_id\":\"a\",\"ts\":1.5,\"prediction\":1}", "bad_timestamp"},
    {"{\"prediction_id\":\"a\",\"ts\":-1,\"prediction\":1}", "negative_timestamp"},
    {"{\"prediction_id\":\"a\",\"ts\":1}", "missing_prediction"},
    {"{\"prediction_id\":\"a\",\"ts\":1,\"prediction\":[1]}", "bad_prediction"},
    {"{\"prediction_id\":\"a\",\"ts\":1,\"prediction\":1,\"proba\":1.1}", "bad_score"},
    {"{\"prediction_id\":\"a\",\"ts\":1,\"prediction\":1,\"proba\":\"x\"}", "bad_score"},
    {"{\"prediction_id\":\"a\",\"ts\":1,\"prediction\":1,\"features\":[]}", "bad_features"},
    {"{\"prediction_id\":\"a\",\"ts\":1,\"prediction\":1,\"weight\":-1}", "bad_weight"},
};

static void
each_wrong_record_is_poison_for_its_own_reason(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, &plain);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		decode(&bench, wrong[i].record);
		if (!bench.event.poison || strcmp(bench.event.poison, wrong[i].reason) != 0)
			fail_msg("%s: %s", wrong[i].record,
			         bench.event.poison ? bench.event.poison : "not poison");
	}
	bench_close(&bench);
}

static void
a_good_prediction_gives_all_that_is_mapped(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, &plain);
	decode(&bench, "{\"prediction_id\":\"bk-008645\",\"model\":\"bike-demand\","
	               "\"model_version\":\"1\",\"ts\":1325376000000,\"features\":{"
	               "\"season\":\"spring\",\"hour\":0,\"temp\":8.919999999999998,"
	               "\"odd\":[1],\"none\":null,\"hour\":5},\"prediction\":36.5062}");
	assert_null(bench.event.poison);
	assert_true(tide_text_is(bench.event.id, "bk-008645"));
	assert_true(tide_text_is(bench.event.model, "bike-demand"));
	assert_true(tide_text_is(bench.event.version, "1"));
	assert_true(bench.event.time_ms == 1325376000000);
	assert_true(bench.event.prediction.number == 36.5062);
	assert_int_equal(bench.event.score.kind, TIDE_VALUE_NULL);
	assert_int_equal(bench.event.value_count, 5);
	assert_true(tide_text_is(bench.event.values[0].text, "spring"));
	assert_true(bench.event.values[1].number == 0); /* the first of two keys */
	assert_true(tide_text_is(bench.event.values[2].text, "8.919999999999998"));
	assert_int_equal(bench.event.values[3].kind, TIDE_VALUE_OTHER);
	assert_int_equal(bench.event.values[4].kind, TIDE_VALUE_NULL);
	bench_close(&bench);
}

static void
list_ids_are_joined_and_dotted_paths_are_found_in_any_order(void **state)
{
	struct tide_mapping mapping = {.role = TIDE_LABELS,
	                               .id = {"a.b", "n"},
	                               .id_count = 2,
	                               .timestamp = "at",
	                               .unit = TIDE_TIME_RFC3339,
	                               .target = "x.y.label",
	                               .problem = TIDE_PROBLEM_REGRESSION};
	struct bench bench;

	(void)state;
	bench_open(&bench, &mapping);
	decode(&bench, "{\"x\":{\"y\":{\"label\":48}},\"n\":7,\"a\":{\"b\":\"q\\u00e9\"},"
	               "\"at\":\"2012-03-01T01:00:00.25+01:00\"}");
	assert_null(bench.event.poison);
	assert_true(tide_text_is(bench.event.id, "q\xc3\xa9\x1f" "7"));
	assert_true(bench.event.time_ms == 1330560000250);
	assert_true(bench.event.target.number == 48);
	decode(&bench, "{\"n\":7,\"a.b\":\"q\",\"at\":\"2012-03-01T00:00:00Z\",\"x\":{}}");
	assert_string_equal(bench.event.poison, "missing_target");
	decode(&bench, "{\"n\":7,\"a.b\":\"q\",\"at\":\"2012-03-01T00:00:00Z\","
	               "\"x\":{\"y\":{\"label\":\"48\"}}}");
	assert_string_equal(bench.event.poison, "bad_target");
	bench_close(&bench);
}

static void
class_scores_stand_in_the_order_of_the_classes(void **state)
{
	const char *classes[] = {"cat", "dog", "eel"};
	struct tide_mapping mapping = {.id = {"id"},
	                               .id_count = 1,
	                               .proba = "p",
	                               .proba_is_classes = true,
	                               .classes = classes,
	                               .class_count = 3,
	                               .problem = TIDE_PROBLEM_MULTICLASS};
	struct bench bench;

	(void)state;
	bench_open(&bench, &mapping);
	decode(&bench, "{\"id\":1,\"p\":{\"eel\":0.25,\"cat\":0.75}}");
	assert_null(bench.event.poison);
	assert_int_equal(bench.event.score_count, 3);
	assert_true(bench.event.scores[0] == 0.75 && isnan(bench.event.scores[1]));
	assert_true(bench.event.scores[2] == 0.25);
	decode(&bench, "{\"id\":1}");
	assert_string_equal(bench.event.poison, "missing_prediction");
	decode(&bench, "{\"id\":1,\"p\":[0.5,0.5,0]}");
	assert_string_equal(bench.event.poison, "bad_score");
	bench_close(&bench);
}

static void
words_of_outcomes_stand_for_what_the_mapping_says(void **state)
{
	struct tide_mapping_word words[] = {
		{"Y", {.kind = TIDE_VALUE_NUMBER, .number = 1, .text = TIDE_TEXT("1")}},
		{"2", {.kind = TIDE_VALUE_TEXT, .text = TIDE_TEXT("two")}}};
	struct tide_mapping mapping = {.role = TIDE_LABELS,
	                               .id = {"id"},
	                               .id_count = 1,
	                               .target = "label",
	                               .values = words,
	                               .value_count = 2,
	                               .problem = TIDE_PROBLEM_BINARY};
	struct bench bench;

	(void)state;
	bench_open(&bench, &mapping);
	decode(&bench, "{\"id\":1,\"label\":\"Y\"}");
	assert_int_equal(bench.event.target.kind, TIDE_VALUE_NUMBER);
	assert_true(bench.event.target.number == 1);
	decode(&bench, "{\"id\":1,\"label\":2.0}");
	assert_true(tide_text_is(bench.event.target.text, "two"));
	decode(&bench, "{\"id\":1,\"label\":\"N\"}");
	assert_true(tide_text_is(bench.event.target.text, "N"));
	bench_close(&bench);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_wrong_record_is_poison_for_its_own_reason),
	    cmocka_unit_test(a_good_prediction_gives_all_that_is_mapped),
	    cmocka_unit_test(list_ids_are_joined_and_dotted_paths_are_found_in_any_order),
	    cmocka_unit_test(words_of_outcomes_stand_for_what_the_mapping_says),
	    cmocka_unit_test(class_scores_stand_in_the_order_of_the_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
