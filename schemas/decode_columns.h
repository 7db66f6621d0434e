#ifndef TIDE_SCHEMAS_DECODE_COLUMNS_H
#define TIDE_SCHEMAS_DECODE_COLUMNS_H
#include "schemas/mapping.h"
/*
 * The columns of the record at hand: its features, and its scores as `$score` or `$score:CLASS`.
 *
 *  (1) A column stands there once: the first of several values counts.
 *  (2) Past TIDE_COLUMNS_MAX columns a value is left out, and counted by struct tide_columns.
 */
struct tide_decode_row {
	struct tide_columns *columns;
	struct tide_value values[TIDE_COLUMNS_MAX];
	size_t count;
	uint32_t order[TIDE_COLUMNS_MAX]; /* the column of the nth value, last time */
	uint64_t seen[TIDE_COLUMNS_MAX];  /* the record that had the column last */
	uint64_t record;
	struct tide_buffer name; /* of a score's column; the owner starts and ends it */
	bool lost;               /* for want of memory a score has been left out */
};

/** Ends the record before and begins the next one. */
void tide_decode_columns_start(struct tide_decode_row *row);
void tide_decode_columns_put(struct tide_decode_row *row, struct tide_text name,
                             struct tide_value value);
/** A column each for the scores that the event has. */
void tide_decode_columns_scores(struct tide_decode_row *row, const struct tide_event *event);
#endif
