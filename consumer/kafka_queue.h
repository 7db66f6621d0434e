#ifndef TIDE_CONSUMER_KAFKA_QUEUE_H
#define TIDE_CONSUMER_KAFKA_QUEUE_H
#include "base/error.h"
#include "consumer/source.h"
/*
 * The records of one partition, in the order of their offsets.
 *
 *  (1) Opened before the client fetches from the partition, else its first records would go to the
 *      common queue.
 *  (2) Every offset is given at most once and none before start's `next`, whatever the library
 *      gives again after a reconnection; none from `end` on (INT64_MAX: live, without end).
 *  (3) Records and their headers are good until the next take.
 *  (4) The client is a void * (rd_kafka_t).
 */
struct tide_kafka_queue;

/** NULL: no memory. */
struct tide_kafka_queue *tide_kafka_queue_open(void *client, const char *topic, int32_t partition);
void tide_kafka_queue_close(struct tide_kafka_queue *queue);
void tide_kafka_queue_start(struct tide_kafka_queue *queue, int64_t next, int64_t end);
/** As tide_source_ops.take. */
int tide_kafka_queue_take(struct tide_kafka_queue *queue, struct tide_batch *batch,
                          enum tide_supply *supply, struct tide_error *error);
/** How many offsets from `from` to the end there are, and how many of these were passed. */
void tide_kafka_queue_progress(const struct tide_kafka_queue *queue, int64_t from, double *all,
                               double *done);
#endif
