#ifndef TIDE_APP_STATE_SNAPSHOT_H
#define TIDE_APP_STATE_SNAPSHOT_H
#include "consumer/source.h"
/*
 * The records of a snapshot (SPEC 3.1): one stream of bytes in pieces.
 *
 *  (1) The key of a record is "snapshot/<slot>/<index>", of two slots in turn; its value the
 *      version, the number of the snapshot, the index, a hash of the rest, and a piece of the
 *      stream. That consists of items: a letter, a length and so many bytes. 'E' is the last.
 *  (2) take is given the records of a partition in their order, and hands out each item once it is
 *      whole. Records of another snapshot are passed over. What is damaged, or missing, makes
 *      `failed` for good.
 */
struct tide_state_snapshot {
	int64_t wanted; /* its number; 0: none */
	uint64_t index; /* of the next piece */
	struct tide_buffer stream;
	bool ended, failed;
	uint64_t bytes;  /* of the stream, so far */
	int64_t time_ms; /* of the first piece, as Kafka says it; INT64_MIN: not said */
};

#define TIDE_STATE_SNAPSHOT_KEY 64

void tide_state_snapshot_key(int64_t number, uint64_t index, char key[TIDE_STATE_SNAPSHOT_KEY]);
void tide_state_snapshot_value(struct tide_buffer *value, int64_t number, uint64_t index,
                               struct tide_text piece);

/** cap: of one item and a piece. wanted may still be set before the first take. */
void tide_state_snapshot_init(struct tide_state_snapshot *snapshot, size_t cap);
void tide_state_snapshot_fini(struct tide_state_snapshot *snapshot);
/** each: false: the item is damaged. */
void tide_state_snapshot_take(struct tide_state_snapshot *snapshot,
                              const struct tide_record *record,
                              bool (*each)(void *closure, uint8_t kind, const uint8_t *bytes,
                                           size_t size),
                              void *closure);
/** After the last record: nothing was wanted, or all of it was there. */
bool tide_state_snapshot_is_whole(const struct tide_state_snapshot *snapshot);
#endif
