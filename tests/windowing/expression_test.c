#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "windowing/expression.h"
#include <math.h>
#include <string.h>

/* amount = 120, country = "FR", clicked = true, code = "1", none = null */
static const struct tide_value fields[] = {
        {.kind = TIDE_VALUE_NUMBER, .number = 120, .text = {"120.0", 5}},
        {.kind = TIDE_VALUE_TEXT, .text = {"FR", 2}},
        {.kind = TIDE_VALUE_BOOLEAN, .number = 1, .text = {"true", 4}},
        {.kind = TIDE_VALUE_TEXT, .text = {"1", 1}},
        {.kind = TIDE_VALUE_NULL},
};
static const struct tide_event event = {.fields = fields, .field_count = 5, .latency_ms = 7};

static bool
resolve(void *closure, struct tide_text name, struct tide_expression_name *found)
{
	static const char *const names[] = {"amount", "country", "clicked", "code", "none"};

	(void) closure;
	*found = (struct tide_expression_name){TIDE_LEAF_LATENCY, 0, TIDE_OF_PREDICTION};
	if (tide_text_is(name, "latency"))
		return true;
	found->leaf = TIDE_LEAF_FIELD;
	for (found->index = 0; found->index < 5; found->index++)
		if (tide_text_is(name, names[found->index]))
			return true;
	return false;
}

static double
number(const char *text)
{
	struct tide_expression_node nodes[TIDE_EXPRESSION_NODES];
	struct tide_expression_fault fault = {0};
	struct tide_expression_row row = {.event = &event};
	struct tide_expression expression = {
	        nodes, tide_expression_parse(text, resolve, NULL, nodes, &fault)};

	if (expression.count == 0)
		fail_msg("%s: %zu: %s", text, fault.offset, fault.message);
	return tide_expression_number(&expression, &row);
}

static void
operators_bind_as_in_arithmetic(void **state)
{
	(void) state;
	assert_true(number("1 + 2 * 3") == 7);
	assert_true(number("(1 + 2) * 3") == 9);
	assert_true(number("10 - 4 - 3") == 3);
	assert_true(number("-2 * -3 - 1e1 / 4") == 3.5);
	assert_true(number("1 or 0 and 0") == 1);
	assert_true(number("(1 or 0) and 0") == 0);
	assert_true(number("not 1 == 2") == 1);
	assert_true(number("not 0 and 0") == 0);
	assert_true(number("1+1 == 2 and 3 > 2+0.5") == 1);
	assert_true(number("-amount") == -120);
	assert_true(number("latency<=7") == 1);
}

static void
values_compare_by_what_they_are(void **state)
{
	static const struct {
		const char *text;
		bool holds;
	} cases[] = {
	        {"amount == 120", true},     {"amount == '120'", true},
	        {"amount != 121", true},     {"country == \"FR\"", true},
	        {"country == 'fr'", false},  {"country < 'GB'", true},
	        {"country > 5", false},      {"country <= 5", false},
	        {"clicked == true", true},   {"clicked == 1", true},
	        {"clicked == 'true'", true}, {"clicked", true},
	        {"country", false},          {"code == 1", true},
	        {"amount >= 120", true},     {"amount > 120", false},
	        {"amount <= 120", true},     {"amount < 120", false},
	        {"code == true", false},     {"none == null", true},
	        {"amount == null", false},   {"none != 1", true},
	        {"none == none", false},     {"none != none", true},
	        {"null == none", true},      {"null != amount", true},
	        {"none != null", false},     {"null == null", true},
	        {"none < 1", false},         {"none >= 1", false},
	        {"none <= 1", false},        {"not none > 1", true},
	        {"1 / 0 == null", true},     {"country + 1 == null", true},
	};

	(void) state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if ((number(cases[i].text) == 1) != cases[i].holds)
			fail_msg("%s", cases[i].text);
	assert_true(isnan(number("none + 1")));
	assert_true(isnan(number("country")));
	assert_true(isnan(number("-none")));
	assert_true(isnan(number("1e300 * 1e300")));
}

static void
a_fault_says_where_it_is(void **state)
{
	static const struct {
		const char *text, *message, *name;
		size_t offset;
	} cases[] = {
	        {"amount >", "a name, a number or a text", "", 8},
	        {"1 and or 2", "a name, a number or a text", "", 6},
	        {"amount > 1 2", "an operator", "", 11},
	        {"1 + amuont", "means nothing", "amuont", 4},
	        {"andes == 1", "means nothing", "andes", 0},
	        {"country == 'FR", "never ends", "", 11},
	        {"(amount > 1", "never closed", "", 0},
	        {"1 < amount < 5", "two sides", "", 11},
	        {"5x", "not a number", "", 0},
	        {"", "a name, a number or a text", "", 0},
	        {"amount = 1", "an operator", "", 7},
	        {"((((((((((((((((((((((((((((((((((1", "too deeply", "", 32},
	};
	struct tide_expression_node nodes[TIDE_EXPRESSION_NODES];
	struct tide_expression_fault fault;
	char longer[512] = "1";

	(void) state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(
		        tide_expression_parse(cases[i].text, resolve, NULL, nodes, &fault), 0);
		if (!strstr(fault.message, cases[i].message) || fault.offset != cases[i].offset ||
		    !tide_text_is(fault.name, cases[i].name))
			fail_msg("%s: %zu: %s", cases[i].text, fault.offset, fault.message);
	}
	for (size_t i = 0; i < 31; i++)
		memcpy(longer + 1 + 2 * i, "+1", 3);
	assert_int_equal(tide_expression_parse(longer, resolve, NULL, nodes, &fault), 63);
	memcpy(longer + 63, "+1", 3);
	assert_int_equal(tide_expression_parse(longer, resolve, NULL, nodes, &fault), 0);
	assert_non_null(strstr(fault.message, "too long"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(operators_bind_as_in_arithmetic),
	        cmocka_unit_test(values_compare_by_what_they_are),
	        cmocka_unit_test(a_fault_says_where_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
