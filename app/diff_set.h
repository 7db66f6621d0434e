#ifndef TIDE_APP_DIFF_SET_H
#define TIDE_APP_DIFF_SET_H
#include "base/error.h"
#include "base/text.h"
/*
 * Results and alerts, each once, in the order of their keys.
 *
 *  (1) A result is known by side, name, model, model_version, segment, window_start and part; an
 *      alert by alert_id, state, severity and window_start (SPEC 4.2, 4.4). Of equal keys the
 *      largest revision stays, and of equal revisions the last one, as in a compacted topic; with
 *      `all_revisions` the revision is part of the key.
 *  (2) How `input` records are cut depends on the partitioning: unless `inputs`, their counts are
 *      added up into one record a name.
 *  (3) Records are kept as they came, in at most cap_bytes for the set and those that share `held`:
 *      TIDE_ERROR_MEMORY beyond.
 */
enum tide_diff_kind {
	TIDE_DIFF_PREDICTION,
	TIDE_DIFF_LABEL,
	TIDE_DIFF_INPUT,
	TIDE_DIFF_TOTALS,
	TIDE_DIFF_ALERT,
	TIDE_DIFF_KINDS
};
extern const char *const tide_diff_set_kinds[TIDE_DIFF_KINDS];

struct tide_diff_record {
	enum tide_diff_kind kind;
	struct tide_text key; /* a JSON array; ends with a 0 byte */
	int64_t revision;
	size_t order; /* of adding */
	struct tide_text value;
};

struct tide_diff_options {
	bool all_revisions, inputs;
	size_t cap_bytes;
};

struct tide_diff_set {
	const struct tide_diff_options *options;
	size_t *held_bytes;
	struct tide_diff_record *records;
	size_t count, room;
};

/** A set that is all zero but options and held_bytes is empty. The bytes are copied. Bytes that are
 *  no result and no alert are TIDE_ERROR_DATA, which does not say where they stood. */
int tide_diff_set_add(struct tide_diff_set *set, struct tide_text value,
                      struct tide_error *error) TIDE_MUSTCHECK;
/** Everything has been added: (1), (2). */
int tide_diff_set_sort(struct tide_diff_set *set, struct tide_error *error) TIDE_MUSTCHECK;
/** The key for people: ` label model=fraud window_start=2026-03-01`, without what is null or {}. */
void tide_diff_set_print(const struct tide_diff_record *record, struct tide_buffer *buffer);
void tide_diff_set_free(struct tide_diff_set *set);
#endif
