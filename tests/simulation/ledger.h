#ifndef TIDE_SIMULATION_LEDGER_H
#define TIDE_SIMULATION_LEDGER_H
#include "tests/simulation/topic.h"
/*
 * What a read_committed reader sees: letters in the order in which they became visible.
 *
 *  (1) A letter is known by its kind, its name (a result's key, an alert's record_id, where a dead
 *      record stood) and its revision. None may be there twice.
 *  (2) Failures are told as a text with the letter at fault; an empty text is none.
 */
#define LEDGER_WHY_MAX 1024

struct ledger_letter {
	enum tide_letter_kind kind;
	bool input; /* side "input" */
	int64_t start_ms, revision;
	size_t sequence;
	char *name, *body;
};

struct ledger {
	struct ledger_letter *letters;
	size_t count, room;
};

void ledger_add(struct ledger *ledger, const struct letter *letter);
void ledger_clear(struct ledger *ledger);
void ledger_sort(struct ledger *ledger); /* by kind, name, revision, sequence */
/** No letter twice, revisions ascend as they became visible, and (`exact`) every letter of a window
 *  before limit_ms stands in `wanted`, byte for byte; `all`: and the other way round. Where idle
 *  queues released panes (not `strict`) only what is complete is compared, and neither the input
 *  side nor revised panes are. Both are sorted. */
bool ledger_agrees(struct ledger *seen, struct ledger *wanted, int64_t limit_ms, bool exact,
		   bool strict, bool all, char why[LEDGER_WHY_MAX]);
/** The number, or the text in `text`, behind the first "name": of a body; false: null, none. */
bool ledger_number(const char *body, const char *name, double *number);
bool ledger_text(const char *body, const char *name, char text[64]);
#endif
