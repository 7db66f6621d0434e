#ifndef TIDE_BASE_BYTES_H
#define TIDE_BASE_BYTES_H
#include "base/sum.h"
#include "base/text.h"
/*
 * Numbers and texts as bytes, and back: what crosses processes and restarts.
 *
 *  (1) The same value gives the same bytes on every host. A number is LEB128, a signed one zigzag
 *      before that, a double its eight bytes from the least, a text its length + 1 and its bytes
 *      (0: bytes NULL).
 *  (2) A reader never leaves its bytes. What is not there, or is no value, makes it `bad` for good,
 *      and gives zeros from then on: a loader looks once, at the end, or before it trusts a count.
 *  (3) A sum takes the bytes between its lowest and its highest one that say something: 10 to 20
 *      for most. Counts take two bytes or so for each that is not zero.
 *
 * Matches: LEB128 as DWARF has it, zigzag as Protocol Buffers have it.
 */
struct tide_reader {
	const uint8_t *at, *end;
	bool bad;
};

void tide_bytes_put_number(struct tide_buffer *out, uint64_t number);
void tide_bytes_put_signed(struct tide_buffer *out, int64_t number);
/** Eight bytes always: for hashes. */
void tide_bytes_put_word(struct tide_buffer *out, uint64_t word);
void tide_bytes_put_double(struct tide_buffer *out, double number);
void tide_bytes_put_text(struct tide_buffer *out, struct tide_text text);
void tide_bytes_put_sum(struct tide_buffer *out, const struct tide_sum *sum);
/** `count` counts, of which many are zero; the reader must know how many there are. */
void tide_bytes_put_counts(struct tide_buffer *out, const uint64_t *counts, size_t count);

uint64_t tide_bytes_number(struct tide_reader *in);
int64_t tide_bytes_signed(struct tide_reader *in);
uint64_t tide_bytes_word(struct tide_reader *in);
double tide_bytes_double(struct tide_reader *in);
/** It borrows from the bytes. */
struct tide_text tide_bytes_text(struct tide_reader *in);
/** Adds to the sum what the bytes say. */
void tide_bytes_sum(struct tide_reader *in, struct tide_sum *sum);
/** Adds to each of the counts what the bytes say. */
void tide_bytes_counts(struct tide_reader *in, uint64_t *counts, size_t count);
/** How many things of at least so many bytes follow: bad where the bytes left have no room for
 *  them. So a count that was read can be asked for, and counted to. */
uint64_t tide_bytes_count(struct tide_reader *in, size_t least_bytes);
#endif
