#ifndef TIDE_SCHEMAS_JSON_H
#define TIDE_SCHEMAS_JSON_H
#include "base/text.h"
/*
 * One JSON object of the world as a flat list of nodes, wholly checked.
 *
 *  (1) nodes[0] is the object; a node's members follow it, and `next` is the index behind its last
 *      one: the first member of node i is i + 1, the one after member m is nodes[m].next.
 *  (2) Every byte is checked: UTF-8, grammar, escapes, nothing behind the object. Duplicate keys
 *      are kept in their order.
 *  (3) Texts are unescaped; they and the nodes are good until the next tide_json_parse. Numbers
 *      borrow their spelling from `bytes`.
 *  (4) Limits: TIDE_RECORD_BYTES_MAX, TIDE_TEXT_BYTES_MAX (names too), TIDE_NESTING_MAX levels with
 *      the object itself as the first, TIDE_JSON_NODES_MAX values.
 * Cost: O(bytes), no allocation after tide_json_new. Locality: one thread a parser.
 */
#define TIDE_JSON_NODES_MAX 65536
#define TIDE_JSON_PADDING 64 /* readable bytes behind the record */

enum tide_json_kind {
	TIDE_JSON_NULL,
	TIDE_JSON_NUMBER,
	TIDE_JSON_HUGE, /* beyond the range of a double: `number` is Inf, with its sign (Avro: or NaN) */
	TIDE_JSON_TEXT,
	TIDE_JSON_BOOLEAN,
	TIDE_JSON_ARRAY,
	TIDE_JSON_OBJECT
};

struct tide_json_node {
	struct tide_text key;  /* empty for elements of arrays */
	struct tide_text text; /* the text, or a number or boolean as spelled */
	double number;         /* numbers; booleans 0 or 1 */
	uint32_t next;
	enum tide_json_kind kind;
};

struct tide_json;

#ifdef __cplusplus
extern "C" {
#endif
struct tide_json *tide_json_new(void); /* NULL: out of memory */
void tide_json_free(struct tide_json *json);

/** NULL and *nodes, or the stable reason code why the bytes are not such an object. */
const char *tide_json_parse(struct tide_json *json, const uint8_t *bytes, size_t size,
                            const struct tide_json_node **nodes);
bool tide_json_is_utf8(struct tide_text text);
#ifdef __cplusplus
}
#endif
#endif
