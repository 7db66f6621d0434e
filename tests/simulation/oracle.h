#ifndef TIDE_SIMULATION_ORACLE_H
#define TIDE_SIMULATION_ORACLE_H
#include "tests/simulation/broker.h"
/*
 * What SPEC 1 and 2 say of a world, worked out from all its records at once, slowly, with nothing
 * of the program: outcomes, who is in which window, what was right, and when rules turn.
 */

/** Compares sorted letters with it; false, and why. A live run is compared by the last word on
 *  every window before limit_ms, a whole one (INT64_MAX) by all that it says. */
bool oracle_agrees(const struct world *world, const struct ledger *letters, int64_t limit_ms,
		   bool covered[CLASSES], char why[LEDGER_WHY_MAX]);
/** Rules turn where the values in the letters say so: M of N, min_n, clear, resolve_after. */
bool oracle_rules_agree(const struct world *world, const struct ledger *letters,
			char why[LEDGER_WHY_MAX]);
/** One queue falls silent: no pane beyond what it said is complete, and each one that it did reach
 *  is complete in the end, if it is not early. */
bool oracle_idle_agrees(const struct world *world, struct ledger *seen, char why[LEDGER_WHY_MAX]);
#endif
