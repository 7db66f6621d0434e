#include "alerts/budget.h"
#include <math.h>

static bool
budget_fits(const struct tide_detector *detector, enum tide_column_type type)
{
	if (detector->needs & TIDE_NEEDS_NUMERIC)
		return type == TIDE_COLUMN_NUMERIC;
	if (detector->needs & TIDE_NEEDS_CATEGORICAL)
		return type == TIDE_COLUMN_CATEGORICAL;
	return type != TIDE_COLUMN_IGNORED;
}

/* Columns of one cell that the rule can test. */
static uint64_t
budget_cell(const struct tide_budget *budget, const struct tide_rule *rule,
            const struct tide_detector *detector, const struct tide_cell_key *key)
{
	const struct tide_shape *shape = tide_reference_shape(budget->reference);
	uint64_t count = 0;

	if (detector->needs & TIDE_OF_TESTS)
		return 1;
	for (size_t i = 0; i <= shape->count; i++) {
		bool last = i == shape->count;
		struct tide_text name =
		        last ? TIDE_TEXT("$prediction")
		             : tide_mapping_column_name(budget->columns, (uint32_t) i);
		const struct tide_column_shape *column =
		        last ? &shape->prediction : &shape->columns[i];
		if (tide_rule_concerns_column(rule, name) && budget_fits(detector, column->type) &&
		    tide_reference_distribution(budget->reference, key, name))
			count++;
	}
	return count;
}

uint64_t
tide_budget_tests(const struct tide_budget *budget, const struct tide_rule *rule,
                  struct tide_text model)
{
	const struct tide_detector *detector = tide_detector_find(rule->metric);
	const struct tide_cell_key *key = NULL;
	uint64_t count = 0;

	if (!rule->tested || !detector || !budget->reference)
		return 0;
	while ((key = tide_reference_next(budget->reference, key)))
		if (tide_text_equal(key->model, model) &&
		    tide_rule_concerns_cell(rule, budget->segments, key))
			count += budget_cell(budget, rule, detector, key);
	return count;
}

double
tide_budget_alpha(const struct tide_budget *budget, struct tide_text model)
{
	uint64_t count = 0;
	double alpha;

	for (size_t i = 0; i < budget->rule_count; i++)
		count += tide_budget_tests(budget, &budget->rules[i], model);
	if (!count)
		return NAN;
	alpha = budget->alarms * (double) budget->size_ms / (double) budget->per_ms /
	        (double) count;
	return alpha < 1 ? alpha : 1;
}
