#ifndef TIDE_SCHEMAS_AVRO_ENCODE_H
#define TIDE_SCHEMAS_AVRO_ENCODE_H
#include "base/error.h"
#include "base/text.h"
/*
 * A JSON document to one Avro binary datum of a schema: results and alerts are written as JSON,
 * which is their one form, and put into Avro from there.
 *
 *  (1) The bytes are the datum alone: no schema, no frame. Readers have the schema's file.
 *  (2) Each member has its field and each value its type, or it is TIDE_ERROR_BUG with the path to
 *      it: a document never loses a part on the way. An absent member is null.
 *  (3) Of a union the first branch that the value fits is taken; a number without a fraction
 *      fits long before double. Members of a map and items keep their order, in one block.
 *  (4) NaN and Inf cannot occur, for JSON has none.
 * Cost: O(bytes); allocates. Not for the hot path.
 */
struct tide_avro_encoder;

/** `schema` is the text of a schema (schemas/avro_schema.h). Errors: TIDE_ERROR_CONFIG, _MEMORY. */
int tide_avro_encode_new(const char *schema, struct tide_avro_encoder **encoder,
                         struct tide_error *error) TIDE_MUSTCHECK;
void tide_avro_encode_free(struct tide_avro_encoder *encoder);

/** Adds the datum to *out. Errors: TIDE_ERROR_BUG (2), TIDE_ERROR_MEMORY (out->failed). */
int tide_avro_encode(const struct tide_avro_encoder *encoder, struct tide_text json,
                     struct tide_buffer *out, struct tide_error *error) TIDE_MUSTCHECK;
#endif
