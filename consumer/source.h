#ifndef TIDE_CONSUMER_SOURCE_H
#define TIDE_CONSUMER_SOURCE_H
#include "base/error.h"
#include "base/text.h"
/*
 * Where records come from: files, Kafka live, Kafka over a bounded range, a script in a test.
 *
 *  (1) A source has queues, each one (role, partition) in offset order: role 0 predictions, 1
 *      labels, 2 partials. The list may change only in tide_source_poll (a rebalance), which then
 *      says so.
 *  (2) tide_source_take fills *batch with the next records of one queue: at most what the source
 *      likes to give at once. The records belong to the source and are good until the next take
 *      of the same queue. Bytes carry TIDE_SOURCE_PADDING readable bytes behind them.
 *  (3) `supply` says what an empty batch means: WAIT more is known to be there, ask again;
 *      DRAINED all that is known has been read (live); END there will never be more.
 *  (4) Errors: RETRY the same call again later; ABORT_TRANSACTION drop state and reopen; STOP.
 * Locality: the worker's thread.
 */
#define TIDE_SOURCE_PADDING 64
#define TIDE_PARTIALS       2 /* the role behind predictions and labels */
#define TIDE_SOURCE_ROLES   3

struct tide_record {
	const uint8_t *key, *value; /* value NULL: a tombstone */
	size_t key_size, value_size;
	int64_t offset;
	int64_t time_ms; /* Kafka record time; INT64_MIN: none */
	const void *headers; /* opaque; for tide_sink's dead letters of the same gate; or NULL */
	const char *damage;  /* files: the line is no record at all, and why; or NULL */
};

struct tide_batch {
	const struct tide_record *records;
	size_t count;
};

enum tide_supply { TIDE_SUPPLY_RECORDS, TIDE_SUPPLY_WAIT, TIDE_SUPPLY_DRAINED, TIDE_SUPPLY_END };

struct tide_queue {
	int role;
	int32_t partition;
	int32_t partition_count; /* of the topic, when it was assigned; files: 1 */
	const char *topic;       /* topic, or file name: for messages and dead letters */
	int64_t start_offset;    /* first offset that will be read */
	const char *metadata;    /* text of the group's last commit (SPEC 3.1), or "" */
};

struct tide_source;

struct tide_source_ops {
	/** Lets the world move (rebalance, connection); waits at most wait_ms. *changed: the queue list
	 *  is new; everything read before belongs to the past. */
	int (*poll)(struct tide_source *source, int wait_ms, bool *changed, struct tide_error *error);
	size_t (*queues)(struct tide_source *source, const struct tide_queue **queues);
	int (*take)(struct tide_source *source, size_t queue, struct tide_batch *batch,
	            enum tide_supply *supply, struct tide_error *error);
	/** Share of the bounded input that has been taken, in [0,1]; NaN where it has no end. */
	double (*progress)(struct tide_source *source);
	void (*close)(struct tide_source *source);
};

struct tide_source {
	const struct tide_source_ops *ops;
};
#endif
