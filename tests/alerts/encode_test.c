#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "alerts/encode.h"
#include <jansson.h>
#include <math.h>
#include <string.h>

static const struct tide_segment segments[] = {{.name = "country", .field = -1}};
static const struct tide_encode_context context = {"n", "00112233445566aa", "ref", segments, 1,
                                                   NULL};

/* The keys of an object in their order, each followed by a space; jansson keeps the order. */
static void
assert_keys(json_t *object, const char *expected)
{
	struct tide_buffer keys;
	const char *key;
	json_t *value;

	tide_text_buffer_init(&keys, 4096);
	json_object_foreach(object, key, value)
	{
		tide_text_put_string(&keys, key);
		tide_text_put_string(&keys, " ");
	}
	assert_string_equal(keys.bytes, expected);
	tide_text_buffer_fini(&keys);
}

static json_t *
parse(struct tide_buffer *buffer)
{
	json_error_t error;
	json_t *root;

	assert_false(buffer->failed);
	root = json_loadb(buffer->bytes, buffer->length, JSON_REJECT_DUPLICATES, &error);
	assert_non_null(root);
	tide_text_buffer_fini(buffer);
	return root;
}

static const char result_keys[] =
        "schema name model model_version segment window_start window_end side timing age_ms "
        "revision is_final complete supersedes predictions labels coverage counts findings "
        "distributions confusion curve reference_id config_hash part parts ";

static struct tide_finding
finding_of(const char *metric, double value)
{
	return (struct tide_finding){.detector = tide_detector_find(metric),
	                             .value = value,
	                             .reference = 36.5,
	                             .lower = NAN,
	                             .upper = INFINITY,
	                             .p_value = 0,
	                             .log10_p = -400,
	                             .n = 671};
}

static void
a_label_result_has_the_keys_of_the_spec(void **state)
{
	struct tide_label_fold labels = {.confusion = {.tp = 1, .fp = 2, .tn = 3, .fn = 4}};
	struct tide_evidence evidence = {.start_ms = 1000,
	                                 .end_ms = 2000,
	                                 .age_ms = -1,
	                                 .side = TIDE_SIDE_LABEL,
	                                 .timing = TIDE_TIMING_FINAL,
	                                 .complete = true,
	                                 .problem = TIDE_PROBLEM_BINARY,
	                                 .key = {.model = TIDE_TEXT("a|b"),
	                                         .value = TIDE_TEXT("F\"R")},
	                                 .labels = &labels,
	                                 .predictions = 20,
	                                 .labelled = 10};
	struct tide_finding finding = finding_of("mean_absolute_error", 74.3);
	struct tide_buffer buffer;
	json_t *root, *inner;

	(void) state;
	tide_text_buffer_init(&buffer, 1 << 20);
	tide_encode_result(&buffer, &context, &evidence, 2, &finding, 1, 1, 0);
	root = parse(&buffer);
	assert_keys(root, result_keys);
	assert_true(json_is_null(json_object_get(root, "model_version")));
	assert_true(json_is_null(json_object_get(root, "age_ms")));
	assert_true(json_is_true(json_object_get(root, "is_final")));
	assert_int_equal(json_integer_value(json_object_get(root, "supersedes")), 1);
	assert_true(json_real_value(json_object_get(root, "coverage")) == 0.5);
	assert_keys(json_object_get(root, "segment"), "country ");
	assert_keys(json_object_get(root, "counts"), "accepted labelled unlabelled ");
	assert_keys(json_object_get(root, "confusion"), "tp fp tn fn ");
	inner = json_array_get(json_object_get(root, "findings"), 0);
	assert_keys(inner, "family metric column dialect value reference lower upper p_value "
	                   "log10_p n status reason contributors ");
	assert_true(json_is_null(json_object_get(inner, "upper")));
	json_decref(root);
	tide_text_buffer_init(&buffer, 1 << 20);
	tide_encode_result_key(&buffer, &context, &evidence, 1);
	tide_text_put(&buffer, "", 1);
	assert_string_equal(buffer.bytes, "n|a\\|b||{\"country\":\"F\\\"R\"}|1000|label");
	tide_text_buffer_fini(&buffer);
}

static void
an_input_result_counts_every_outcome(void **state)
{
	struct tide_input_counts counts = {.outcomes = {{[TIDE_LATE] = 7}, {[TIDE_MATCHED] = 5}}};
	struct tide_evidence evidence = {.side = TIDE_SIDE_INPUT,
	                                 .timing = TIDE_TIMING_FINAL,
	                                 .key = {.segment = -1},
	                                 .counts = &counts};
	struct tide_buffer buffer;
	json_t *root, *inner;

	(void) state;
	tide_text_buffer_init(&buffer, 1 << 20);
	tide_encode_result(&buffer, &context, &evidence, 0, NULL, 0, 1, 0);
	root = parse(&buffer);
	assert_keys(root, result_keys);
	assert_true(json_is_null(json_object_get(root, "model")));
	assert_true(json_is_null(json_object_get(root, "supersedes")));
	inner = json_object_get(json_object_get(root, "counts"), "predictions");
	assert_keys(inner, "accepted duplicate late future poison ");
	assert_int_equal(json_integer_value(json_object_get(inner, "late")), 7);
	inner = json_object_get(json_object_get(root, "counts"), "labels");
	assert_keys(inner, "matched duplicate conflict corrected unmatched before_start late "
	                   "future poison ");
	assert_int_equal(json_integer_value(json_object_get(inner, "matched")), 5);
	json_decref(root);
}

static void
distributions_leave_in_the_order_of_names(void **state)
{
	static const struct tide_text categories[] = {{"x", 1}, {"y", 1}};
	static const char *const names[] = {"b", "$prediction", "a", "c"};
	struct tide_column_shape shapes[] = {
	        {.type = TIDE_COLUMN_NUMERIC},
	        {.type = TIDE_COLUMN_NUMERIC},
	        {.type = TIDE_COLUMN_CATEGORICAL, .categories = categories, .category_count = 2},
	};
	struct tide_shape shape = {.columns = shapes, .count = 3};
	uint64_t bins[] = {4, 3};
	struct tide_column_fold fold = {.present = 8, .nulls = 1, .bins = bins, .bin_count = 2};
	struct tide_column_fold bare = {.present = 8};
	struct tide_column_fold *folds[] = {&fold, NULL, &fold, &bare};
	struct tide_cell cell = {.predictions = 10,
	                         .columns = folds,
	                         .column_count = 4,
	                         .prediction = &fold};
	struct tide_columns *columns = tide_mapping_columns_new();
	struct tide_evidence evidence = {.key = {.model = TIDE_TEXT("m"), .segment = -1},
	                                 .timing = TIDE_TIMING_FINAL,
	                                 .cell = &cell,
	                                 .columns = columns,
	                                 .shape = &shape};
	struct tide_buffer buffer;
	json_t *root, *list;

	(void) state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(tide_mapping_column(columns, tide_text_of(names[i]), 0), i);
	tide_text_buffer_init(&buffer, 1 << 20);
	tide_encode_result(&buffer, &context, &evidence, 0, NULL, 0, 1, 0);
	root = parse(&buffer);
	assert_keys(root, result_keys);
	assert_true(json_is_null(json_object_get(root, "labels")));
	assert_true(json_is_null(json_object_get(root, "coverage")));
	list = json_object_get(root, "distributions");
	assert_int_equal(json_array_size(list), 3);
	for (size_t i = 0; i < 3; i++) {
		static const char *const order[] = {"$prediction", "a", "b"};
		json_t *entry = json_array_get(list, i);
		assert_string_equal(json_string_value(json_object_get(entry, "column")), order[i]);
		assert_int_equal(json_integer_value(json_object_get(entry, "missing")), 3);
		assert_keys(entry, i == 1 ? "column categories current missing "
		                          : "column edges_ref current missing ");
	}
	json_decref(root);
	tide_mapping_columns_free(columns);
}

static void
an_alert_has_the_keys_of_the_spec_and_a_sentence(void **state)
{
	struct tide_rule rule = {.name = "r",
	                         .metric = "mae",
	                         .severity = "critical",
	                         .side = TIDE_RULE_TIMES_REFERENCE,
	                         .number = 2};
	struct tide_finding finding = finding_of("mean_absolute_error", 74.3);
	struct tide_alert alert = {.rule = &rule,
	                           .kind = "performance",
	                           .key = {.model = TIDE_TEXT("bike-demand"), .segment = -1},
	                           .finding = &finding,
	                           .threshold = 73,
	                           .threshold_of_reference = true,
	                           .window_start_ms = 1327190400000,
	                           .window_end_ms = 1329609600000,
	                           .coverage = 1};
	struct tide_buffer buffer;
	json_t *root;

	(void) state;
	tide_text_buffer_init(&buffer, 1 << 20);
	tide_encode_alert(&buffer, &context, &alert);
	root = parse(&buffer);
	assert_keys(root,
	            "schema record_id alert_id name rule state severity kind model model_version "
	            "segment column metric dialect side timing revision complete value op "
	            "threshold threshold_source reference_value p_value lower upper n coverage "
	            "window_start window_end first_window_start transition_at inputs_drifted "
	            "contributors owner route runbook parent_alert_id reference_id config_hash "
	            "message ");
	assert_string_equal(json_string_value(json_object_get(root, "message")),
	                    "mean_absolute_error of bike-demand was 74.3 (above 73, 2x reference) "
	                    "in 2012-01-22..2012-02-19 UTC, 671 labelled rows");
	assert_string_equal(json_string_value(json_object_get(root, "threshold_source")),
	                    "reference");
	assert_true(json_is_null(json_object_get(root, "inputs_drifted")));
	json_decref(root);
}

static void
a_message_says_what_was_compared(void **state)
{
	struct tide_rule level = {.name = "r", .severity = "info", .number = 73, .certainty = 0.95};
	struct tide_rule test = {.name = "t", .severity = "info", .tested = true};
	struct tide_finding sure = finding_of("mean_absolute_error", 74);
	struct tide_finding drift = finding_of("drift", 0.5);
	const struct {
		struct tide_alert alert;
		const char *text;
	} cases[] = {
		{{.rule = &level, .finding = &sure, .threshold = 73, .state = TIDE_ALERT_RESOLVED,
		  .has_inputs_drifted = true},
		 " of n was 74 (70..78, not surely above 73; resolved) in 1970-01-01..1970-01-01 "
		 "UTC, 671 labelled rows; no input drifted in the same window"},
		{{.rule = &test, .finding = &drift, .threshold = 0.005},
		 "drift of temp in n was 0.5 (reference 36.5, p 10^-400 below its part 0.005 of the "
		 "false-alarm budget) in 1970-01-01..1970-01-01 UTC, 671 records"},
	};

	(void) state;
	sure.lower = 70;
	sure.upper = 78;
	drift.column = TIDE_TEXT("temp");
	for (size_t i = 0; i < 2; i++) {
		struct tide_alert alert = cases[i].alert;
		struct tide_buffer buffer;

		alert.key.segment = -1;
		tide_text_buffer_init(&buffer, 1 << 10);
		tide_encode_alert_message(&buffer, &context, &alert);
		tide_text_put(&buffer, "", 1);
		assert_non_null(strstr(buffer.bytes, cases[i].text));
		tide_text_buffer_fini(&buffer);
	}
}

static void
times_are_right_across_leap_days_and_before_the_epoch(void **state)
{
	static const struct {
		int64_t time_ms;
		const char *text;
	} cases[] = {{0, " in 1970-01-01.."},
	             {951782400000, " in 2000-02-29.."},
	             {951868800000, " in 2000-03-01.."},
	             {4107542400000, " in 2100-03-01.."},
	             {-1, " in 1969-12-31T23:59:59.999.."},
	             {1704067199000, " in 2023-12-31T23:59:59.."},
	             {1709251200000 - 3600000, " in 2024-02-29T23:00.."}};
	struct tide_rule rule = {.name = "r", .severity = "info"};
	struct tide_finding finding = finding_of("missing", 1);
	struct tide_buffer buffer;

	(void) state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tide_alert alert = {.rule = &rule,
		                           .kind = "data_quality",
		                           .key = {.segment = -1},
		                           .finding = &finding,
		                           .window_start_ms = cases[i].time_ms};
		tide_text_buffer_init(&buffer, 1 << 20);
		tide_encode_alert(&buffer, &context, &alert);
		tide_text_put(&buffer, "", 1);
		assert_non_null(strstr(buffer.bytes, cases[i].text));
		tide_text_buffer_fini(&buffer);
	}
}

/* 60 columns with names of 1,000 bytes and 40 findings each: some 2.7 MB in one record. */
static void
a_large_result_is_split_by_column_and_loses_nothing(void **state)
{
	enum { COLUMNS = 60, EACH = 40 };
	static char names[COLUMNS][1000];
	static struct tide_finding findings[COLUMNS * EACH + 1];
	struct tide_evidence evidence = {.side = TIDE_SIDE_PREDICTION, .key = {.segment = -1}};
	size_t parts = 0, found = 0;
	const char *last_column = NULL;
	char last[1000] = "";

	(void) state;
	findings[0] = finding_of("mean_absolute_error", 1);
	for (size_t i = 0; i < COLUMNS; i++) {
		memset(names[i], 'x', sizeof names[i]);
		names[i][0] = (char) ('0' + i);
		for (size_t j = 0; j < EACH; j++) {
			findings[1 + j * COLUMNS + i] = finding_of("psi", (double) j);
			findings[1 + j * COLUMNS + i].column =
			        (struct tide_text){names[i], sizeof names[i]};
		}
	}
	for (size_t part = 1; part == 1 || part <= parts; part++) {
		struct tide_buffer buffer;
		json_t *root, *finding;
		size_t i;

		tide_text_buffer_init(&buffer, 4 << 20);
		parts = tide_encode_result(&buffer, &context, &evidence, 0, findings,
		                           COLUMNS * EACH + 1, part, parts);
		assert_true(buffer.length <= TIDE_ENCODE_PART_BYTES);
		root = parse(&buffer);
		assert_int_equal(json_integer_value(json_object_get(root, "part")), part);
		assert_int_equal(json_integer_value(json_object_get(root, "parts")), parts);
		json_array_foreach(json_object_get(root, "findings"), i, finding)
		{
			const char *column = json_string_value(json_object_get(finding, "column"));
			assert_int_equal(column == NULL, part == 1 && i == 0);
			/* No column of an earlier part comes back. */
			if (column)
				assert_true(memcmp(column, last, sizeof last) > 0);
			last_column = column;
			found++;
		}
		memcpy(last, last_column, sizeof last);
		json_decref(root);
	}
	assert_true(parts >= 3 && parts <= 4);
	assert_int_equal(found, COLUMNS * EACH + 1);
}

static void
the_key_of_a_later_part_is_its_own(void **state)
{
	struct tide_evidence evidence = {.start_ms = 5, .key = {.segment = -1}};
	struct tide_buffer buffer;

	(void) state;
	tide_text_buffer_init(&buffer, 1 << 10);
	tide_encode_result_key(&buffer, &context, &evidence, 2);
	tide_text_put(&buffer, "", 1);
	assert_string_equal(buffer.bytes, "n|||{}|5|prediction|2");
	tide_text_buffer_fini(&buffer);
}

static void
assert_segment(struct tide_cell_key key, const char *json, const char *words)
{
	static const struct tide_segment crossed[] = {{.name = "country", .field = -1},
	                                              {.name = "device", .field = -1},
	                                              {.name = "country:device",
	                                               .field = -1,
	                                               .part_count = 2,
	                                               .parts = {0, 1}}};
	struct tide_buffer buffer;

	tide_text_buffer_init(&buffer, 1 << 10);
	tide_encode_segment(&buffer, crossed, 3, &key);
	tide_text_put(&buffer, "", 1);
	assert_string_equal(buffer.bytes, json);
	tide_text_buffer_reset(&buffer);
	tide_encode_segment_words(&buffer, crossed, &key, "=");
	tide_text_put(&buffer, "", 1);
	assert_string_equal(buffer.bytes, words);
	tide_text_buffer_fini(&buffer);
}

static void
a_crossed_segment_says_the_value_of_each_part(void **state)
{
	(void) state;
	assert_segment((struct tide_cell_key){.segment = 0, .value = TIDE_TEXT("F\x1fR")},
	               "{\"country\":\"F\\u001fR\"}", "country=F\x1fR");
	assert_segment((struct tide_cell_key){.segment = 1, .value_null = true},
	               "{\"device\":null}", "device=missing");
	assert_segment((struct tide_cell_key){.segment = 2, .value = TIDE_TEXT("FR\x1fweb")},
	               "{\"country\":\"FR\",\"device\":\"web\"}", "country=FR, device=web");
	assert_segment((struct tide_cell_key){.segment = 2, .value = TIDE_TEXT("\x1e\x1f")},
	               "{\"country\":null,\"device\":\"\"}", "country=missing, device=");
	assert_segment((struct tide_cell_key){.segment = 2, .value = TIDE_TEXT("__other__")},
	               "{\"country\":\"__other__\",\"device\":\"__other__\"}",
	               "country=__other__, device=__other__");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_label_result_has_the_keys_of_the_spec),
	        cmocka_unit_test(an_input_result_counts_every_outcome),
	        cmocka_unit_test(distributions_leave_in_the_order_of_names),
	        cmocka_unit_test(an_alert_has_the_keys_of_the_spec_and_a_sentence),
	        cmocka_unit_test(a_large_result_is_split_by_column_and_loses_nothing),
	        cmocka_unit_test(the_key_of_a_later_part_is_its_own),
	        cmocka_unit_test(a_crossed_segment_says_the_value_of_each_part),
	        cmocka_unit_test(a_message_says_what_was_compared),
	        cmocka_unit_test(times_are_right_across_leap_days_and_before_the_epoch),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
