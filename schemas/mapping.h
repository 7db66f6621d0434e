#ifndef TIDE_SCHEMAS_MAPPING_H
#define TIDE_SCHEMAS_MAPPING_H
#include "base/error.h"
#include "schemas/event.h"
/*
 * Where in a record the words of the house stand (SPEC 5.1, 8.2-8.4), and the names of the columns.
 *
 *  (1) A path is dotted: "features.amount" is the member amount of the member features. A member
 *      whose own name holds the dots is found first as one name.
 *  (2) A mapping is filled by app/config.c, owned by it, and only read here.
 *  (3) `features` names an object whose members are the columns, or, as a list of paths in
 *      `column_paths`, the columns themselves (named by their whole path).
 */
enum tide_time_unit { TIDE_TIME_MS, TIDE_TIME_S, TIDE_TIME_US, TIDE_TIME_NS, TIDE_TIME_RFC3339 };
enum tide_format { TIDE_FORMAT_JSON, TIDE_FORMAT_AVRO };
enum tide_problem {
	TIDE_PROBLEM_NONE,
	TIDE_PROBLEM_BINARY,
	TIDE_PROBLEM_MULTICLASS,
	TIDE_PROBLEM_REGRESSION
};

#define TIDE_ID_PARTS_MAX 8
#define TIDE_FIELDS_MAX 64
#define TIDE_COLUMNS_MAX 4096 /* hard limit on columns a process knows */
#define TIDE_RECORD_BYTES_MAX (1u << 20)
#define TIDE_TEXT_BYTES_MAX (64u << 10) /* longest string that is kept */
#define TIDE_ID_BYTES_MAX 256
#define TIDE_NESTING_MAX 32

struct tide_mapping {
	enum tide_role role;
	enum tide_format format;
	const char *avro_schema; /* text of the writer's schema (format avro), or NULL */
	bool confluent_frame;    /* avro: skip 00 + four bytes */
	const char *id[TIDE_ID_PARTS_MAX];
	size_t id_count;
	const char *timestamp; /* NULL: the record's own Kafka time (SPEC 1.5) */
	enum tide_time_unit unit;
	const char *model, *version, *prediction, *proba, *target; /* or NULL */
	const char *latency, *error, *cpu, *memory, *weight;            /* or NULL */
	const char *model_name; /* constant used when `model` is NULL; or NULL */
	const char *features;   /* path of the object, or NULL */
	const char **column_paths;
	size_t column_path_count;
	const char *fields[TIDE_FIELDS_MAX]; /* paths: business, outcome, segment */
	size_t field_count;
	bool proba_is_classes; /* proba: {class: p} object */
	const char **classes;  /* proba: array with classes; also the fixed order of score columns */
	size_t class_count;
	enum tide_problem problem;
	uint64_t seed; /* of the id hash (SPEC 3.6) */
};

/*
 * Names of feature columns, interned in the order met; index is stable for the process. Past
 * TIDE_COLUMNS_MAX a new name gets no index and is counted.
 */
struct tide_columns;

struct tide_columns *tide_mapping_columns_new(void); /* NULL: out of memory */
void tide_mapping_columns_free(struct tide_columns *columns);
#define TIDE_NO_COLUMN UINT32_MAX
/** The index of a name, added if new; TIDE_NO_COLUMN when full or out of memory. `hint` is tried
 *  first (the column that followed last time). */
uint32_t tide_mapping_column(struct tide_columns *columns, struct tide_text name, uint32_t hint);
struct tide_text tide_mapping_column_name(const struct tide_columns *columns, uint32_t column);
size_t tide_mapping_column_count(const struct tide_columns *columns);
/** How often a new name got no index. */
uint64_t tide_mapping_columns_refused(const struct tide_columns *columns);
/** Whether a name got none for want of memory. */
bool tide_mapping_columns_lost(const struct tide_columns *columns);
#endif
