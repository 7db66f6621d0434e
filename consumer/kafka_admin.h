#ifndef TIDE_CONSUMER_KAFKA_ADMIN_H
#define TIDE_CONSUMER_KAFKA_ADMIN_H
#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
/*
 * Which topics are there, what they keep, and making those that are not. Asking makes none, unless
 * the properties say allow.auto.create.topics=true.
 *
 *  (1) Each call connects, asks and leaves; it waits at most half a minute for each answer.
 *  (2) TIDE_ERROR_UNAVAILABLE: no broker answers. TIDE_ERROR_PERMISSION: it will not say, or do.
 */
struct tide_kafka_topic {
	const char *name;
	const char *policy; /* cleanup.policy for create: "compact", "delete"; NULL: the broker's */
	bool is_memory; /* create: read as a whole at a start, so superseded records are to go soon */
	int64_t relay_ms; /* create: keeps records of another topic, and their times, so long; or 0 */
	int partitions; /* describe sets it, 0: no such topic; create makes so many */
	/* settings sets these: */
	char cleanup[32];                      /* cleanup.policy: "compact,delete"; "": not said */
	int64_t retention_ms, retention_bytes; /* negative: without end */
};

int tide_kafka_admin_describe(const char *const *properties, struct tide_kafka_topic *topics,
                              size_t count, struct tide_error *error);
/** What the topics that are there keep. Needs the right to describe their configuration. */
int tide_kafka_admin_settings(const char *const *properties, struct tide_kafka_topic *topics,
                              size_t count, struct tide_error *error);
/** Makes all of them, and waits until they can be used; one that is there already is no error. */
int tide_kafka_admin_create(const char *const *properties, const struct tide_kafka_topic *topics,
                            size_t count, struct tide_error *error);
#endif
