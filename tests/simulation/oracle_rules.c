#include "tests/simulation/oracle.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct judged { /* a final pane that a rule judges, in one cell */
	int64_t start_ms;
	bool breach, near; /* near: not beyond the threshold, but beyond `clear` */
};

struct cell_name {
	char model[64], segment[64];
};

static const char *
metric_name(const char *alias)
{
	static const char *const names[][2] = {{"accuracy", "accuracy_score"},
					       {"recall", "recall_score"},
					       {"mae", "mean_absolute_error"}};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i][0], alias) == 0)
			return names[i][1];
	return alias;
}

/* The finding, cut off from those behind it; false: it is not there, or says nothing. */
static bool
finding_read(const char *body, const struct world_rule *rule, double *value, double *lower,
	     double *upper)
{
	char start[96], text[512];
	double n;

	snprintf(start, sizeof start, "\"metric\":\"%s\",\"column\":%s,", metric_name(rule->metric),
		 rule->columns ? "\"x\"" : "null");
	const char *at = strstr(body, start);
	if (!at)
		return false;
	snprintf(text, sizeof text, "%.*s", (int)strcspn(at, "}"), at);
	if (!strstr(text, "\"status\":\"OK\"") || !ledger_number(text, "value", value) ||
	    !ledger_number(text, "n", &n) || n < rule->min_n)
		return false;
	if (!ledger_number(text, "lower", lower) || !ledger_number(text, "upper", upper))
		*lower = *upper = *value;
	return true;
}

static int
judged_order(const void *a, const void *b)
{
	const struct judged *x = a, *y = b;

	return (x->start_ms > y->start_ms) - (x->start_ms < y->start_ms);
}

static bool
is_of_cell(const char *body, const struct cell_name *cell)
{
	char text[64];

	return strstr(body, "\"model_version\":null,") && ledger_text(body, "model", text) &&
	       strcmp(text, cell->model) == 0 &&
	       strcmp(ledger_text(body, "seg", text) ? text : "", cell->segment) == 0;
}

static size_t
judged_gather(const struct ledger *letters, const struct world_rule *rule,
	      const struct cell_name *cell, struct judged *judged)
{
	size_t count = 0;
	double value, lower, upper;

	for (size_t i = 0; i < letters->count; i++) {
		const char *body = letters->letters[i].body;
		if (letters->letters[i].kind != TIDE_LETTER_RESULT ||
		    !strstr(body, "\"timing\":\"final\"") || !is_of_cell(body, cell) ||
		    !finding_read(body, rule, &value, &lower, &upper))
			continue;
		bool clear = !isnan(rule->clear);
		judged[count++] = (struct judged){
		    .start_ms = letters->letters[i].start_ms,
		    .breach = rule->above ? lower > rule->threshold : upper < rule->threshold,
		    .near = clear && (rule->above ? lower > rule->clear : upper < rule->clear)};
	}
	if (count)
		qsort(judged, count, sizeof *judged, judged_order);
	return count;
}

static bool
alert_is_there(const struct ledger *letters, int rule, const struct cell_name *cell, bool firing,
	       int64_t start_ms, int64_t first_ms)
{
	char name[8], text[64];
	double first;

	snprintf(name, sizeof name, "r%d", rule);
	for (size_t i = 0; i < letters->count; i++) {
		const struct ledger_letter *letter = &letters->letters[i];
		if (letter->kind == TIDE_LETTER_ALERT && letter->start_ms == start_ms &&
		    ledger_text(letter->body, "rule", text) && strcmp(text, name) == 0 &&
		    is_of_cell(letter->body, cell) &&
		    ledger_text(letter->body, "state", text) &&
		    strcmp(text, firing ? "firing" : "resolved") == 0 &&
		    ledger_number(letter->body, "first_window_start", &first) &&
		    (int64_t)first == first_ms)
			return true;
	}
	return false;
}

/* Goes through the windows of a cell; *turns is how often the rule turned. */
static bool
cell_agrees(const struct ledger *letters, const struct world_rule *rule, int number,
	    const struct cell_name *cell, size_t *turns, char why[LEDGER_WHY_MAX])
{
	struct judged *judged = calloc(letters->count + 1, sizeof *judged);
	TIDE_ASSERT(judged);
	size_t count = judged_gather(letters, rule, cell, judged), calm = 0;
	int64_t first_ms = 0, resolved_ms = INT64_MIN;
	bool firing = false, good = true;

	for (size_t i = 0; good && i < count; i++) {
		int breaches = 0;
		bool turn = false;
		int64_t oldest_ms = judged[i].start_ms;
		for (size_t j = i + 1; j-- > 0 && i - j < (size_t)rule->for_n;) {
			breaches += judged[j].breach;
			if (judged[j].breach && judged[j].start_ms > resolved_ms)
				oldest_ms = judged[j].start_ms;
		}
		calm = judged[i].breach || judged[i].near ? 0 : calm + 1;
		if (firing && calm >= (size_t)(rule->resolve_after ? rule->resolve_after : 1)) {
			firing = false;
			turn = true;
			resolved_ms = judged[i].start_ms;
		} else if (!firing && judged[i].breach && breaches >= rule->for_m) {
			firing = turn = true;
			first_ms = oldest_ms;
		}
		*turns += turn;
		if (turn &&
		    !alert_is_there(letters, number, cell, firing, judged[i].start_ms, first_ms)) {
			snprintf(why, LEDGER_WHY_MAX, "rule r%d of %s %s should be %s at %lld",
				 number, cell->model, cell->segment, firing ? "firing" : "resolved",
				 (long long)judged[i].start_ms);
			good = false;
		}
	}
	free(judged);
	return good;
}

bool
oracle_rules_agree(const struct world *world, const struct ledger *letters,
		   char why[LEDGER_WHY_MAX])
{
	size_t turns = 0, alerts = 0;

	for (int number = 0; number < world->rule_count; number++) {
		const struct world_rule *rule = &world->rules[number];
		for (int cell = 0; cell < world->models * 4; cell++) {
			struct cell_name name = {.segment = ""};
			snprintf(name.model, sizeof name.model, "m%d", cell / 4);
			if (cell % 4)
				snprintf(name.segment, sizeof name.segment, "s%d", cell % 4 - 1);
			if (cell % 4 && !rule->segments)
				continue;
			if (!cell_agrees(letters, rule, number, &name, &turns, why))
				return false;
		}
	}
	for (size_t i = 0; i < letters->count; i++)
		alerts += letters->letters[i].kind == TIDE_LETTER_ALERT &&
			  strstr(letters->letters[i].body, "\"rule\":\"r") != NULL;
	if (alerts == turns)
		return true;
	snprintf(why, LEDGER_WHY_MAX, "%zu alerts, and rules turned %zu times", alerts, turns);
	return false;
}
