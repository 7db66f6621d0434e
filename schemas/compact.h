#ifndef TIDE_SCHEMAS_COMPACT_H
#define TIDE_SCHEMAS_COMPACT_H
#include "schemas/json.h"
#include "schemas/mapping.h"
/*
 * A record of JSON without the members of its outermost object with which no path of the mapping
 * begins.
 *
 *  (1) What is left stands in its order, duplicates too, numbers as they were spelled: a decoder of
 *      this mapping makes the same event of either record (schemas/mapping.h (1)).
 *  (2) Members within members are never left out.
 * Cost: O(bytes + members x paths).
 */
/** Puts the record whose object is nodes[0]. */
void tide_compact(const struct tide_mapping *mapping, const struct tide_json_node *nodes,
                  struct tide_buffer *out);
#endif
