#include "app/command_check.h"
#include "app/config_value.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static void
side_print(enum tide_rule_side side, double number)
{
	switch (side) {
	case TIDE_RULE_TIMES_REFERENCE:
		printf("%.6gx reference", number);
		break;
	case TIDE_RULE_SHARE_OF_REFERENCE:
		printf("%+.6g%% reference", number * 100);
		break;
	case TIDE_RULE_REFERENCE_PLUS:
		printf("reference %c %.6g", number < 0 ? '-' : '+', fabs(number));
		break;
	case TIDE_RULE_REFERENCE_STD:
		printf("reference_std(%.6g)", number);
		break;
	default:
		printf("%.6g", number);
	}
}

static void
names_print(const char *before, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		printf("%s%s", i ? ", " : before, names[i]);
}

static void
scope_print(const struct tide_rule *rule)
{
	if (rule->all_columns)
		printf(" of every %s", tide_detector_find(rule->metric)->needs & TIDE_OF_SEGMENT
		                               ? "segment"
		                               : "feature");
	names_print(" of ", rule->columns, rule->column_count);
	if (rule->all_segments)
		printf(", in every segment too");
	names_print(", by ", rule->segments, rule->segment_count);
	if (rule->each_version)
		printf(", each version too");
}

static void
when_print(const struct tide_rule *rule)
{
	char age[TIDE_CONFIG_DURATION_SIZE];

	if (rule->early_age_ms) {
		tide_config_value_duration_text(rule->early_age_ms, age);
		printf(", on early panes of %s", age);
	}
	if (rule->for_n > 1)
		printf(", in %u of %u windows", rule->for_m, rule->for_n);
	if (rule->min_n > 0)
		printf(", from %.6g rows", rule->min_n);
	if (rule->has_critical) {
		printf(", critical beyond ");
		side_print(rule->critical_side, rule->critical_number);
	}
	if (rule->has_clear) {
		printf(", until not beyond ");
		side_print(rule->clear_side, rule->clear_number);
	}
	if (rule->remind_ms) {
		tide_config_value_duration_text(rule->remind_ms, age);
		printf(", told again every %s", age);
	}
	if (rule->resolve_after > 1)
		printf(", resolved after %u windows", rule->resolve_after);
	if (!rule->tested && rule->certainty > 0)
		printf(" (certainty %.6g)", rule->certainty);
}

static void
rule_print(const struct tide_rule *rule)
{
	static const char *const ops[] = {"above", "at least", "below", "at most"};

	printf("  %-20s%-9s%s", rule->name, rule->severity, rule->metric);
	scope_print(rule);
	if (rule->tested) {
		printf(" differs from the reference (test)");
	} else {
		printf(" %s ", ops[rule->op]);
		side_print(rule->side, rule->number);
	}
	when_print(rule);
	puts(rule->of_pack ? " [default]" : "");
}

static bool
needs_reference(const struct tide_rule *rule)
{
	return rule->tested || rule->side != TIDE_RULE_NUMBER;
}

static uint64_t
tests_of(const struct tide_command_check *check, const struct tide_rule *rule)
{
	const struct tide_cell_key *key = NULL;
	uint64_t most = 0;

	while ((key = tide_reference_next(check->reference, key))) {
		uint64_t tests = tide_budget_tests(&check->budget, rule, key->model);
		most = tests > most ? tests : most;
	}
	return most;
}

/* Why a rule can never fire, or NULL. */
static const char *
hindrance(const struct tide_command_check *check, const struct tide_rule *rule)
{
	const struct tide_detector *detector = tide_detector_find(rule->metric);

	if (needs_reference(rule) && !check->reference)
		return "there is no `reference`";
	if (!detector)
		return NULL;
	if (detector->side == TIDE_SIDE_LABEL && !check->config->has_labels)
		return "there are no labels";
	if (detector->side == TIDE_SIDE_PREDICTION && !check->config->has_predictions)
		return "there are no predictions";
	if (!tide_config_pack_measures(check->config, detector))
		return "no model has the `problem_type` of its metric";
	if ((detector->needs & TIDE_NEEDS_REFERENCE) && !check->reference)
		return "its metric needs a `reference`";
	if (rule->tested && tests_of(check, rule) == 0)
		return "the reference has no column that it can test";
	return NULL;
}

static void
budget_print(const struct tide_command_check *check)
{
	const struct tide_config *config = check->config;
	const struct tide_cell_key *key = NULL;
	char per[TIDE_CONFIG_DURATION_SIZE];
	bool first = true;

	tide_config_value_duration_text(config->false_alarms_ms, per);
	printf("false alarms\n  budget      %.6g per %s and model, %.6g a window\n",
	       config->false_alarms, per,
	       config->false_alarms * (double) config->window.size_ms /
	               (double) config->false_alarms_ms);
	while (check->reference && (key = tide_reference_next(check->reference, key))) {
		double alpha = tide_budget_alpha(&check->budget, key->model);
		if (key->segment >= 0 || key->version.length || isnan(alpha))
			continue;
		printf("  %.*s: alpha %.6g", (int) key->model.length, key->model.bytes, alpha);
		for (size_t i = 0; i < config->rule_count; i++) {
			uint64_t tests =
			        tide_budget_tests(&check->budget, &config->rules[i], key->model);
			if (tests)
				printf(", %s %llu x", config->rules[i].name,
				       (unsigned long long) tests);
		}
		puts("");
	}
	for (size_t i = 0; i < config->rule_count; i++)
		if (!config->rules[i].tested) {
			printf("%s%s", first ? "  outside     " : ", ", config->rules[i].name);
			first = false;
		}
	if (!first)
		puts(" (fixed levels: as many alarms as the data give)");
}

void
tide_command_check_rules(const struct tide_command_check *check)
{
	const struct tide_config *config = check->config;
	bool first = true;

	puts("rules");
	for (size_t i = 0; i < config->rule_count; i++)
		rule_print(&config->rules[i]);
	if (config->rule_count == 0)
		puts("  none");
	budget_print(check);
	for (size_t i = 0; i < config->rule_count; i++) {
		const char *why = hindrance(check, &config->rules[i]);
		if (!why)
			continue;
		if (first)
			puts("can never fire");
		first = false;
		printf("  %-20s%s\n", config->rules[i].name, why);
	}
}
