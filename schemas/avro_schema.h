#ifndef TIDE_SCHEMAS_AVRO_SCHEMA_H
#define TIDE_SCHEMAS_AVRO_SCHEMA_H
/*
 * The schemas that ship (SPEC 4.6), compiled into the program from schemas/<name>.avsc.
 *
 *  (1) result and alert are what tidemark writes, dead_letter what a file of dead letters holds;
 *      prediction and label are shapes to begin with: `map` says where things stand.
 *  (2) The list ends with a NULL name. `text` is the file, byte for byte, 0-terminated.
 */
struct tide_avro_schema {
	const char *name, *text;
};

extern const struct tide_avro_schema tide_avro_schema[];
#endif
