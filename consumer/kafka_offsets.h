#ifndef TIDE_CONSUMER_KAFKA_OFFSETS_H
#define TIDE_CONSUMER_KAFKA_OFFSETS_H
#include "base/error.h"
#include "consumer/kafka_source.h"
/*
 * Where reading begins and ends, always as absolute offsets.
 *
 *  (1) The client library is never left to choose: while a transaction of a predecessor is open it
 *      would take "not known yet" for "none committed" and silently start elsewhere.
 *  (2) An offset outside of what the topic still holds is an error, not a new start.
 *  (3) Each call goes on asking for options->resolve_ms, unless it is not allowed to; or until
 *      give_up_ms of tide_kafka_client_now_ms.
 *  (4) Clients, lists and partitions are void * (rd_kafka_t, rd_kafka_topic_partition_list_t,
 *      rd_kafka_topic_partition_t).
 */
/** Sets the offset of each partition to what is committed, negative where nothing is, and its
 *  metadata. Waits for open transactions. */
int tide_kafka_offsets_committed(void *client, void *list, int64_t give_up_ms,
                                 struct tide_error *error);
/** First offset and end of what the topic holds. */
int tide_kafka_offsets_edges(void *client, const void *partition, int64_t give_up_ms, int64_t *low,
                             int64_t *high, struct tide_error *error);
/** Sets the offset of each partition: committed, else by options->start. Committed metadata stays
 *  in the list. Waits for open transactions. */
int tide_kafka_offsets_resume(void *client, void *list, const struct tide_kafka_options *options,
                              struct tide_error *error);
/** Refuses (2): TIDE_ERROR_DATA. */
int tide_kafka_offsets_check(void *client, const void *list,
                             const struct tide_kafka_options *options, struct tide_error *error);
/** Sets the offset of each partition to the start of the range and ends[i] to its end. */
int tide_kafka_offsets_range(void *client, void *list, const struct tide_kafka_options *options,
                             int64_t *ends, struct tide_error *error);
#endif
