#include "consumer/kafka_queue.h"
#include "consumer/kafka_client.h"
#include <librdkafka/rdkafka.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE_BATCH 512

struct tide_kafka_queue {
	rd_kafka_t *client;
	rd_kafka_queue_t *queue;
	char *topic;
	int32_t partition;
	int64_t next, end;
	bool at_end; /* the broker said so after the last record */
	struct tide_record records[QUEUE_BATCH];
	rd_kafka_headers_t *headers[QUEUE_BATCH];
	size_t headers_count;
	uint8_t *bytes;
	size_t capacity;
};

static void
queue_drop_headers(struct tide_kafka_queue *queue)
{
	while (queue->headers_count)
		rd_kafka_headers_destroy(queue->headers[--queue->headers_count]);
}

static bool
queue_room(struct tide_kafka_queue *queue, rd_kafka_message_t *const *messages, size_t count)
{
	size_t need = TIDE_SOURCE_PADDING;

	for (size_t i = 0; i < count; i++)
		need += messages[i]->err ? 0 : messages[i]->len + messages[i]->key_len;
	if (need <= queue->capacity)
		return true;
	uint8_t *bytes = calloc(1, need);
	if (!bytes)
		return false;
	free(queue->bytes);
	queue->bytes = bytes;
	queue->capacity = need;
	return true;
}

static const uint8_t *
queue_copy(uint8_t **at, const void *bytes, size_t size)
{
	uint8_t *copy = *at;

	if (!bytes)
		return NULL;
	memcpy(copy, bytes, size);
	*at += size;
	return copy;
}

static void
queue_record(struct tide_kafka_queue *queue, rd_kafka_message_t *message,
             struct tide_record *record, uint8_t **at)
{
	rd_kafka_headers_t *headers = NULL;
	rd_kafka_timestamp_type_t type;
	int64_t time_ms = rd_kafka_message_timestamp(message, &type);

	if (!rd_kafka_message_detach_headers(message, &headers))
		queue->headers[queue->headers_count++] = headers;
	*record = (struct tide_record){
	    .key = queue_copy(at, message->key, message->key_len),
	    .value = queue_copy(at, message->payload, message->len),
	    .key_size = message->key_len,
	    .value_size = message->len,
	    .offset = message->offset,
	    .time_ms = type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? INT64_MIN : time_ms,
	    .headers = headers};
	queue->next = message->offset + 1;
	queue->at_end = false;
}

static enum tide_supply
queue_supply(const struct tide_kafka_queue *queue)
{
	int64_t low, high;

	if (queue->next >= queue->end)
		return TIDE_SUPPLY_END;
	if (queue->at_end)
		return TIDE_SUPPLY_DRAINED;
	if (!rd_kafka_get_watermark_offsets(queue->client, queue->topic, queue->partition, &low,
	                                    &high) &&
	    high >= 0 && queue->next >= high)
		return TIDE_SUPPLY_DRAINED;
	return TIDE_SUPPLY_WAIT;
}

int
tide_kafka_queue_take(struct tide_kafka_queue *queue, struct tide_batch *batch,
                      enum tide_supply *supply, struct tide_error *error)
{
	rd_kafka_message_t *messages[QUEUE_BATCH];
	int result = 0;

	queue_drop_headers(queue);
	ssize_t got = rd_kafka_consume_batch_queue(queue->queue, 0, messages, QUEUE_BATCH);
	size_t count = got > 0 ? (size_t) got : 0, kept = 0;
	bool room = queue_room(queue, messages, count);
	uint8_t *at = queue->bytes;
	for (size_t i = 0; i < count; i++) {
		rd_kafka_message_t *message = messages[i];
		if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
			queue->next = message->offset > queue->next ? message->offset : queue->next;
			queue->at_end = true;
		} else if (message->err) {
			result = tide_kafka_client_event(queue->client, message->err,
			                                 rd_kafka_message_errstr(message),
			                                 queue->end != INT64_MAX, error);
		} else if (message->offset >= queue->end) {
			queue->next = queue->end;
		} else if (room && message->offset >= queue->next) {
			queue_record(queue, message, &queue->records[kept++], &at);
		}
		rd_kafka_message_destroy(message);
	}
	if (!room)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "kafka: no memory for a batch");
	*batch = (struct tide_batch){queue->records, kept};
	*supply = kept ? TIDE_SUPPLY_RECORDS : queue_supply(queue);
	return result;
}

void
tide_kafka_queue_progress(const struct tide_kafka_queue *queue, int64_t from, double *all,
                          double *done)
{
	int64_t next = queue->next < queue->end ? queue->next : queue->end;

	if (queue->end <= from)
		return;
	*all += (double) (queue->end - from);
	*done += (double) (next - from);
}

struct tide_kafka_queue *
tide_kafka_queue_open(void *client, const char *topic, int32_t partition)
{
	struct tide_kafka_queue *queue = calloc(1, sizeof *queue);

	if (!queue)
		return NULL;
	queue->client = client;
	queue->topic = strdup(topic);
	queue->partition = partition;
	queue->queue = rd_kafka_queue_get_partition(client, topic, partition);
	if (!queue->topic || !queue->queue) {
		tide_kafka_queue_close(queue);
		return NULL;
	}
	rd_kafka_queue_forward(queue->queue, NULL);
	return queue;
}

void
tide_kafka_queue_start(struct tide_kafka_queue *queue, int64_t next, int64_t end)
{
	queue->next = next;
	queue->end = end;
}

void
tide_kafka_queue_close(struct tide_kafka_queue *queue)
{
	if (!queue)
		return;
	queue_drop_headers(queue);
	if (queue->queue)
		rd_kafka_queue_destroy(queue->queue);
	free(queue->topic);
	free(queue->bytes);
	free(queue);
}
