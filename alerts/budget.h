#ifndef TIDE_ALERTS_BUDGET_H
#define TIDE_ALERTS_BUDGET_H
#include "alerts/rule.h"
#include "detectors/reference.h"
/*
 * How the false-alarm budget is spent (SPEC 7.7).
 *
 *  (1) N false alarms in a time T are N size / T a window; each test that can fire gets an equal
 *      part of it, alpha. Then the expected number of false alarms is at most N, however the tests
 *      depend on each other. Per model.
 *  (2) A test of a column can fire where the reference knows the column in the cell, and the
 *      metric fits the column's type; one over all columns is one a cell. Nothing that arrives
 *      later changes alpha.
 *  (3) Rules that compare with a level are outside the budget.
 * Cost of alpha: rules x cells of the reference x columns; asked once a model.
 */
struct tide_budget {
	const struct tide_rule *rules;
	size_t rule_count;
	const struct tide_segment *segments;
	const struct tide_reference *reference; /* or NULL: no test can fire */
	const struct tide_columns *columns;
	double alarms; /* N */
	int64_t per_ms, size_ms;
};

/** Tests of one rule for a model that can fire in one window; 0 for a rule that compares. */
uint64_t tide_budget_tests(const struct tide_budget *budget, const struct tide_rule *rule,
                           struct tide_text model);
/** What p must be below; NaN where no test can fire. At most 1. */
double tide_budget_alpha(const struct tide_budget *budget, struct tide_text model);
#endif
