#ifndef TIDE_ALERTS_ALERT_STATE_H
#define TIDE_ALERTS_ALERT_STATE_H
#include "alerts/alert.h"
#include "base/text.h"
/*
 * The memory of rules as records, so that an incident outlives the process (SPEC 3.1).
 *
 *  (1) take hands out what has changed since the last take, a record a state: a key of 64 hex
 *      digits, and a value in text: "a1;" and numbers. A state that has nothing to remember any
 *      more leaves an empty value, once, and none if it was never handed out.
 *  (2) put takes such a record back; the last one of a key counts. Whatever is not (1) is refused.
 *  (3) States handed out, put into a new tide_alerts with the same rules, judge as the old ones.
 */
#define TIDE_ALERT_STATE_KEY 65

/** The next changed state; false: there is none. On lack of memory value->failed is set. */
bool tide_alert_state_take(struct tide_alerts *alerts, char key[TIDE_ALERT_STATE_KEY],
                           struct tide_buffer *value);
enum tide_alert_put { TIDE_ALERT_PUT_OK, TIDE_ALERT_PUT_STRANGE, TIDE_ALERT_PUT_NO_MEMORY };
enum tide_alert_put tide_alert_state_put(struct tide_alerts *alerts, struct tide_text key,
                                         struct tide_text value);
#endif
