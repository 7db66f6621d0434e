#ifndef TIDE_ALERTS_RULE_H
#define TIDE_ALERTS_RULE_H
#include "base/text.h"
/*
 * A rule as a person wrote it (SPEC 5.5): one metric, one comparison, and when it counts.
 *
 *  (1) above >, at_least >=, below <, at_most <=. The right-hand side is a number, N times the
 *      reference, the reference plus N times its absolute value (percent, negative for "-5%"), or
 *      the reference plus N.
 *  (2) Without columns the rule judges the cell's own metric; `columns: all` every column.
 *  (3) Filled by app/config.c and owned by it.
 */
enum tide_rule_op { TIDE_RULE_ABOVE, TIDE_RULE_AT_LEAST, TIDE_RULE_BELOW, TIDE_RULE_AT_MOST };
enum tide_rule_side {
	TIDE_RULE_NUMBER,
	TIDE_RULE_TIMES_REFERENCE,
	TIDE_RULE_SHARE_OF_REFERENCE,
	TIDE_RULE_REFERENCE_PLUS
};

struct tide_rule {
	const char *name, *metric, *severity; /* severity: info | warning | critical */
	const char *owner, *route, *runbook;  /* or NULL */
	enum tide_rule_op op;
	enum tide_rule_side side;
	double number;
	bool all_columns;
	const char *const *columns;
	size_t column_count;
	bool all_segments;
	const char *const *segments; /* names of declared segments */
	size_t segment_count;
	bool each_version;
	unsigned for_m, for_n; /* M of N windows, 1 <= M <= N <= 32 */
	double min_n;
	double certainty; /* SPEC 7.8; 0 compares the value itself */
	int line;         /* in the config, for messages */
};
#endif
