#ifndef TIDE_SCHEMAS_EVENT_H
#define TIDE_SCHEMAS_EVENT_H
#include "base/hash.h"
#include "base/text.h"
/*
 * One record of the world as the rest of the house sees it: a prediction or a label.
 *
 *  (1) An event borrows: texts point into the record's bytes or the decoder's scratch and are good
 *      until the decoder is asked for the next event of the same queue.
 *  (2) Times are int64 milliseconds since the epoch, UTC. TIDE_NO_TIME says none.
 *  (3) `poison` is NULL or the stable reason code of SPEC 3.8; then only partition, offset,
 *      record_ms (and `field`, the mapped word that was wrong) mean anything.
 *  (4) `values` lists the columns that the record has, in any order, each column at most once:
 *      null counts as there, absent columns are not in the list.
 */
#define TIDE_NO_TIME INT64_MIN

enum tide_role { TIDE_PREDICTIONS, TIDE_LABELS };

enum tide_value_kind {
	TIDE_VALUE_NULL,      /* null, or absent where a place is fixed */
	TIDE_VALUE_NUMBER,    /* finite `number`; `text` is its spelling, of no use but for integers */
	TIDE_VALUE_NONFINITE, /* a number that is NaN or +-Inf (Avro), or beyond a double (JSON) */
	TIDE_VALUE_TEXT,      /* `text`, UTF-8 */
	TIDE_VALUE_BOOLEAN,   /* `number` 0 or 1, `text` "false" or "true" */
	TIDE_VALUE_OTHER      /* an array or an object: no column takes it */
};

struct tide_value {
	enum tide_value_kind kind;
	uint32_t column; /* index in struct tide_columns; only in `values` */
	double number;
	struct tide_text text;
};

struct tide_event {
	enum tide_role role;
	int32_t partition;
	int64_t offset;    /* in its partition; files count records from 0 */
	int64_t record_ms; /* the record's own Kafka time, or TIDE_NO_TIME */
	int64_t time_ms;   /* event time */
	const char *poison, *field;
	struct tide_text id;         /* canonical: list ids joined by U+001F */
	struct tide_hash key;        /* keyed hash of id */
	struct tide_text model;      /* empty: not mapped or, on a label, absent */
	struct tide_text version;    /* empty: not mapped or absent */
	struct tide_value prediction; /* predictions */
	struct tide_value target;     /* labels, reference records */
	struct tide_value score;      /* predictions: P(positive); NULL kind: none */
	const double *scores;        /* multiclass: one a class of `classes`, NaN where absent; or NULL */
	const struct tide_text *classes;
	size_t score_count;
	double weight;    /* 1 unless mapped */
	double latency_ms, cpu, memory; /* NaN: none */
	bool error;       /* the prediction failed (mapped `error` true, non-empty, or >= 400) */
	const struct tide_value *values; /* features and other columns (4) */
	size_t value_count;
	const struct tide_value *fields; /* mapping->fields in their order: business, segments … */
	size_t field_count;
};

/** An event of nothing yet: only partition, offset and record_ms stay. */
void tide_event_init(struct tide_event *event, enum tide_role role);

/** The canonical text of a value (SPEC 5.3, 4.3): numbers in shortest form, "true"/"false", text as
 *  it is. Empty for null and other. `room` is used for numbers. */
struct tide_text tide_event_value_text(const struct tide_value *value,
                                       char room[TIDE_TEXT_NUMBER_SIZE]);
#endif
