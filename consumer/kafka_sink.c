#include "consumer/kafka_sink.h"
#include "consumer/kafka_client.h"
#include "consumer/kafka_source.h"
#include <librdkafka/rdkafka.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define SINK_INIT_MS 30000

struct sink_letter {
	struct sink_letter *next;
	enum tide_letter_kind kind;
	char *key, *value;
	size_t key_size, value_size;
	int64_t time_ms;
	int32_t partition; /* or RD_KAFKA_PARTITION_UA: the key decides */
	rd_kafka_headers_t *headers;
};

struct kafka_sink {
	struct tide_sink base;
	struct tide_kafka_sink_options options;
	const struct tide_source *source;
	rd_kafka_t *client;
	atomic_bool tainted; /* written by the library's threads */
	struct sink_letter *first, **last;
	size_t held_bytes;
};

/* A request whose answer never came may still act later, on a transaction that it was not meant
 * for; only a new epoch of the same identity makes it harmless. */
static rd_kafka_resp_err_t
sink_response(rd_kafka_t *client, int socket, const char *broker, int32_t broker_id, int16_t api,
              int16_t version, int32_t correlation, size_t size, int64_t rtt,
              rd_kafka_resp_err_t err, void *opaque)
{
	struct kafka_sink *sink = opaque;

	(void) client, (void) socket, (void) broker, (void) broker_id, (void) version;
	(void) correlation, (void) size, (void) rtt;
	if (err && (api == 0 || api == 22 || (api >= 24 && api <= 26) || api == 28))
		atomic_store(&sink->tainted, true);
	return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t
sink_watch(rd_kafka_t *client, const rd_kafka_conf_t *conf, void *opaque, char *why, size_t size)
{
	(void) conf, (void) why, (void) size;
	return rd_kafka_interceptor_add_on_response_received(client, "tidemark", sink_response, opaque);
}

static void
sink_disconnect(struct kafka_sink *sink)
{
	if (sink->client)
		rd_kafka_destroy(sink->client);
	sink->client = NULL;
}

static void
sink_forget(struct kafka_sink *sink)
{
	while (sink->first) {
		struct sink_letter *letter = sink->first;
		sink->first = letter->next;
		if (letter->headers)
			rd_kafka_headers_destroy(letter->headers);
		free(letter->key);
		free(letter->value);
		free(letter);
	}
	sink->last = &sink->first;
	sink->held_bytes = 0;
}

/* Whoever wakes late must not fence who works in its place: it is asked before every step that
 * would, by us or by who starts us again. */
static bool
sink_is_replaced(const struct kafka_sink *sink, struct tide_error *error)
{
	return sink->source && tide_kafka_source_replaced(sink->source, error);
}

/* A call on a client that is done for only says that it is. */
static rd_kafka_resp_err_t
sink_cause(const struct kafka_sink *sink, const rd_kafka_error_t *failure)
{
	rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(sink->client, NULL, 0);

	return fatal ? fatal : rd_kafka_error_code(failure);
}

/* Destroying an unfinished producer is safe: the next one's initialisation aborts what it left. */
static int
sink_fail(struct kafka_sink *sink, rd_kafka_error_t *failure, struct tide_error *error)
{
	rd_kafka_resp_err_t code = sink_cause(sink, failure);
	enum tide_error_code exit_code = tide_kafka_client_code(code);
	bool lost = code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID ||
	            code == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION;
	bool stop = rd_kafka_fatal_error(sink->client, NULL, 0) || lost ||
	            exit_code == TIDE_ERROR_REPLACED || exit_code == TIDE_ERROR_PERMISSION;

	if (exit_code == TIDE_ERROR_REPLACED || !sink_is_replaced(sink, error))
		tide_error_set(error, exit_code, stop ? TIDE_STOP : TIDE_ABORT_TRANSACTION,
		               "kafka: transaction: %s", rd_kafka_error_string(failure));
	rd_kafka_error_destroy(failure);
	sink_disconnect(sink);
	sink_forget(sink);
	return -1;
}

static int
sink_connect(struct kafka_sink *sink, struct tide_error *error)
{
	const struct tide_kafka_setting defaults[] = {
	    {"partitioner", "murmur2_random"}, {"compression.codec", "lz4"}, {0}};
	const struct tide_kafka_setting forced[] = {
	    {"transactional.id", sink->options.transactional_id}, {"enable.idempotence", "true"}, {0}};
	char why[256];

	if (sink->client && !atomic_load(&sink->tainted))
		return 0;
	if (sink_is_replaced(sink, error))
		return -1;
	sink_disconnect(sink);
	rd_kafka_conf_t *conf =
	    tide_kafka_client_configure(sink->options.properties, defaults, forced, error);
	if (!conf)
		return -1;
	rd_kafka_conf_interceptor_add_on_new(conf, "tidemark", sink_watch, sink);
	sink->client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
	if (!sink->client) {
		rd_kafka_conf_destroy(conf);
		return tide_error_stop(error, TIDE_ERROR_CONFIG, "kafka: %s", why);
	}
	rd_kafka_error_t *failure = rd_kafka_init_transactions(sink->client, SINK_INIT_MS);
	if (!failure) {
		atomic_store(&sink->tainted, false);
		return 0;
	}
	bool again = rd_kafka_error_is_retriable(failure);
	tide_error_set(error, tide_kafka_client_code(rd_kafka_error_code(failure)),
	               again ? TIDE_RETRY : TIDE_STOP, "kafka: %s", rd_kafka_error_string(failure));
	rd_kafka_error_destroy(failure);
	sink_disconnect(sink);
	return -1;
}

static int
sink_give(struct tide_sink *base, const struct tide_letter *given, struct tide_error *error)
{
	struct kafka_sink *sink = (struct kafka_sink *) base;
	size_t need = sizeof(struct sink_letter) + given->key_size + given->value_size;

	if (!sink->options.topics[given->kind]) {
		base->unplaced[given->kind]++;
		return 0;
	}
	if (need > sink->options.cap_bytes - sink->held_bytes)
		return tide_error_set(error, TIDE_ERROR_MEMORY, TIDE_RETRY, "kafka: commit first");
	struct sink_letter *letter = calloc(1, sizeof *letter);
	TIDE_ASSERT(letter);
	letter->kind = given->kind;
	letter->time_ms = given->time_ms;
	letter->partition = given->is_placed ? given->partition : RD_KAFKA_PARTITION_UA;
	letter->key_size = given->key_size;
	letter->value_size = given->value_size;
	letter->key = given->key ? malloc(given->key_size + 1) : NULL;
	letter->value = given->value ? malloc(given->value_size + 1) : NULL;
	if (letter->key)
		memcpy(letter->key, given->key, given->key_size);
	if (letter->value)
		memcpy(letter->value, given->value, given->value_size);
	letter->headers = given->original_headers ? rd_kafka_headers_copy(given->original_headers)
	                                          : rd_kafka_headers_new(given->header_count);
	for (size_t i = 0; i < given->header_count; i++)
		rd_kafka_header_add(letter->headers, given->headers[i].name, -1,
		                    given->headers[i].value.bytes,
		                    (ssize_t) given->headers[i].value.length);
	*sink->last = letter;
	sink->last = &letter->next;
	sink->held_bytes += need;
	base->given[given->kind]++;
	return 0;
}

static rd_kafka_error_t *
sink_produce(struct kafka_sink *sink)
{
	for (struct sink_letter *at = sink->first; at; at = at->next) {
		rd_kafka_headers_t *headers = rd_kafka_headers_copy(at->headers);
		rd_kafka_resp_err_t err;
		while ((err = rd_kafka_producev(
		            sink->client, RD_KAFKA_V_TOPIC(sink->options.topics[at->kind]),
		            RD_KAFKA_V_PARTITION(at->partition),
		            RD_KAFKA_V_KEY(at->key, at->key_size),
		            RD_KAFKA_V_VALUE(at->value, at->value_size),
		            RD_KAFKA_V_TIMESTAMP(at->time_ms == INT64_MIN ? 0 : at->time_ms),
		            RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
		            RD_KAFKA_V_END)) == RD_KAFKA_RESP_ERR__QUEUE_FULL)
			rd_kafka_poll(sink->client, 10);
		if (err) {
			rd_kafka_headers_destroy(headers);
			return rd_kafka_error_new(err, "%s", rd_kafka_err2str(err));
		}
	}
	return NULL;
}

static rd_kafka_error_t *
sink_offsets(struct kafka_sink *sink, const struct tide_position *positions, size_t count)
{
	rd_kafka_consumer_group_metadata_t *group;
	size_t size;
	const void *membership = tide_kafka_source_membership(sink->source, &size);

	if (!membership)
		return rd_kafka_error_new(RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, "assignment lost");
	rd_kafka_error_t *failure = rd_kafka_consumer_group_metadata_read(&group, membership, size);
	if (failure)
		return failure;
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int) count);
	for (size_t i = 0; i < count; i++) {
		rd_kafka_topic_partition_t *at = rd_kafka_topic_partition_list_add(
		    list, tide_kafka_source_topic(sink->source, positions[i].role),
		    positions[i].partition);
		at->offset = positions[i].offset;
		at->metadata = positions[i].metadata ? strdup(positions[i].metadata) : NULL;
		at->metadata_size = at->metadata ? strlen(at->metadata) : 0;
	}
	failure = rd_kafka_send_offsets_to_transaction(sink->client, list, group, -1);
	rd_kafka_topic_partition_list_destroy(list);
	rd_kafka_consumer_group_metadata_destroy(group);
	return failure;
}

static int
sink_commit(struct tide_sink *base, const struct tide_position *positions, size_t count,
            struct tide_error *error)
{
	struct kafka_sink *sink = (struct kafka_sink *) base;
	bool member = count && sink->source && tide_kafka_source_has_group(sink->source);

	if (!sink->first && !member)
		return 0;
	if (sink_connect(sink, error))
		return -1;
	rd_kafka_error_t *failure = rd_kafka_begin_transaction(sink->client);
	if (!failure)
		failure = sink_produce(sink);
	if (!failure && member)
		failure = sink_offsets(sink, positions, count);
	if (failure)
		return sink_fail(sink, failure, error);
	while ((failure = rd_kafka_commit_transaction(sink->client, -1)) &&
	       rd_kafka_error_is_retriable(failure))
		rd_kafka_error_destroy(failure);
	if (failure && (rd_kafka_error_txn_requires_abort(failure) ||
	                tide_kafka_client_code(sink_cause(sink, failure)) == TIDE_ERROR_REPLACED))
		return sink_fail(sink, failure, error);
	if (failure) {
		/* nobody knows whether it was committed: only a restart can ask (SPEC 3.4) */
		if (!sink_is_replaced(sink, error))
			tide_error_stop(error, TIDE_ERROR_RESTART,
			                "kafka: the outcome of a commit is unknown: %s",
			                rd_kafka_error_string(failure));
		rd_kafka_error_destroy(failure);
		return -1;
	}
	sink_forget(sink);
	return 0;
}

static void
sink_drop(struct tide_sink *base)
{
	sink_forget((struct kafka_sink *) base);
}

static void
sink_close(struct tide_sink *base)
{
	struct kafka_sink *sink = (struct kafka_sink *) base;

	sink_disconnect(sink);
	sink_forget(sink);
	free(sink);
}

int
tide_kafka_sink_open(const struct tide_kafka_sink_options *options, struct tide_sink **opened,
                     struct tide_error *error)
{
	static const struct tide_sink_ops ops = {sink_give, sink_commit, sink_close, sink_drop};
	struct kafka_sink *sink = calloc(1, sizeof *sink);

	TIDE_ASSERT(sink);
	sink->base.ops = &ops;
	sink->options = *options;
	sink->last = &sink->first;
	if (sink_connect(sink, error)) {
		sink_close(&sink->base);
		return -1;
	}
	*opened = &sink->base;
	return 0;
}

void
tide_kafka_sink_follow(struct tide_sink *base, const struct tide_source *source)
{
	((struct kafka_sink *) base)->source = source;
}
