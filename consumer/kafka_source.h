#ifndef TIDE_CONSUMER_KAFKA_SOURCE_H
#define TIDE_CONSUMER_KAFKA_SOURCE_H
#include "base/error.h"
#include "consumer/source.h"
/*
 * Records from Kafka: live as a member of a group, or over a range that was fixed at open.
 *
 *  (1) Live: queues come and go in poll, with start_offset resolved from the group's committed
 *      offsets, else by `start` (partials: from the earliest). `metadata` is what was committed
 *      with them. `start_at` may then say another offset; what is read from must be in the log.
 *  (2) Bounded: no group; all or the chosen partitions, [start, end) captured once; each queue ends
 *      with END.
 *  (3) Only committed records are seen. An offset is given at most once for an assignment.
 *  (4) Before partitions are taken away `revoke` is called, if they are still ours, with the old
 *      queues in place: the time for one last commit. close calls it not. Where they are not ours
 *      any more and another one has our instance, poll fails: TIDE_ERROR_REPLACED.
 *  (5) header pointers of records are good for the Kafka sink of this process, until the next take.
 */
enum tide_kafka_start {
	TIDE_KAFKA_LATEST,
	TIDE_KAFKA_EARLIEST,
	TIDE_KAFKA_AT,
	TIDE_KAFKA_TAIL,
	TIDE_KAFKA_PLACES /* bounded only */
};

/** An offset of each partition, by itself: behind its first, behind its end (by <= 0), or the same
 *  in all; what lies outside of [first, end] is the nearer of them. */
enum tide_kafka_anchor { TIDE_KAFKA_FIRST, TIDE_KAFKA_END, TIDE_KAFKA_OFFSET };

struct tide_kafka_place {
	enum tide_kafka_anchor anchor;
	int64_t by;
};

struct tide_kafka_options {
	const char *const *properties; /* "key=value", NULL-ended; bootstrap.servers among them */
	const char *group, *instance;  /* live only; instance: static membership, or NULL */
	const char *predictions_topic, *labels_topic, *partials_topic; /* NULL: none; one at least */
	enum tide_kafka_start start;
	int64_t start_ms[2]; /* TIDE_KAFKA_AT: first record time wanted, a role */
	struct tide_kafka_place from[2], until[2]; /* TIDE_KAFKA_PLACES, a role */
	int64_t tail_count;  /* TIDE_KAFKA_TAIL: so many offsets before the end of each partition */
	/** Live, at an assignment: where a queue is read from, start_offset and metadata being those of
	 *  (1). NULL: from start_offset. */
	int64_t (*start_at)(void *context, const struct tide_queue *queue);
	bool bounded;
	const int32_t *partitions; /* bounded: those of each topic that are read */
	size_t partitions_count;   /* 0: all */
	int64_t end_ms;     /* bounded: first record time not wanted; INT64_MAX: what is there at open */
	int64_t resolve_ms; /* patience at an assignment; 0: two minutes */
	void (*revoke)(void *context); /* or NULL */
	void *context;                 /* of start_at and revoke */
};

/** Strings are copied; *source is closed by its ops. */
int tide_kafka_source_open(const struct tide_kafka_options *options, struct tide_source **source,
                           struct tide_error *error);
/** The topic of a role, or NULL. */
const char *tide_kafka_source_topic(const struct tide_source *source, int role);
bool tide_kafka_source_has_group(const struct tide_source *source);
/** The membership as it was right after the assignment, in the client library's private form; NULL
 *  when there is none or it has been lost: then nothing of this assignment may be committed. */
const void *tide_kafka_source_membership(const struct tide_source *source, size_t *size);
/** -1 and TIDE_ERROR_REPLACED: a member of the group that is not us has our instance by now, so
 *  nothing may be joined, fenced or committed any more. 0: nobody has, nobody knows, or there is no
 *  instance. Asks the broker, which takes at most five seconds. */
int tide_kafka_source_replaced(const struct tide_source *source, struct tide_error *error);
/** A header of a record of a Kafka source; false: it has none of this name. Good as long as (5). */
bool tide_kafka_source_header(const struct tide_record *record, const char *name,
                              struct tide_text *value);
#endif
