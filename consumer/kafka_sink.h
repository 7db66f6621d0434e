#ifndef TIDE_CONSUMER_KAFKA_SINK_H
#define TIDE_CONSUMER_KAFKA_SINK_H
#include "consumer/sink.h"
/*
 * Letters to topics, one transaction a commit.
 *
 *  (1) Letters wait in memory, at most cap_bytes; give beyond it is RETRY after a commit.
 *  (2) open fences a predecessor with the same transactional_id, so it comes before the source.
 *  (3) Positions go with the letters under the membership of the followed source; without one, or
 *      over a bounded source, they mean nothing.
 */
struct tide_kafka_sink_options {
	const char *const *properties; /* "key=value", NULL-ended; outlive the sink */
	const char *transactional_id;  /* this and the topics outlive the sink, too */
	const char *topics[TIDE_LETTER_KINDS]; /* NULL: letters of this kind are counted only */
	size_t cap_bytes;
};

int tide_kafka_sink_open(const struct tide_kafka_sink_options *options, struct tide_sink **sink,
                         struct tide_error *error);
void tide_kafka_sink_follow(struct tide_sink *sink, const struct tide_source *source);
#endif
