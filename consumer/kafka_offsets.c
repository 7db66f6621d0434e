#include "consumer/kafka_offsets.h"
#include "base/log.h"
#include "consumer/kafka_client.h"
#include <librdkafka/rdkafka.h>
#include <string.h>
#include <time.h>

#define OFFSETS_CALL_MS 10000

static int64_t
offsets_give_up(const struct tide_kafka_options *options)
{
	return tide_kafka_client_now_ms() + (options->resolve_ms ? options->resolve_ms : 120000);
}

/* False: waiting does not help any more. */
static bool
offsets_pause(rd_kafka_resp_err_t err, int64_t give_up)
{
	struct timespec pause = {.tv_nsec = 100000000};

	if (tide_kafka_client_code(err) == TIDE_ERROR_PERMISSION ||
	    tide_kafka_client_now_ms() >= give_up)
		return false;
	nanosleep(&pause, NULL);
	return true;
}

/* What we were given is there: a broker that comes or goes may not know it. */
static enum tide_error_code
offsets_code(rd_kafka_resp_err_t err)
{
	enum tide_error_code code = tide_kafka_client_code(err);

	return code == TIDE_ERROR_NO_INPUT ? TIDE_ERROR_RESTART : code;
}

/* One partition carrying an error (an open transaction of a predecessor) makes the whole answer
 * unusable: an offset that is not known yet looks like one that was never committed. */
int
tide_kafka_offsets_committed(void *client, void *list_opaque, int64_t give_up,
                             struct tide_error *error)
{
	rd_kafka_topic_partition_list_t *list = list_opaque;

	for (;;) {
		rd_kafka_resp_err_t err = rd_kafka_committed(client, list, OFFSETS_CALL_MS);
		const rd_kafka_topic_partition_t *bad = NULL;

		for (int i = 0; !err && i < list->cnt && !bad; i++)
			bad = list->elems[i].err ? &list->elems[i] : NULL;
		if (!err && !bad)
			return 0;
		err = bad ? bad->err : err;
		if (!offsets_pause(err, give_up))
			return tide_error_stop(
			    error, offsets_code(err),
			    "kafka: committed offsets of %s[%d] are not to be had (%s); if this stays, a "
			    "transaction hangs: kafka-transactions.sh find-hanging, then abort",
			    bad ? bad->topic : "the group", bad ? (int) bad->partition : -1,
			    rd_kafka_err2str(err));
	}
}

int
tide_kafka_offsets_edges(void *client, const void *partition, int64_t give_up, int64_t *low,
                         int64_t *high, struct tide_error *error)
{
	const rd_kafka_topic_partition_t *at = partition;
	rd_kafka_resp_err_t err;

	do {
		err = rd_kafka_query_watermark_offsets(client, at->topic, at->partition, low, high,
		                                       OFFSETS_CALL_MS);
		if (!err)
			return 0;
	} while (offsets_pause(err, give_up));
	return tide_error_stop(error, offsets_code(err), "kafka: %s[%d]: first and last offset: %s",
	                       at->topic, (int) at->partition, rd_kafka_err2str(err));
}

/* The first offset with a record time >= time_ms; `otherwise` where no such record is. */
static int
offsets_at_time(rd_kafka_t *client, const rd_kafka_topic_partition_t *at, int64_t give_up,
                int64_t time_ms, int64_t otherwise, int64_t *offset, struct tide_error *error)
{
	rd_kafka_topic_partition_list_t *one = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_t *answer =
	    rd_kafka_topic_partition_list_add(one, at->topic, at->partition);
	rd_kafka_resp_err_t err;

	do {
		answer->offset = time_ms < 0 ? 0 : time_ms;
		err = rd_kafka_offsets_for_times(client, one, OFFSETS_CALL_MS);
		err = err ? err : answer->err;
	} while (err && offsets_pause(err, give_up));
	*offset = answer->offset >= 0 ? answer->offset : otherwise;
	rd_kafka_topic_partition_list_destroy(one);
	if (err)
		return tide_error_stop(error, offsets_code(err),
		                       "kafka: %s[%d]: offset at a time: %s", at->topic,
		                       (int) at->partition, rd_kafka_err2str(err));
	return 0;
}

static int64_t
offsets_place(const rd_kafka_topic_partition_t *at, const struct tide_kafka_place *place,
              int64_t low, int64_t high)
{
	int64_t by = place->by, offset = place->anchor == TIDE_KAFKA_OFFSET ? by : low;

	if (place->anchor == TIDE_KAFKA_FIRST)
		offset = by > high - low ? high : low + by;
	if (place->anchor == TIDE_KAFKA_END)
		offset = by < low - high ? low : high + by;
	if (place->anchor == TIDE_KAFKA_OFFSET && offset < low)
		tide_log(TIDE_LOG_WARN, "consumer", "%s[%d]: offset %lld is gone, the first is %lld",
		         at->topic, (int) at->partition, (long long) offset, (long long) low);
	return offset < low ? low : offset > high ? high : offset;
}

static bool
offsets_is_of(const rd_kafka_topic_partition_t *at, const char *topic)
{
	return topic && strcmp(at->topic, topic) == 0;
}

/* Partials are state as much as input: what was written before us is not passed over. */
static int
offsets_start(rd_kafka_t *client, rd_kafka_topic_partition_t *at,
              const struct tide_kafka_options *options, int64_t give_up, int64_t low, int64_t high,
              struct tide_error *error)
{
	int role = offsets_is_of(at, options->predictions_topic) ? 0 : 1;
	enum tide_kafka_start start =
	    offsets_is_of(at, options->partials_topic) ? TIDE_KAFKA_EARLIEST : options->start;
	int64_t offset = start == TIDE_KAFKA_LATEST ? high : low;

	if (start == TIDE_KAFKA_TAIL && high - low > options->tail_count)
		offset = high - options->tail_count;
	if (start == TIDE_KAFKA_AT &&
	    offsets_at_time(client, at, give_up, options->start_ms[role], high, &offset, error))
		return -1;
	if (options->start == TIDE_KAFKA_PLACES)
		offset = offsets_place(at, &options->from[role], low, high);
	at->offset = offset;
	return 0;
}

int
tide_kafka_offsets_resume(void *client, void *list_opaque, const struct tide_kafka_options *options,
                          struct tide_error *error)
{
	rd_kafka_topic_partition_list_t *list = list_opaque;
	int64_t give_up = offsets_give_up(options);

	if (list->cnt == 0)
		return 0;
	if (tide_kafka_offsets_committed(client, list, give_up, error))
		return -1;
	for (int i = 0; i < list->cnt; i++) {
		rd_kafka_topic_partition_t *at = &list->elems[i];
		int64_t low, high;

		if (at->offset >= 0)
			continue;
		if (tide_kafka_offsets_edges(client, at, give_up, &low, &high, error) ||
		    offsets_start(client, at, options, give_up, low, high, error))
			return -1;
		tide_log(TIDE_LOG_INFO, "consumer", "%s[%d]: the group has committed nothing yet",
		         at->topic, (int) at->partition);
	}
	return 0;
}

/* Which of the two it is decides what a person must do. */
static int
offsets_refuse(const rd_kafka_topic_partition_t *at, int64_t low, int64_t high,
               struct tide_error *error)
{
	if (at->offset < low)
		return tide_error_stop(
		    error, TIDE_ERROR_DATA,
		    "kafka: %s[%d]: to be read from offset %lld, but the topic holds [%lld,%lld): its "
		    "retention has deleted what was not yet read; set retention.ms to more than a "
		    "rewind needs (tidemark check --broker says it), and start with a new group.id",
		    at->topic, (int) at->partition, (long long) at->offset, (long long) low,
		    (long long) high);
	return tide_error_stop(
	    error, TIDE_ERROR_DATA,
	    "kafka: %s[%d]: to be read from offset %lld, but the topic ends at %lld: it was made anew "
	    "or cut off (an unclean leader election), so what this group remembers is of another "
	    "log; start with a new group.id",
	    at->topic, (int) at->partition, (long long) at->offset, (long long) high);
}

int
tide_kafka_offsets_check(void *client, const void *list_opaque,
                         const struct tide_kafka_options *options, struct tide_error *error)
{
	const rd_kafka_topic_partition_list_t *list = list_opaque;
	int64_t give_up = offsets_give_up(options);

	for (int i = 0; i < list->cnt; i++) {
		const rd_kafka_topic_partition_t *at = &list->elems[i];
		int64_t low, high;

		if (tide_kafka_offsets_edges(client, at, give_up, &low, &high, error))
			return -1;
		if (at->offset < low || at->offset > high)
			return offsets_refuse(at, low, high, error);
		tide_log(TIDE_LOG_INFO, "consumer", "%s[%d]: reading from offset %lld", at->topic,
		         (int) at->partition, (long long) at->offset);
	}
	return 0;
}

int
tide_kafka_offsets_range(void *client, void *list_opaque, const struct tide_kafka_options *options,
                         int64_t *ends, struct tide_error *error)
{
	rd_kafka_topic_partition_list_t *list = list_opaque;
	int64_t give_up = offsets_give_up(options);

	for (int i = 0; i < list->cnt; i++) {
		rd_kafka_topic_partition_t *at = &list->elems[i];
		int64_t low, high;

		if (tide_kafka_offsets_edges(client, at, give_up, &low, &high, error) ||
		    offsets_start(client, at, options, give_up, low, high, error))
			return -1;
		ends[i] = high;
		if (options->start == TIDE_KAFKA_PLACES)
			ends[i] = offsets_place(
			    at, &options->until[offsets_is_of(at, options->predictions_topic) ? 0 : 1],
			    low, high);
		if (options->end_ms != INT64_MAX &&
		    offsets_at_time(client, at, give_up, options->end_ms, high, &ends[i], error))
			return -1;
	}
	return 0;
}
