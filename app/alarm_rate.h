#ifndef TIDE_APP_ALARM_RATE_H
#define TIDE_APP_ALARM_RATE_H
#include "app/config.h"
#include "detectors/reference.h"
/*
 * How often the rules of a config would have alarmed on its own reference (SPEC 7.5).
 *
 *  (1) The records go through windows of `window.size` with nothing late and every label there, are
 *      judged against the reference that was built from them, and weighed by the rules. Tests of
 *      drift leave the window out of the reference; whatever else is compared with it is of the
 *      sample that it was learnt from, optimistic: the text says so.
 *  (2) An alarm is an incident, that is a transition to firing. A rate is alarms x T / (windows
 *      that hold records x size), T being that of alerting.false_alarms.
 *  (3) What a reference cannot know is said, not guessed: rules on the join, rules on early panes,
 *      records without a time of their own, a profile, which has no records.
 */

/** Prints one line, and before it, with each_rule, a table of the rules. Nothing where there is no
 *  reference. Errors: those of reading the records; TIDE_ERROR_MEMORY: they are too many. */
int tide_alarm_rate_print(const struct tide_config *config, struct tide_columns *columns,
                          const struct tide_reference *reference, bool each_rule,
                          struct tide_error *error) TIDE_MUSTCHECK;
#endif
