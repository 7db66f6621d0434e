#ifndef TIDE_APP_COMMAND_CHECK_H
#define TIDE_APP_COMMAND_CHECK_H
#include "alerts/budget.h"
#include "app/config.h"
/* What the parts of `tidemark check` share. Everything is printed on stdout. */
struct tide_command_check {
	const struct tide_config *config;
	const struct tide_reference *reference; /* or NULL */
	struct tide_columns *columns;
	struct tide_budget budget;
	double rate;          /* predictions a second */
	size_t cells, widths; /* cells of a window, columns of a cell; 0: those of the reference */
};

/** The rules in words, how the budget is spent, and what can never fire. */
void tide_command_check_rules(const struct tide_command_check *check);
#endif
