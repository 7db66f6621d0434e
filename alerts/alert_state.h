#ifndef TIDE_ALERTS_ALERT_STATE_H
#define TIDE_ALERTS_ALERT_STATE_H
#include "alerts/alert.h"
#include "base/text.h"
/*
 * What rules remember as records, so that it outlives the process (SPEC 3.1).
 *
 *  (1) take hands out what has changed since the last take, a record each:
 *        alert/<64 hex digits>  a2;<numbers>  the state of a rule, cell and column
 *                                           (a1, of before, is read as well);
 *        drift/<64 hex digits>  d1;<windows>  which windows of a model had drifted inputs;
 *        follow/<64 digits>     o1;<bytes>    the state of a detector that follows a cell.
 *      What has nothing to remember any more leaves an empty value, once, and none if it was never
 *      handed out.
 *  (2) put takes such a record back; the last one of a key counts. Whatever is not (1) is refused
 *      and changes nothing. Records of several topics or partitions are put one set after the
 *      other; put comes before the first weigh.
 *  (3) All records, put into a new tide_alerts with the same rules, judge as the old one went on:
 *      the same transitions, the same alerts.
 *  (4) again is for records that were taken and did not arrive: everything that ever had a record
 *      has changed, and take hands it out as it is now.
 */
#define TIDE_ALERT_STATE_KEY   72   /* bytes, the last one 0 */
#define TIDE_ALERT_STATE_VALUE 2048 /* more than the value of a rule or a model has */

/** The next changed record; false: there is none. On lack of memory value->failed is set. */
bool tide_alert_state_take(struct tide_alerts *alerts, char key[TIDE_ALERT_STATE_KEY],
                           struct tide_buffer *value);
void tide_alert_state_again(struct tide_alerts *alerts);
enum tide_alert_put { TIDE_ALERT_PUT_OK, TIDE_ALERT_PUT_STRANGE, TIDE_ALERT_PUT_NO_MEMORY };
enum tide_alert_put tide_alert_state_put(struct tide_alerts *alerts, struct tide_text key,
                                         struct tide_text value);
/** How many incidents are open: states that fire. */
size_t tide_alert_state_open(const struct tide_alerts *alerts);
#endif
