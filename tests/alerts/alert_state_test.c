#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "alerts/alert_state.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define MODELS 5
#define KEPT_MAX 16

static struct tide_rule rules[] = {
        {.name = "plain", .metric = "mae", .severity = "warning", .op = TIDE_RULE_ABOVE,
         .number = 10, .for_m = 1, .for_n = 1},
        {.name = "often", .metric = "mae", .severity = "warning", .op = TIDE_RULE_ABOVE,
         .number = 10, .for_m = 2, .for_n = 4},
        {.name = "calm", .metric = "mae", .severity = "warning", .op = TIDE_RULE_ABOVE,
         .number = 10, .for_m = 3, .for_n = 5, .resolve_after = 2},
};

/* A topic: the newest value of each key. */
static struct kept {
	char key[TIDE_ALERT_STATE_KEY], value[512];
} kept[KEPT_MAX];
static size_t kept_count;

static void
keep(struct tide_alerts *alerts)
{
	char key[TIDE_ALERT_STATE_KEY];
	struct tide_buffer value;

	tide_text_buffer_init(&value, 1024);
	while (tide_alert_state_take(alerts, key, &value)) {
		size_t i = 0;
		while (i < kept_count && strcmp(kept[i].key, key) != 0)
			i++;
		assert_in_range(i, 0, KEPT_MAX - 1);
		kept_count += i == kept_count;
		memcpy(kept[i].key, key, sizeof key);
		snprintf(kept[i].value, sizeof kept[i].value, "%s",
		         value.length ? value.bytes : "");
		tide_text_buffer_reset(&value);
	}
	tide_text_buffer_fini(&value);
}

static struct tide_alerts *
restart(struct tide_alerts *alerts)
{
	tide_alert_free(alerts);
	alerts = tide_alert_new("n", rules, sizeof rules / sizeof *rules, NULL, 0);
	assert_non_null(alerts);
	for (size_t i = 0; i < kept_count; i++)
		assert_int_equal(tide_alert_state_put(alerts, tide_text_of(kept[i].key),
		                                      tide_text_of(kept[i].value)),
		                 TIDE_ALERT_PUT_OK);
	return alerts;
}

static int
weigh(struct tide_alerts *alerts, int64_t window, size_t model, bool breach,
      struct tide_alert *out)
{
	static const char *const names[MODELS] = {"a", "b", "c", "d", "e"};
	struct tide_finding finding = {.detector = tide_detector_find("mae"),
	                               .value = breach ? 11 : 9,
	                               .reference = NAN,
	                               .lower = NAN,
	                               .upper = NAN,
	                               .p_value = NAN,
	                               .log10_p = NAN,
	                               .n = 100};
	struct tide_evidence evidence = {.start_ms = window * 1000,
	                                 .end_ms = window * 1000 + 1000,
	                                 .trigger_ms = window * 1000 + 5000,
	                                 .side = TIDE_SIDE_LABEL,
	                                 .timing = TIDE_TIMING_FINAL,
	                                 .key = {.model = tide_text_of(names[model]),
	                                         .segment = -1}};

	return tide_alert_weigh(alerts, &evidence, 0, &finding, 1, out, 8);
}

static void
rules_that_are_put_back_judge_as_those_that_went_on(void **state)
{
	struct tide_alerts *lasting = restart(NULL), *mortal = restart(NULL);
	struct tide_alert wanted[8], got[8];
	uint32_t random = 3;
	size_t alerts = 0, restarts = 0;

	(void) state;
	for (int64_t window = 0; window < 4000; window++) {
		for (size_t model = 0; model < MODELS; model++) {
			random = random * 1664525u + 1013904223u;
			bool breach = (random >> 16) % 100 < 10 + 15 * model;
			int count = weigh(lasting, window, model, breach, wanted);
			assert_int_equal(weigh(mortal, window, model, breach, got), count);
			for (int i = 0; i < count; i++)
				assert_string_equal(got[i].record_id, wanted[i].record_id);
			alerts += (size_t) count;
		}
		keep(mortal);
		if ((random >> 8) % 3 == 0) {
			mortal = restart(mortal);
			restarts++;
		}
	}
	assert_true(alerts > 1000 && restarts > 1000);
	tide_alert_free(lasting);
	tide_alert_free(mortal);
	kept_count = 0;
}

static void
what_has_nothing_to_remember_leaves_no_record(void **state)
{
	struct tide_alerts *alerts = restart(NULL);
	struct tide_alert out[8];

	(void) state;
	for (int64_t window = 0; window < 10; window++)
		weigh(alerts, window, 0, false, out);
	keep(alerts);
	assert_int_equal(kept_count, 0);
	weigh(alerts, 10, 0, true, out);
	keep(alerts);
	assert_int_equal(kept_count, 3);
	for (int64_t window = 11; window < 20; window++)
		weigh(alerts, window, 0, false, out);
	keep(alerts);
	for (size_t i = 0; i < kept_count; i++)
		assert_string_equal(kept[i].value, "");
	tide_alert_free(alerts);
	kept_count = 0;
}

static void
a_strange_record_is_refused(void **state)
{
	static const char identity[] =
	        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	static const char *const values[] = {"a2;0;0;0;0;0;0;0;0", "a1", "a1;0;0;0;0;0;0;0",
	                                     "a1;0;1;0;0;0;0;0;1", "a1;0;0;0;0;0;0;0;0;",
	                                     "a1;0;0;0;0;0;0;0;x", "a1;-1;0;0;0;0;0;0;0",
	                                     "a1;0;1;0;0;0;0;0;1;99999999999999999999"};
	struct tide_alerts *alerts = restart(NULL);

	(void) state;
	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		assert_int_equal(tide_alert_state_put(alerts, tide_text_of(identity),
		                                      tide_text_of(values[i])),
		                 TIDE_ALERT_PUT_STRANGE);
	assert_int_equal(tide_alert_state_put(alerts, TIDE_TEXT("0123"),
	                                      TIDE_TEXT("a1;0;0;0;0;0;0;0;0")),
	                 TIDE_ALERT_PUT_STRANGE);
	assert_int_equal(tide_alert_state_put(alerts, tide_text_of(identity),
	                                      TIDE_TEXT("a1;1;1;0;1;0;-5;0;1;-5")),
	                 TIDE_ALERT_PUT_OK);
	tide_alert_free(alerts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(rules_that_are_put_back_judge_as_those_that_went_on),
	        cmocka_unit_test(what_has_nothing_to_remember_leaves_no_record),
	        cmocka_unit_test(a_strange_record_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
