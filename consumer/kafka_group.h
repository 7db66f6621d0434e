#ifndef TIDE_CONSUMER_KAFKA_GROUP_H
#define TIDE_CONSUMER_KAFKA_GROUP_H
#include "base/error.h"
#include <stddef.h>
#include <stdint.h>
/*
 * A group as one who is not in it sees it: who its members are, and what it has committed.
 *
 *  (1) Each call connects, asks and leaves; nothing is joined and nothing is written.
 *  (2) Offsets that an open transaction may still move are waited for, at most half a minute:
 *      TIDE_ERROR_RESTART.
 */
#define TIDE_KAFKA_GROUP_METADATA 513

struct tide_kafka_group_place {
	const char *topic;
	int32_t partition;
	/* read sets these: */
	int64_t first, end; /* of the topic */
	int64_t offset;     /* committed; -1: none */
	char metadata[TIDE_KAFKA_GROUP_METADATA];
};

int tide_kafka_group_read(const char *const *properties, const char *group,
                          struct tide_kafka_group_place *places, size_t count,
                          struct tide_error *error) TIDE_MUSTCHECK;
/** How many members the group has; 0 also where there is no such group. A static member that ended
 *  is one until its session is over. */
int tide_kafka_group_members(const char *const *properties, const char *group, size_t *count,
                             struct tide_error *error) TIDE_MUSTCHECK;
#endif
