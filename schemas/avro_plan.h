#ifndef TIDE_SCHEMAS_AVRO_PLAN_H
#define TIDE_SCHEMAS_AVRO_PLAN_H
#include "base/error.h"
#include "schemas/mapping.h"
/*
 * The writer's Avro schema and a mapping, compiled to a flat list of steps.
 *
 *  (1) steps[0] is the record; a step's parts (fields, branches, items) follow it, and `next` is
 *      the index behind its last one: the first part of step i is i + 1, the one after part p is
 *      steps[p].next.
 *  (2) `kept`: a mapped path ends here, leads through here, or ends one level above. All else is
 *      walked over without a trace.
 *  (3) Named types are put in where they are used. A schema that contains itself, nests deeper
 *      than TIDE_NESTING_MAX (a union counts) or needs more than TIDE_AVRO_STEPS_MAX steps is
 *      refused, so that a walk is as deep as its plan and never deeper.
 *  (4) Each mapped path leads somewhere: a path that the schema cannot have is an error, which
 *      lists what stands there. What a map may hold is known only to its records.
 *  (5) The logical types timestamp-millis, -micros and -nanos say the unit of the mapped
 *      timestamp, whatever the mapping says. Other logical types are the type below them.
 * Source: Apache Avro 1.11 specification; the schema's JSON is checked by Avro C.
 */
#define TIDE_AVRO_STEPS_MAX 65536

enum tide_avro_kind {
	TIDE_AVRO_NULL,
	TIDE_AVRO_BOOLEAN,
	TIDE_AVRO_INT,
	TIDE_AVRO_LONG,
	TIDE_AVRO_FLOAT,
	TIDE_AVRO_DOUBLE,
	TIDE_AVRO_BYTES,
	TIDE_AVRO_STRING,
	TIDE_AVRO_FIXED,  /* `count` bytes */
	TIDE_AVRO_ENUM,   /* `count` symbols at `symbols` */
	TIDE_AVRO_RECORD, /* a part a field */
	TIDE_AVRO_UNION,  /* `count` parts, one of which is there */
	TIDE_AVRO_ARRAY,  /* one part: each item */
	TIDE_AVRO_MAP     /* one part: each value */
};

struct tide_avro_step {
	enum tide_avro_kind kind;
	bool kept;
	uint32_t next, count;
	struct tide_text name; /* of a field; empty elsewhere */
	const struct tide_text *symbols;
};

struct tide_avro_plan {
	const struct tide_avro_step *steps;
	uint32_t step_count;
	enum tide_time_unit unit; /* of the mapped timestamp (5) */
};

/** Compiles mapping->avro_schema. The plan borrows nothing from the mapping. Errors:
 *  TIDE_ERROR_CONFIG, TIDE_ERROR_MEMORY. */
int tide_avro_plan_new(const struct tide_mapping *mapping, struct tide_avro_plan **plan,
                       struct tide_error *error) TIDE_MUSTCHECK;
void tide_avro_plan_free(struct tide_avro_plan *plan);
#endif
