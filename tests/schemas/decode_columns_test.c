#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "schemas/decode.h"
#include <string.h>

struct bench {
	struct tide_columns *columns;
	struct tide_decoder *decoder;
	struct tide_event event;
	uint8_t bytes[1024];
};

static struct tide_mapping
mapping_of(enum tide_problem problem)
{
	return (struct tide_mapping){.role = TIDE_PREDICTIONS,
	                             .id = {"id"},
	                             .id_count = 1,
	                             .timestamp = "ts",
	                             .prediction = "p",
	                             .proba = "proba",
	                             .features = "f",
	                             .problem = problem};
}

static void
bench_open(struct bench *bench, const struct tide_mapping *mapping)
{
	struct tide_error error;

	*bench = (struct bench){.columns = tide_mapping_columns_new()};
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
	memset(bench->bytes, '}', sizeof bench->bytes);
	memcpy(bench->bytes, record, strlen(record));
	tide_decode(bench->decoder, bench->bytes, strlen(record), &bench->event);
}

/* The number in a column of the event, or -1. */
static double
number_in(const struct bench *bench, const char *name)
{
	for (size_t i = 0; i < bench->event.value_count; i++) {
		const struct tide_value *value = &bench->event.values[i];
		if (tide_text_is(tide_mapping_column_name(bench->columns, value->column), name))
			return value->number;
	}
	return -1;
}

static void
a_score_is_a_column_beside_the_features(void **state)
{
	struct tide_mapping mapping = mapping_of(TIDE_PROBLEM_BINARY);
	struct bench bench;

	(void) state;
	bench_open(&bench, &mapping);
	decode(&bench, "{\"id\":1,\"ts\":5,\"p\":1,\"proba\":0.25,\"f\":{\"a\":7,\"$score\":9}}");
	assert_null(bench.event.poison);
	assert_int_equal(bench.event.value_count, 2);
	assert_true(number_in(&bench, "$score") == .25);
	assert_true(number_in(&bench, "a") == 7);
	decode(&bench, "{\"id\":1,\"ts\":5,\"p\":1,\"proba\":null,\"f\":{\"a\":8}}");
	assert_int_equal(bench.event.value_count, 1);
	assert_true(number_in(&bench, "$score") == -1);
	bench_close(&bench);
}

static void
each_class_that_has_a_score_is_a_column(void **state)
{
	static const char *classes[] = {"a", "b", "c"};
	struct tide_mapping mapping = mapping_of(TIDE_PROBLEM_MULTICLASS);
	struct bench bench;

	(void) state;
	mapping.classes = classes;
	mapping.class_count = 3;
	bench_open(&bench, &mapping);
	decode(&bench, "{\"id\":1,\"ts\":5,\"p\":\"a\",\"proba\":[0.5,null,0.125],\"f\":{}}");
	assert_null(bench.event.poison);
	assert_int_equal(bench.event.value_count, 2);
	assert_true(number_in(&bench, "$score:a") == .5);
	assert_true(number_in(&bench, "$score:c") == .125);
	bench_close(&bench);
}

static void
a_reference_record_may_lack_its_target_and_a_label_may_not(void **state)
{
	struct tide_mapping mapping = mapping_of(TIDE_PROBLEM_REGRESSION);
	struct bench bench;

	(void) state;
	mapping.target = "y";
	bench_open(&bench, &mapping);
	decode(&bench, "{\"id\":1,\"ts\":5,\"p\":1,\"f\":{\"a\":7}}");
	assert_null(bench.event.poison);
	assert_int_equal(bench.event.target.kind, TIDE_VALUE_NULL);
	decode(&bench, "{\"id\":1,\"ts\":5,\"p\":1,\"y\":\"red\"}");
	assert_string_equal(bench.event.poison, "bad_target");
	bench_close(&bench);
	mapping.role = TIDE_LABELS;
	mapping.prediction = NULL;
	bench_open(&bench, &mapping);
	decode(&bench, "{\"id\":1,\"ts\":5}");
	assert_string_equal(bench.event.poison, "missing_target");
	bench_close(&bench);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_score_is_a_column_beside_the_features),
	        cmocka_unit_test(each_class_that_has_a_score_is_a_column),
	        cmocka_unit_test(a_reference_record_may_lack_its_target_and_a_label_may_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
