#ifndef TIDE_CONSUMER_KAFKA_TWIN_H
#define TIDE_CONSUMER_KAFKA_TWIN_H
#include <stdbool.h>
/*
 * Who has a name in a group. A static member that was away for longer than its session may find its
 * name taken; by joining again it would put the other one out, and that one lives.
 *
 *  (1) `member` is the id that the broker gave us when partitions were assigned: another id under
 *      our name is another process, or ours of before an assignment that we have not seen.
 *  (2) Waits at most five seconds; a broker that does not answer has seen nobody.
 */
bool tide_kafka_twin_lives(void *client, const char *group, const char *instance,
                               const char *member);
#endif
