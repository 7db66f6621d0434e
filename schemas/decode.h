#ifndef TIDE_SCHEMAS_DECODE_H
#define TIDE_SCHEMAS_DECODE_H
#include "base/error.h"
#include "schemas/mapping.h"
/*
 * Bytes of one record to one event.
 *
 *  (1) Bad bytes are no error: the event's `poison` names the reason (SPEC 3.8), `field` the mapped
 *      word; nothing of the record is used. Reasons are the stable codes of tide_decode_reasons.
 *  (2) `bytes` has TIDE_DECODE_PADDING readable bytes behind `size` (their content is free).
 *  (3) The event borrows from bytes and from the decoder until its next call: one decoder a queue.
 *  (4) A feature that has the wrong type is in `values` with the kind it had; it poisons nothing.
 *  (5) Limits of schemas/mapping.h hold: a longer string, a deeper nesting, a larger record poison.
 * Cost: no allocation once warm. Locality: one thread a decoder.
 */
#define TIDE_DECODE_PADDING 64

struct tide_decoder;
struct tide_json_node;

/** Compiles a mapping (and its Avro schema). Errors: TIDE_ERROR_CONFIG with the field and the
 *  schema's own words. `mapping` and `columns` outlive the decoder. */
int tide_decode_new(const struct tide_mapping *mapping, struct tide_columns *columns,
                    struct tide_decoder **decoder, struct tide_error *error) TIDE_MUSTCHECK;
void tide_decode_free(struct tide_decoder *decoder);

/** Decodes one record into *event; role, id, key, time … are set, partition, offset and record_ms
 *  are the caller's and stay. record_ms is used as event time where no timestamp is mapped. */
void tide_decode(struct tide_decoder *decoder, const uint8_t *bytes, size_t size,
                 struct tide_event *event);

/** Whether a name found no memory: from then on columns or classes are missing in events, and what
 *  is made of them is not the answer. */
bool tide_decode_lost(const struct tide_decoder *decoder);

/** The nodes of the good record that was decoded last, until the next; NULL: it is not JSON. */
const struct tide_json_node *tide_decode_json(const struct tide_decoder *decoder);

/** NULL-ended list of every poison reason code, with a sentence each at the same index. */
extern const char *const tide_decode_reasons[];
extern const char *const tide_decode_reasons_text[];
#endif
