#include "app/config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define SHIPPED TIDE_SOURCE_DIR "/schemas/prediction.avsc"
#define HEAD "name: a\nproblem_type: none\ninputs:\n  predictions:\n    topic: p\n"
#define MAP "    map: {id: prediction_id, timestamp: ts, c: features.colour}\n"
#define TAIL "window: {size: 1h}\n"

static int
load(const char *text, struct tide_config **config, struct tide_error *error)
{
	char path[] = "/tmp/tide-config-XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");

	assert_non_null(file);
	(void) fputs(text, file);
	(void) fclose(file);
	memset(error, 0, sizeof(*error));
	int failed = tide_config_load(path, config, error);
	(void) unlink(path);
	return failed;
}

static void
an_avro_input_has_its_schema_and_frame(void **state)
{
	struct tide_config *config;
	struct tide_error error;

	(void) state;
	if (load(HEAD MAP "    format: avro\n    schema: " SHIPPED "\n    frame: confluent\n" TAIL
		 "outputs: {results: {topic: r, format: avro}, alerts: {topic: a, format: json}}\n",
	         &config, &error))
		fail_msg("%s", error.text);
	assert_int_equal(config->predictions.mapping.format, TIDE_FORMAT_AVRO);
	assert_true(config->predictions.mapping.confluent_frame);
	assert_non_null(strstr(config->predictions.mapping.avro_schema, "\"prediction_id\""));
	assert_int_equal(config->results.format, TIDE_FORMAT_AVRO);
	assert_int_equal(config->alerts.format, TIDE_FORMAT_JSON);
	tide_config_free(config);
}

static void
a_schema_that_does_not_fit_is_refused_in_its_place(void **state)
{
	static const char *const cases[][2] = {
		{HEAD MAP "    format: avro\n" TAIL, ":5:5: format avro needs `schema`"},
		{HEAD MAP "    format: arvo\n" TAIL, ":7:13: expected json or avro"},
		{HEAD MAP "    schema: " SHIPPED "\n" TAIL,
			":5:5: `schema` and `frame` are for format avro"},
		{HEAD MAP "    format: avro\n    schema: none.avsc\n" TAIL,
			":8:13: the schema /tmp/none.avsc cannot be read: No such file"},
		{HEAD "    map: {id: prediction_idd, timestamp: ts}\n    format: avro\n    schema: "
			SHIPPED "\n" TAIL,
			":5:5: `map` names `prediction_idd`, which the Avro schema does not have; "
			"it has prediction_id, ts,"},
		{HEAD MAP "    format: avro\n    frame: some\n" TAIL,
			":8:12: expected none or confluent"},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tide_config *config;
		struct tide_error error;

		assert_int_equal(load(cases[i][0], &config, &error), -1);
		assert_int_equal(error.code, TIDE_ERROR_CONFIG);
		if (!strstr(error.text, cases[i][1]))
			fail_msg("case %zu: %s", i, error.text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_avro_input_has_its_schema_and_frame),
		cmocka_unit_test(a_schema_that_does_not_fit_is_refused_in_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
