#ifndef TIDE_SCHEMAS_AVRO_WALK_H
#define TIDE_SCHEMAS_AVRO_WALK_H
#include "schemas/avro_plan.h"
#include "schemas/json.h"
/*
 * One Avro binary datum of the world as the same flat list of nodes that JSON gives, so that all
 * that follows (schemas/decode.h) is one code and one meaning.
 *
 *  (1) Only the kept steps of the plan leave nodes. Records and maps are objects, enums are texts,
 *      a union is what was chosen in it.
 *  (2) Integers are numbers with their decimal spelling; floats have an empty text. NaN and Inf are
 *      TIDE_JSON_HUGE.
 *  (3) bytes and fixed are texts where they are UTF-8, else TIDE_JSON_ARRAY without members: no
 *      word and no column takes them. A kept string or key that is not UTF-8 is "not_utf8".
 *  (4) Every length is held against the bytes that are left, every index against its table, every
 *      block against its own size; each value of the datum, kept or not, counts against
 *      TIDE_JSON_NODES_MAX ("too_large"). What is no datum of the schema, or is followed by
 *      more bytes, is "not_avro".
 *  (5) `framed`: a zero byte and a four-byte schema id stand before the datum ("no_frame"); the id
 *      is not looked at.
 * Cost: O(bytes), no allocation after tide_avro_walk_new. Locality: one thread a walk.
 */
struct tide_avro_walk;

/** `plan` outlives the walk. NULL: out of memory. */
struct tide_avro_walk *tide_avro_walk_new(const struct tide_avro_plan *plan, bool framed);
void tide_avro_walk_free(struct tide_avro_walk *walk);

/** NULL and *nodes, or the stable reason code why the bytes are no such datum. */
const char *tide_avro_walk_parse(struct tide_avro_walk *walk, const uint8_t *bytes, size_t size,
                                 const struct tide_json_node **nodes);
#endif
