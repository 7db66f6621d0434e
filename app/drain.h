#ifndef TIDE_APP_DRAIN_H
#define TIDE_APP_DRAIN_H
#include "consumer/source.h"
/*
 * Everything that a bounded source holds, in any order of its queues and in the order of each.
 */
/** Calls each for every record; its -1 with *error set ends it. The caller closes the source. */
int tide_drain(struct tide_source *source,
               int (*each)(void *closure, size_t queue, const struct tide_record *record,
                           struct tide_error *error),
               void *closure, struct tide_error *error) TIDE_MUSTCHECK;
#endif
