#include "app/backtest.h"
#include "alerts/budget.h"
#include "app/config_value.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct failure {
	struct tide_text column;
	size_t breaches;
	uint64_t windows;
};

static bool
is_tested(const struct tide_config *config, struct tide_text column)
{
	for (size_t i = 0; i < config->rule_count; i++) {
		const struct tide_rule *rule = &config->rules[i];
		const struct tide_detector *detector = tide_detector_find(rule->metric);
		if (rule->tested && detector && detector->family == TIDE_DRIFT &&
		    tide_rule_concerns_column(rule, column))
			return true;
	}
	return false;
}

/* Most windows first, then by the bytes of the name. */
static int
failure_order(const void *left, const void *right)
{
	const struct failure *a = left, *b = right;

	if (a->breaches != b->breaches)
		return a->breaches < b->breaches ? 1 : -1;
	return tide_text_compare(a->column, b->column);
}

/* The columns of a model that fail, $prediction and $score among them; returns their number. */
static size_t
failures_find(const struct tide_budget *budget, const struct tide_config *config,
              struct tide_text model, double alpha, struct failure *failures)
{
	const struct tide_shape *shape = tide_reference_shape(budget->reference);
	size_t count = 0;

	for (size_t i = 0; i <= shape->count; i++) {
		struct tide_text column =
		        i < shape->count ? tide_mapping_column_name(budget->columns, (uint32_t) i)
		                         : TIDE_TEXT("$prediction");
		const struct tide_backtest *backtest =
		        tide_reference_backtest(budget->reference, model, column);
		if (is_tested(config, column) && tide_reference_backtest_fails(backtest, alpha))
			failures[count++] = (struct failure){
			        column, tide_reference_backtest_breaches(backtest, alpha),
			        backtest->windows};
	}
	if (count)
		qsort(failures, count, sizeof *failures, failure_order);
	return count;
}

static void
model_print(const struct tide_budget *budget, const struct tide_config *config,
            struct tide_text model, struct failure *failures)
{
	double alpha = tide_budget_alpha(budget, model);
	size_t count = isnan(alpha) ? 0 : failures_find(budget, config, model, alpha, failures);

	if (count == 0)
		return;
	printf("%.*s: these columns differ between the reference's own windows:", (int) model.length,
	       model.bytes);
	for (size_t i = 0; i < count; i++)
		printf("%s %.*s %zu of %llu windows", i ? "," : "", (int) failures[i].column.length,
		       failures[i].column.bytes, failures[i].breaches,
		       (unsigned long long) failures[i].windows);
	puts("; tests of their drift only inform (severity info). A column that is a function of "
	     "time: `columns: {NAME: {ignore: true}}`; else a longer window.size, a larger "
	     "min_effect, or a reference that looks like what is to come");
}

void
tide_backtest_print(const struct tide_config *config, const struct tide_columns *columns,
                    const struct tide_reference *reference)
{
	const struct tide_budget budget = {.rules = config->rules,
	                                   .rule_count = config->rule_count,
	                                   .segments = config->segments,
	                                   .reference = reference,
	                                   .columns = columns,
	                                   .alarms = config->false_alarms,
	                                   .per_ms = config->false_alarms_ms,
	                                   .size_ms = config->window.size_ms};
	const struct tide_cell_key *key = NULL;
	int64_t size_ms = reference ? tide_reference_backtest_ms(reference) : 0;
	char size[TIDE_CONFIG_DURATION_SIZE];
	struct failure *failures;

	if (size_ms == 0)
		return;
	if (size_ms != config->window.size_ms) {
		tide_config_value_duration_text(size_ms, size);
		printf("the null of drift is that of independent rows: the profile knows windows of "
		       "%s; build it again with this window.size\n",
		       size);
		return;
	}
	failures = malloc((tide_reference_shape(reference)->count + 1) * sizeof *failures);
	while (failures && (key = tide_reference_next(reference, key)))
		if (key->segment < 0 && key->version.length == 0)
			model_print(&budget, config, key->model, failures);
	free(failures);
}
